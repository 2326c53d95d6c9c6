"""OpenCV with its own log messages suppressed: they name neither the file nor a remedy."""

from __future__ import annotations

import os

# OpenCV reads these once, when it is loaded or first opens a video. Set them to get the messages.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2

__all__ = ["cv2"]
