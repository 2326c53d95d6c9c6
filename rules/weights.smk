# Stage 4, the weights of backbones. The file itself stays in its cache folder and is no output, which a rerun
# would delete first; features depend on the record of it.


rule weights:
    """Fetch the weights of a backbone where they are not there yet, check and record them."""
    output:
        record="results/{weights}.json",
    log:
        "results/logs/{weights}.log",
    benchmark:
        "results/benchmarks/{weights}.tsv"
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
        digest=lambda wildcards: weights_digest(weighted_section(wildcards)),
        spatial=lambda wildcards: result_settings("spatial", weighted_section(wildcards)),
        stage=lambda wildcards: WEIGHTED["results/{weights}.json".format(**wildcards)],
    script:
        "../workflow/weights.py"
