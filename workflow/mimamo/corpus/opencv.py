"""OpenCV, told to keep its notes to itself: they name neither the file nor what to do."""

from __future__ import annotations

import os

# Read once, when OpenCV is loaded or first opens a video. Somebody who wants the notes sets the variables.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2

__all__ = ["cv2"]
