# Stage 4, the spatial network's weights. The file itself stays in its cache folder and is no output, which a rerun
# would delete first; features depend on the record of it.


rule weights:
    """Fetch the spatial weights where they are not there yet, check and record them."""
    output:
        record="results/weights.json",
    log:
        "results/logs/weights.log",
    benchmark:
        "results/benchmarks/weights.tsv"
    # The nodes of a cluster often have no access to the internet.
    localrule: True
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(120),
    params:
        code=code("weights"),
        # Of the file where it is one, whatever its date says; the job reports a missing one in a sentence.
        digest=weights_digest,
        spatial=result_settings("spatial", config["spatial"]),
    script:
        "../workflow/weights.py"
