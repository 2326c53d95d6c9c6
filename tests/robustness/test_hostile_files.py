"""Files that somebody means ill with: nothing is executed, and memory stays bounded."""

import io
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mimamo.model.checkpoint import FORMAT
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from support.archives import zipped
from support.bounded import read_bounded
from support.fold import NETWORK, TRAINING
from support.images import claim_size
from support.pickles import Payload


def jpeg(side: int) -> bytes:
    """A small JPEG that claims to be a large one."""
    return claim_size(cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8))[1].tobytes(), side)


def png(side: int) -> bytes:
    """A small PNG that claims to be a large one, with the right checksum."""
    raw = bytearray(cv2.imencode(".png", np.zeros((16, 16, 3), np.uint8))[1].tobytes())
    raw[16:24] = side.to_bytes(4, "big") * 2
    raw[29:33] = zlib.crc32(bytes(raw[12:29])).to_bytes(4, "big")
    return bytes(raw)


def npy(descr: str, shape: str, body: bytes = b"") -> bytes:
    """A NumPy file with any header."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def pickled(canary: Path) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload(canary)], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def checkpoint(**sizes) -> bytes:
    """A checkpoint whose weights have the shapes that its sizes ask for, and all the same value in memory."""
    numbers = {key: value for key, value in sizes.items() if isinstance(value, int)}
    with torch.device("meta"):
        network = MimamoNet(NetworkConfig.from_dict({**NETWORK, **numbers}))
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    content = {
        "format": FORMAT, "fold": 0, "epoch": 1, "network": {**NETWORK, **sizes}, "training": TRAINING,
        "spatial": {}, "features": {}, "origin": {},
        "weights": {name: torch.zeros(()).expand(shape) for name, shape in shapes.items()},
    }  # fmt: skip
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def repacked(content: bytes) -> bytes:
    """A file of tensors packed as torch never does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()})


FEATURES = "[('frame', '<i4'), ('pool5', '<f2', (8,))]"
CODE = "__import__('os').system('touch canary_header')"
CHECKPOINT = "mimamo.model.checkpoint.load_checkpoint"
CACHE, CROP, FILTERS = (
    "mimamo.storage.frame_cache.open_cache",
    "mimamo.corpus.crops.read_crop",
    "mimamo.phase.steerable_pyramid.load_filters",
)
VALIDATE = "mimamo.submission.validate.validate"


def attacks(folder: Path) -> dict[str, tuple]:
    """Write every file, and say what reads it."""
    contents = {
        "huge.jpg": (CROP, jpeg(60_000)),
        "huge.png": (CROP, png(60_000)),
        "rows.npy": (CACHE, npy(FEATURES, "(1000000000,)", bytes(100))),
        "rows_beyond.npy": (CACHE, npy(FEATURES, f"({10**30},)", bytes(100))),
        "width.npy": (CACHE, npy(FEATURES.replace("8", str(10**9)), "(1,)", bytes(100))),
        "unfinished.npy": (CACHE, npy("((((1", "(1,)", bytes(100))),
        "code.npy": (CACHE, npy(CODE, "(1,)", bytes(100))),
        "pickle.npy": (CACHE, pickled(folder / "canary_cache")),
        "pickle.npz": (FILTERS, zipped({"level1.npy": pickled(folder / "canary_filters")})),
        "shape.npz": (FILTERS, zipped({"level1.npy": npy("'<f8'", "(100000, 100000)", bytes(100))})),
        "bomb.npz": (FILTERS, zipped({"level1.npy": npy("'<f8'", "(5000, 5000)") + bytes(200_000_000)})),
        "widths.pt": (CHECKPOINT, checkpoint(spatial_width=10**9)),
        "words.pt": (CHECKPOINT, checkpoint(spatial_width="wide")),
        "missing.pt": (CHECKPOINT, checkpoint(temporal_channels=None)),
        "packed.pt": (CHECKPOINT, repacked(checkpoint())),
        "lzma.zip": (VALIDATE, zipped({"a.txt": bytes(10**6)}, compression=zipfile.ZIP_LZMA)),
        "bzip2.zip": (VALIDATE, zipped({"a.txt": bytes(10**6)}, compression=zipfile.ZIP_BZIP2)),
        "bomb.zip": (VALIDATE, zipped({"a.txt": bytes(200_000_000)})),
        "line.zip": (VALIDATE, zipped({"a.txt": bytes(100_000_000)})),
        "digits.txt": (
            "mimamo.corpus.annotations.read_annotations",
            b"valence,arousal\n" + b"1" * 10**6 + b"x,0\n",
        ),
        "spaces.txt": ("mimamo.corpus.lists.read_frame_list", b"a" + b" " * 10**6 + b"b c\n"),
        "quote.csv": ("mimamo.corpus.lists.read_groups", b'name,group\n"' + b"a" * 200_000),
    }
    reads = {}
    for name, (function, content) in contents.items():
        (folder / name).write_bytes(content)
        reads[name] = (function, folder / name, *(('{"a": 1}',) if function == VALIDATE else ()))
    # Files without content, as large as anybody likes, take no room on disk.
    for name, function, arguments in (
        ("endless.txt", "mimamo.corpus.lists.read_test_list", ()),
        ("endless.jpg", CROP, ()),
        ("endless.npy", CACHE, ()),
        ("endless.zip", VALIDATE, ('{"a": 1}',)),
    ):
        (folder / name).write_bytes(contents["bomb.zip"][1] if name == "endless.zip" else b"")
        with open(folder / name, "r+b") as handle:
            handle.truncate(50 * 1024**3)
        reads[name] = (function, folder / name, *arguments)
    return reads


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    reads = attacks(folder)
    before = sorted(path.name for path in folder.iterdir())
    outcomes = read_bounded(reads, folder)
    after = sorted(path.name for path in folder.iterdir() if path.name != "reads.json")
    yield outcomes, before, after
    shutil.rmtree(folder)


FILES = [
    "huge.jpg", "huge.png", "rows.npy", "rows_beyond.npy", "width.npy", "unfinished.npy", "code.npy",
    "pickle.npy", "pickle.npz", "shape.npz", "bomb.npz", "lzma.zip", "bzip2.zip", "bomb.zip", "line.zip",
    "widths.pt", "words.pt", "missing.pt", "packed.pt",
    "digits.txt", "spaces.txt", "quote.csv", "endless.txt", "endless.jpg", "endless.npy", "endless.zip",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_in_a_sentence_and_little_memory(attacked, name):
    outcomes, _, _ = attacked
    outcome = outcomes[name]
    if name.endswith(".zip") and name != "endless.zip":
        assert (
            outcome.raised == "" and "ValidationResult(" in outcome.said and "problems=[]" not in outcome.said
        )
    else:
        assert outcome.raised == "InputError" and name in outcome.said, outcome
    assert len(outcome.said) < 1000 and "\n" not in outcome.said.split("problems=")[-1]
    # A text may be as large as the largest sample list, and that is read before it is looked at.
    assert outcome.grown < (300e6 if name == "endless.txt" else 48e6), outcome


def test_hostile_files_leave_nothing_behind(attacked):
    outcomes, before, after = attacked
    assert before == after and set(outcomes) == set(FILES)
