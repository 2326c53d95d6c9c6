"""Valence-arousal estimation on Aff-Wild2 with MIMAMO Net, from aligned crops to challenge submission files.

The stages, in order; the output of one is the input of the next:

    demo             render the demo corpus (only where config.yaml says root: demo)
    crops            cut out of the videos (only where data.crops says from videos)
    audit            what is on disk for every name, and whether it can be used
    doctor           the audit's findings on an HTML page, before anything else is computed (snakemake doctor)
    labels           the frames that have both a crop and a real annotation
    phase            phase differences of the complex steerable pyramid (temporal stream)
    weights          a backbone's weights, fetched once and checked (not where they are random)
    features         a backbone's pooled activations (spatial stream)
    brought          features that you bring, at the frames with a crop (not without such streams)
    audio            the containers' sound at the frames with a crop (not without such streams)
    caches           which phase differences and features there are
    folds            cross-validation over person groups
    train            MIMAMO Net, one job per fold
    predict          out-of-fold and test predictions of each fold's network
    scores           CCC, Pearson correlation and RMSE of the out-of-fold predictions
    ensembles        weights of runs and other programs' predictions (only where config.yaml names ensembles)
    postprocessing   ensemble weights, smoothing and label delay, from out-of-fold predictions
    ensemble         the test names, predicted by the networks of all folds together
    gaps             a value for every frame of every test video
    submission       the challenge's files, validated, and their provenance
    submissions      several of them beside each other (only where config.yaml names submissions)
    evidence         what each of these steps contributes, and the scores beside published numbers
    figures          curves, traces, densities and phase maps
    page             settings and results of the run, in one HTML file
    tracking         settings, curves and scores in MLflow (only where config.yaml says tracking: mlflow)

By commands of their own, as they train further networks:

    ablations        the method without each of its parts (snakemake ablations)
    runs             variants of the configuration and further seeds, compared (snakemake runs)
    search           a search of hyperparameters (snakemake search)
"""

import re
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.20")


configfile: str(Path(workflow.basedir) / "config.yaml")


# The text that snakemake --report opens on.
report: "workflow/report/workflow.rst"


include: "rules/common.smk"
include: "rules/inventory.smk"
include: "rules/checks.smk"
include: "rules/trials.smk"
include: "rules/keys.smk"
include: "rules/members.smk"
include: "rules/run_files.smk"


wildcard_constraints:
    batch=r"\d{3}",
    fold=r"\d+",
    part="fitted|test",
    stage="features|backbones/[^/]+",
    stream="[a-z][a-z0-9_]*",
    trial=r"\d+",
    weights="weights(?:/[^/]+)?",
    # In a group, as Snakemake takes an empty constraint for none.
    run=f"(?:{'|'.join(map(re.escape, RUNS))})",


include: "rules/demo.smk"
include: "rules/crops.smk"
include: "rules/audit.smk"
include: "rules/doctor.smk"
include: "rules/labels.smk"
include: "rules/phase.smk"
include: "rules/weights.smk"
include: "rules/features.smk"
include: "rules/brought.smk"
include: "rules/audio.smk"
include: "rules/caches.smk"
include: "rules/folds.smk"
include: "rules/train.smk"
include: "rules/predict.smk"
include: "rules/ensembles.smk"
include: "rules/scores.smk"
include: "rules/postprocessing.smk"
include: "rules/ensemble.smk"
include: "rules/gaps.smk"
include: "rules/submissions.smk"
include: "rules/submission.smk"
include: "rules/evidence.smk"
include: "rules/figures.smk"
include: "rules/demo_scores.smk"
include: "rules/ablations.smk"
include: "rules/runs.smk"
include: "rules/search.smk"
include: "rules/page.smk"
include: "rules/tracking.smk"


rule all:
    """Submission files, scores, figures and the HTML report, as far as the corpus allows; or those of one run."""
    default_target: True
    input:
        CONFIGURED_RESULTS if config["run"] is None else results_of_run(config["run"]),


rule runs:
    """Train and score every run and seed of the configuration: snakemake runs."""
    input:
        "results/runs.csv",
        "results/runs_choice.csv",
        [f"results/{run}mlflow.json" for run in VARIANT_RUNS] if config["tracking"] else [],


rule ablations:
    """Score the method without each of its parts: snakemake ablations."""
    input:
        "results/ablations.csv",
        "results/phase_comparison.csv",


rule search:
    """Search hyperparameters within the ranges of the configuration: snakemake search."""
    input:
        checked(refuse_search, "results/search/trials.csv"),
        "results/search/best.yaml",
