"""Files of tensors: written whole, and read without executing anything in them."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from mimamo.errors import InputError
from mimamo.storage.files import written_whole


def save_tensors(content: Mapping[str, object], path: str | os.PathLike) -> None:
    """Write tensors and plain values by `torch.save`, whole or not at all."""
    # Through memory, because torch does not tell a full disk from any other failure.
    packed = io.BytesIO()
    torch.save(content, packed)
    with written_whole(path) as fresh:
        fresh.write_bytes(packed.getbuffer())


def load_tensors(
    path: Path, wanted: str, advice: str, called: str | None = None, device: torch.device | str = "cpu"
) -> object:
    """Read a file that `torch.save` wrote, of tensors, plain values and their lists and dicts alone.

    Parameters
    ----------
    path
        The file.
    wanted, advice
        What it should be, and what to do where it is not, for the fault.
    called
        What to call it in a fault, where it does not have its own name yet.
    device
        Where the tensors should be.

    Raises
    ------
    InputError
        Where there is no such file, it is damaged, or it holds anything else, which might be code; nothing in
        it was executed.
    """
    called = called or str(path)
    try:
        _check_packing(path)
        return torch.load(path, map_location=device, weights_only=True)
    except OSError as error:
        raise InputError(f"{called}: expected {wanted}, found {error.strerror or error}; {advice}") from error
    # Damaged files fail in zipfile, pickle or torch, each with exceptions of its own.
    except Exception as error:
        raise InputError(
            f"{called}: expected {wanted} of tensors and plain values alone, found a damaged file or other "
            f"things in it ({type(error).__name__}; nothing in it was executed); {advice}"
        ) from error


def _check_packing(path: Path) -> None:
    """Raise ValueError where a file is packed as torch packs none: a few bytes would unpack to any number."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                raise ValueError("compressed entries")


def is_state(content: object) -> bool:
    """Whether something read is tensors by name."""
    return isinstance(content, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()
    )


def is_count(name: str) -> bool:
    """Whether an entry counts training batches, which nothing reads afterwards and older files lack."""
    return name.endswith(".num_batches_tracked")


def misfits(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Say everything in which tensors by name differ from those wanted, of which the shape counts alone.

    Returns
    -------
    str
        Such as ``1 missing: a.bias; 2 left over: b.bias, b.weight``; empty where all is well.
    """
    faults = {
        "missing": sorted(name for name in wanted.keys() - found.keys() if not is_count(name)),
        "left over": sorted(found.keys() - wanted.keys()),
        "of another shape": sorted(
            name for name in found.keys() & wanted.keys() if found[name].shape != wanted[name].shape
        ),
    }
    return "; ".join(f"{len(names)} {what}: {', '.join(names)}" for what, names in faults.items() if names)
