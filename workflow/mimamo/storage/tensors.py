"""Files of tensors: written atomically, and loaded without executing any code in them."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from mimamo.errors import InputError
from mimamo.storage.files import atomic_write
from mimamo.storage.paths import describe_error

#: How the names of files of safetensors end.
SAFETENSORS = ".safetensors"


def save_tensors(content: Mapping[str, object], path: str | os.PathLike) -> None:
    """Write tensors and plain values by `torch.save`, atomically."""
    # Through memory, because torch reports a full disk like any other failure.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with atomic_write(path) as fresh:
        fresh.write_bytes(buffer.getbuffer())


def load_tensors(
    path: Path, wanted: str, advice: str, called: str | None = None, device: torch.device | str = "cpu"
) -> object:
    """Load a file that holds only tensors, plain values, and lists and dicts of them.

    Parameters
    ----------
    path
        The file, of `torch.save` or, by its ending, of safetensors, in which timm's weights are published.
    wanted, advice
        What the file should be, and what to do where it is not, for the error message.
    called
        The file's name in the error message, where it is not at its final path yet; `path` by default.
    device
        The device to load the tensors to.

    Raises
    ------
    InputError
        Where there is no such file, it is damaged, or it holds other objects, which might be code; nothing in
        it is executed.
    """
    called = called or str(path)
    try:
        with open(path, "rb") as handle:
            empty = not handle.read(1)
    except OSError as error:
        raise InputError(
            f"{called}: expected {wanted}, found {describe_error(path, error)}; {advice}"
        ) from error
    if empty:
        raise InputError(f"{called}: expected {wanted}, found an empty file; {advice}")
    try:
        if Path(path).suffix == SAFETENSORS:
            return _load_safetensors(Path(path), device)
        _check_packing(path)
        return torch.load(path, map_location=device, weights_only=True)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{called}: expected {wanted} that can be read, found one for which the package safetensors is "
            "needed, which is not installed: run pip install '.[timm]' in the project's folder"
        ) from error
    except UnpicklingError as error:
        raise InputError(
            f"{called}: expected {wanted} of tensors and plain values alone, found other things in it, or a "
            f"damaged file (nothing in it was executed); {advice}"
        ) from error
    # Damaged files fail in zipfile or torch, each with exceptions of its own, some of them the system's.
    except Exception as error:
        raise InputError(
            f"{called}: expected {wanted}, found a damaged file, as one that was cut off when it was copied "
            f"({type(error).__name__}); {advice}"
        ) from error


def _load_safetensors(path: Path, device: torch.device | str) -> dict[str, Tensor]:
    """Load a file of safetensors, tensors by name."""
    from safetensors.torch import load_file

    return load_file(path, device=str(device))


def nonfinite_entries(state: Mapping[str, Tensor]) -> list[str]:
    """Return the names of the tensors with values that are not finite numbers, sorted."""
    return sorted(
        name for name, value in state.items() if value.is_floating_point() and not value.isfinite().all()
    )


def _check_packing(path: Path) -> None:
    """Raise ValueError for a compressed archive: torch writes none, and a small one could fill the memory."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
                raise ValueError("compressed entries")


def is_state_dict(content: object) -> bool:
    """Return whether a loaded object is a state dict, tensors by name."""
    return isinstance(content, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in content.items()
    )


def is_batch_counter(name: str) -> bool:
    """Return whether an entry counts training batches, which nothing reads and older files lack."""
    return name.endswith(".num_batches_tracked")


def state_dict_mismatches(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Describe all differences in names and shapes between a state dict and the expected one.

    Returns
    -------
    str
        Such as ``1 missing: a.bias; 2 left over: b.bias, b.weight``; empty where there are none.
    """
    faults = {
        "missing": sorted(name for name in wanted.keys() - found.keys() if not is_batch_counter(name)),
        "left over": sorted(found.keys() - wanted.keys()),
        "of another shape": sorted(
            name for name in found.keys() & wanted.keys() if found[name].shape != wanted[name].shape
        ),
    }
    return "; ".join(f"{len(names)} {what}: {', '.join(names)}" for what, names in faults.items() if names)
