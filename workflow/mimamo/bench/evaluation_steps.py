"""Benchmark of the steps that go through tables of frames: from the folds to the validated submission.

Every step is run in a process of its own, ``python -m mimamo.bench.evaluation_steps step STEP HOLES FOLDER``,
which prints the CPU seconds and the most MiB that it took, imports included. All steps at a size other than
the benchmark's: ``python -m mimamo.bench.evaluation_steps all SIZE FOLDER``, with 1 for Aff-Wild2's.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mimamo.bench.generated_tables import DATA, HOLES, GeneratedRun
from mimamo.bench.process import cpu_seconds, peak_memory
from mimamo.bench.rows import Row

STAGE = "tables"

#: MiB that a step may take.
LIMIT = 600
#: CPU seconds that a step may take at the size of Aff-Wild2, whatever holes its videos have.
LIMITS = {
    "folds": 2.5,
    "baseline": 6,
    "scores": 12,
    "postprocessing": 12,
    "variants": 12,
    "variants official": 12,
    "gap prices": 7,
    "ensemble": 12,
    "gaps": 6,
    "submission": 6,
    "validate": 3,
}


def measure(folder: Path, size: float = 1.0) -> Iterator[Row]:
    """Measure every step on a corpus with few and one with many holes, of `size` times Aff-Wild2's frames."""
    for holes in HOLES:
        run = GeneratedRun(folder / holes, holes, size)
        if not run.audit.exists():
            run.write()
        for step in STEPS:
            seconds, peak = taken_by(step, run)
            what = f"{step}, {holes} holes, {size:g} × Aff-Wild2"
            yield Row(STAGE, what, seconds, "CPU s", target=f"<= {LIMITS[step]}" if size == 1 else "")
            yield Row(STAGE, what, peak, "MiB", target=f"<= {LIMIT}")


def taken_by(step: str, run: GeneratedRun) -> tuple[float, float]:
    """Return the CPU seconds and the MiB that a process takes which runs a step."""
    command = [
        sys.executable,
        "-m",
        "mimamo.bench.evaluation_steps",
        "step",
        step,
        run.holes,
        str(run.folder),
    ]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"measuring {step} failed: {process.stderr.strip()[-2000:]}")
    seconds, peak = process.stdout.split()[-2:]
    return float(seconds), float(peak)


def _folds(run: GeneratedRun) -> None:
    """Split the names into folds."""
    from mimamo.dataset.folds import write_folds

    write_folds(run.audit, run.labels, run.folder / "out" / "folds.csv", count=5, stop_fraction=0.15)


def _baseline(run: GeneratedRun) -> None:
    """Score the baseline."""
    from mimamo.evaluation.baseline import score_baseline

    out = run.folder / "out" / "baseline.csv"
    score_baseline(run.features, run.labels, run.folds("merged"), out)


def _scores(run: GeneratedRun) -> None:
    """Score the out-of-fold predictions."""
    from mimamo.evaluation.scores import score_folds

    out = run.folder / "out" / "scores.csv"
    score_folds(run.predictions("merged"), run.labels, run.folds("merged"), out)


def _postprocessing(run: GeneratedRun) -> None:
    """Fit the postprocessing."""
    from mimamo.postprocessing.fit import fit_postprocessing

    fitted = _fitted(run, "merged")
    fit_postprocessing(fitted.predictions, fitted.labels, fitted.folds, fitted.weights, fitted.choices)


def _variants(run: GeneratedRun, protocol: str = "merged") -> None:
    """Score the variants, of which smoothing is configured as well as delay."""
    from mimamo.evidence.variants import score_variants

    fitted = _fitted(run, protocol)
    if not Path(fitted.choices).exists():
        from mimamo.postprocessing.fit import fit_postprocessing

        fit_postprocessing(fitted.predictions, fitted.labels, fitted.folds, fitted.weights, fitted.choices)
    configured = {"ensemble": "centred", "smoothing": "best", "delay": True, "gaps": "interpolate"}
    out = run.folder / "out" / f"{protocol}_variants.csv"
    score_variants(fitted, run.audit, DATA, str(run.folder), configured, out)


def _official_variants(run: GeneratedRun) -> None:
    """Score the variants under the protocol that holds the validation set out."""
    _variants(run, "official")


def _gap_prices(run: GeneratedRun) -> None:
    """Score the gap policies out of fold, of all labelled names."""
    from mimamo.evidence.gap_prices import score_gap_policies

    out = run.folder / "out" / "gap_prices.csv"
    score_gap_policies(_fitted(run, "merged"), run.audit, run.frames, "mean", "report", out)


def _ensemble(run: GeneratedRun) -> None:
    """Combine and smooth the folds' predictions of the test names."""
    from mimamo.postprocessing.test_set import combine_test_names

    fitted, out = _fitted(run, "merged"), run.folder / "out" / "ensemble.csv"
    combine_test_names(fitted.predictions, fitted.weights, fitted.choices, out, "weighted", "best", True)


def _gaps(run: GeneratedRun) -> None:
    """Fill the gaps of the test names."""
    from mimamo.postprocessing.gaps import fill_test_names

    out = run.folder / "out"
    fill_test_names(
        *(out / "ensemble.csv", run.audit, run.labels, "report", out / "filled.csv", out / "gaps.csv"),
        folds=run.folds("merged"),
    )


def _submission(run: GeneratedRun) -> None:
    """Write the submission and validate it."""
    from mimamo.submission.write import write_submission

    out = run.folder / "out"
    write_submission(out / "filled.csv", out / "gaps.csv", out / "submission", out / "submission_check.csv")


def _validate(run: GeneratedRun) -> None:
    """Validate the submission."""
    from mimamo.submission.validate import expected_from_gaps, validate

    out = run.folder / "out"
    found = validate(out / "submission" / "submission.zip", expected_from_gaps(out / "gaps.csv"))
    if not found.valid:
        raise RuntimeError(f"expected a valid submission, found: {found.problems[0]}")


def _fitted(run: GeneratedRun, protocol: str):
    """Return the files of a run that variants are computed from."""
    from mimamo.evidence.variants import FittedRun

    out = run.folder / "out"
    tables = out / f"{protocol}_ensemble_weights.csv", out / f"{protocol}_postprocessing.csv"
    return FittedRun(run.predictions(protocol), run.labels, run.folds(protocol), *tables)


#: The steps in an order in which each finds what it reads.
STEPS: dict[str, Callable[[GeneratedRun], None]] = {
    "folds": _folds,
    "baseline": _baseline,
    "scores": _scores,
    "postprocessing": _postprocessing,
    "variants": _variants,
    "variants official": _official_variants,
    "gap prices": _gap_prices,
    "ensemble": _ensemble,
    "gaps": _gaps,
    "submission": _submission,
    "validate": _validate,
}


if __name__ == "__main__":
    what, *options = sys.argv[1:]
    if what == "step":
        chosen, kind, place = options
        STEPS[chosen](GeneratedRun(Path(place), kind))
        print(cpu_seconds(), peak_memory() / 2**20)
    else:
        for measured in measure(Path(options[1]), float(options[0])):
            print(f"{measured.what}: {measured.value:.3g} {measured.unit} {measured.target}", flush=True)
