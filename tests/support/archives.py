"""Zip files of any members."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path


def zipped(members: Mapping[str | zipfile.ZipInfo, str | bytes], **options) -> bytes:
    """Pack members; `options` are those of `zipfile.ZipFile`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **{"compression": zipfile.ZIP_DEFLATED} | options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def packed(path: Path, members: Mapping[str | zipfile.ZipInfo, str | bytes]) -> Path:
    """Write a zip file."""
    path.write_bytes(zipped(members))
    return path
