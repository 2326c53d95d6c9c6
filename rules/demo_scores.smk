# Only for the demo corpus, whose ground truth is known for the test names too. No other rule but the page reads it.

if HAS_TRUTH:

    rule demo_scores:
        """Score the submission, and every gap policy, against the truth of the test names."""
        input:
            filled="results/filled.csv",
            ensemble="results/ensemble.csv",
            gaps="results/gaps.csv",
            labels="results/labels",
            folds="results/folds.csv",
            truth="results/demo/truth",
        output:
            scores=report(
                "results/demo/scores.csv",
                caption="../workflow/report/demo_scores.rst",
                category="5 Evidence",
                labels={"table": "submission against truth"},
            ),
        log:
            "results/logs/demo_scores.log",
        benchmark:
            "results/benchmarks/demo_scores.tsv"
        localrule: True
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(1000),
            runtime=scaled_by_attempt(10),
        params:
            code=code("demo_scores"),
            weights=WEIGHTS,
        script:
            "../workflow/demo_scores.py"

    rule demo_traces:
        """Draw the submission against the truth of test names."""
        input:
            filled="results/filled.csv",
            truth="results/demo/truth",
        output:
            traces=report(
                "results/figures/test_traces.png",
                caption="../workflow/report/test_traces.rst",
                category="2 Predictions over time",
                labels={"figure": "traces, test names"},
            ),
            beside=files_beside("results/figures/test_traces.png"),
        log:
            "results/logs/demo_traces.log",
        benchmark:
            "results/benchmarks/demo_traces.tsv"
        localrule: True
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(1000),
            runtime=scaled_by_attempt(10),
        params:
            code=code("demo_traces", *caption_texts("test_traces")),
            weights=WEIGHTS,
        script:
            "../workflow/demo_traces.py"
