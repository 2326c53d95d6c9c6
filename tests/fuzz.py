"""Run a reader of foreign files against a coverage-guided fuzzer: fuzz.py annotations|submission|cache.

Whatever the file holds, there is a result or an `InputError` with one printable sentence, within seconds and
a gigabyte of memory. What breaks this is kept in .fuzz/<reader>/ as crash-…, timeout-… or oom-…; give it as
the last argument to see it again, mend the reader, and put it into the tests.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import atheris
import cyclopts
from cyclopts import Parameter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
with atheris.instrument_imports(include=["mimamo", "zipfile", "csv", "tokenize", "numpy.lib._format_impl"]):
    import numpy as np

    from mimamo.corpus.annotations import read_annotations
    from mimamo.dataset.recordings import Recording
    from mimamo.errors import InputError
    from mimamo.storage.frame_cache import cache_writer, feature_dtype, open_cache, phase_dtype
    from mimamo.submission.validate import validate

#: The name and number of frames that the submissions are checked for.
NAME, FRAMES = "105", 3
TEXT = b"valence,arousal\n0.1,-0.2\n-5,-5\n1,1\n"
SINGLE = b"image_location,valence,arousal\n" + b"".join(b"105/0000%d.jpg,0,0\n" % i for i in (1, 2, 3))


def fuzz_annotations(data: bytes, folder: Path) -> None:
    """Read an annotation file."""
    (folder / "a.txt").write_bytes(data)
    found = read_annotations(folder / "a.txt")
    values = np.stack([found.valence, found.arousal])
    if not ((np.abs(values) <= 1) | (values == -5)).all():
        raise AssertionError(f"values out of range were read: {values}")


def fuzz_submission(data: bytes, folder: Path) -> None:
    """Validate a submission; the first byte says how the others are packed."""
    form, content = data[:1], data[1:]
    path = folder / (f"{NAME}.txt" if form == b"t" else "s.txt" if form == b"s" else "s.zip")
    if form == b"m":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            name, _, text = content.partition(b"\0")
            archive.writestr(name.decode("utf-8", "replace") or "x", text)
    else:
        path.write_bytes(content)
    check = validate(path, {NAME: FRAMES})
    if check.valid != (len(check.problems) == 0) or NAME not in set(check.table["name"]):
        raise AssertionError(f"the check does not hold together: {check}")
    for sentence in check.problems + check.notes:
        told(sentence)
    path.unlink()


def fuzz_cache(data: bytes, folder: Path) -> None:
    """Open a cache file, and read what training reads of it."""
    path = folder / "a.npy"
    path.write_bytes(data)
    cache = open_cache(path)
    if (np.diff(cache.frames, prepend=0) < 1).any():
        raise AssertionError(f"frames that do not ascend were read: {cache.frames}")
    for _ in cache.blocks():
        pass
    phase = path if "level1" in cache.dtype.names else folder / "good_phase.npy"
    features = path if phase != path else folder / "good_features.npy"
    recording = Recording("a", {"appearance": features, "motion": phase})
    recording.differences(0, 20)
    cache.block(int(cache.frames[0]) if len(cache) else 1, 2)


def told(sentence: str) -> None:
    """See that a sentence is one, and fit for a terminal."""
    if not sentence.strip() or not sentence.isprintable() or len(sentence) > 2000:
        raise AssertionError(f"not a sentence for a terminal: {sentence!a}")


def zipped(members: dict[str, bytes]) -> bytes:
    """Pack texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def write_caches(folder: Path) -> list[bytes]:
    """Write a good cache of each kind with three frames, and give what they hold."""
    frames = np.array([2, 3, 7])
    for name, dtype in (("good_phase", phase_dtype()), ("good_features", feature_dtype(4))):
        with cache_writer(folder / f"{name}.npy", dtype, len(frames)) as cache:
            fields = {field: np.zeros((3, *dtype[field].shape), "<f2") for field in dtype.names[1:]}
            cache.append(frames, **fields)
    return [(folder / f"{name}.npy").read_bytes() for name in ("good_phase", "good_features")]


#: What is called, and what to begin with.
READERS: dict[str, tuple[Callable[[bytes, Path], None], list[bytes]]] = {
    "annotations": (fuzz_annotations, [TEXT, b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n") + b"\n \n"]),
    "submission": (
        fuzz_submission,
        [b"t" + TEXT, b"s" + SINGLE, b"m105.txt\0" + TEXT, b"z" + zipped({"105.txt": TEXT, "p.txt": SINGLE})],
    ),
    "cache": (fuzz_cache, []),
}


def main(
    reader: Annotated[str, Parameter(choices=tuple(READERS))],
    again: Path | None = None,
    /,
    *,
    seconds: int = 300,
) -> None:
    """Run a reader of foreign files against a coverage-guided fuzzer, until the time is over.

    Parameters
    ----------
    reader
        What is fuzzed.
    again
        A file that a finding was kept in.
    seconds
        How long.
    """
    function, seeds = READERS[reader]
    kept = Path(".fuzz") / reader
    # Not a temporary folder: the fuzzer ends the process without any clean-up.
    folder, corpus = kept / "scratch", kept / "corpus"
    for place in (folder, corpus):
        place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds or write_caches(folder)):
        (corpus / f"seed{number}").write_bytes(seed)

    def attempt(data: bytes) -> None:
        """See that the reader gives a result, or refuses the data in a sentence."""
        try:
            function(data, folder)
        except InputError as error:
            told(str(error))

    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=40000"]
    places = [f"-artifact_prefix={kept}/", str(again or corpus)]
    atheris.Setup([sys.argv[0], *limits, *places, "-print_final_stats=1"], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    cyclopts.run(main)
