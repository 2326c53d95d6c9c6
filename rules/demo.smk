# The demo corpus: rendered, in the layout of Aff-Wild2, with known answers. Only where the configuration asks for it.

if IS_DEMO:

    rule demo:
        """Render the demo corpus, and apart from it the truth."""
        input:
            code=code("demo"),
        output:
            corpus=directory("results/demo/corpus"),
            truth=directory("results/demo/truth"),
            identities="results/demo/identities.csv",
        log:
            "results/logs/demo.log",
        benchmark:
            "results/benchmarks/demo.tsv"
        conda:
            "../envs/cpu.yaml"
        threads: 2
        resources:
            mem_mb=growing(2000),
            runtime=growing(20),
        params:
            demo=config["demo"],
        script:
            "../workflow/demo.py"
