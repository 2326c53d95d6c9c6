# Stage 11, figures: training curves, scores, traces, densities and phase differences.


# Each has a picture, vector graphics at the widths of a paper, and a caption, whose text is in workflow/report.
FIGURES = {
    "fold_curves": "fold_curves",
    "scores": "scores_figure",
    "traces": "traces",
    "density": "density",
    "phase_strip": "phase_strip",
}


rule figures:
    """Draw the figures that need no truth beyond the labels."""
    input:
        histories=collect("results/train/fold{fold}/history.csv", fold=FOLDS),
        predictions=collect("results/predictions/fold{fold}.csv", fold=FOLDS),
        scores="results/scores.csv",
        labels="results/labels",
        folds="results/folds.csv",
        audit="results/audit.csv",
        caches="results/caches/fitted.csv",
        corpus=rendered,
    output:
        fold_curves=report(
            "results/figures/fold_curves.png",
            caption="../workflow/report/fold_curves.rst",
            category="3 Training",
            labels={"figure": "fold curves"},
        ),
        scores=report(
            "results/figures/scores.png",
            caption="../workflow/report/scores_figure.rst",
            category="1 Scores",
            labels={"figure": "scores with intervals"},
        ),
        traces=report(
            "results/figures/traces.png",
            caption="../workflow/report/traces.rst",
            category="2 Predictions over time",
            labels={"figure": "traces, out of fold"},
        ),
        density=report(
            "results/figures/density.png",
            caption="../workflow/report/density.rst",
            category="2 Predictions over time",
            labels={"figure": "valence-arousal density"},
        ),
        phase_strip=report(
            "results/figures/phase_strip.png",
            caption="../workflow/report/phase_strip.rst",
            category="4 What the temporal stream sees",
            labels={"figure": "phase differences"},
        ),
        beside=[path for name in FIGURES for path in files_beside(f"results/figures/{name}.png")],
    log:
        "results/logs/figures.log",
    benchmark:
        "results/benchmarks/figures.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("figures", *caption_texts(*FIGURES.values())),
        versions=version("crops"),
        data=crop_layout,
        phase=PHASE_FOLDERS,
        demo=IS_DEMO,
        faces=SHOW_FACES,
        weights=WEIGHTS,
    script:
        "../workflow/figures.py"
