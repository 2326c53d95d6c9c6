# Crops from videos: cut out of the data set's containers, where data.crops is "from videos"; otherwise they are there.

if MAKES_CROPS:

    rule crops:
        """Cut the crops of the names of a batch out of their containers."""
        input:
            # Nothing of it is an input by its date; but what cannot begin is refused before the first job.
            videos=check_crop_making,
        output:
            # The crops are no outputs: what is finished must outlive a job that is killed.
            table="results/cropping/batches/{batch}.csv",
            job_record="results/cropping/batches/{batch}.json",
        log:
            "results/logs/crops/{batch}.log",
        benchmark:
            "results/benchmarks/crops/{batch}.tsv"
        # The audit of all names may refuse the corpus.
        priority: 2
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2000),
            runtime=scaled_by_attempt(720),
        params:
            code=code("crops"),
            name_keys=batch_keys("crops"),
            marker=marker("crops"),
            people=lambda wildcards: {name: role_in_video(name) for name in BATCHES[wildcards.batch]},
            data=config["data"],
            cropping=config["cropping"],
            inventory=INVENTORY_FOLDER,
        script:
            "../workflow/crops.py"
