# The demo corpus: rendered in the layout of Aff-Wild2, with known ground truth. Only where root is demo.

if IS_DEMO:

    rule demo:
        """Render the demo corpus and, outside it, the ground truth."""
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
            mem_mb=scaled_by_attempt(2000),
            runtime=scaled_by_attempt(20),
        params:
            code=code("demo"),
            demo=config["demo"],
            inventory=INVENTORY_FOLDER,
        script:
            "../workflow/demo.py"
