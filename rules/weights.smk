# Stage 4, the spatial network's weights. The file itself stays in its cache folder, beyond the reach of a rerun,
# which would delete it first; the record of it is what features depend on.


rule weights:
    """Fetch the spatial weights where they are not there yet, check and record them."""
    input:
        # Only where it is a file; that it should be one and is missing is for the job to say in a sentence.
        weights=[path for path in [Path(config["spatial"]["weights"]).expanduser()] if path.is_file()],
        code=code("weights"),
    output:
        record="results/weights.json",
    log:
        "results/logs/weights.log",
    benchmark:
        "results/benchmarks/weights.tsv"
    # The nodes of a cluster often reach nothing outside it.
    localrule: True
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    params:
        spatial=config["spatial"],
    script:
        "../workflow/weights.py"
