# Search: hyperparameters within ranges, by the stop names alone. Not part of a plain run; snakemake search trains them.

if TRAINS:

    rule search_ask:
        """Ask for the values of one trial."""
        input:
            told=needed(
                "search_ask",
                lambda wildcards: trial_files("result.json", told_before(wildcards)),
                refuse_search,
            ),
            running=needed(
                "search_ask", lambda wildcards: trial_files("parameters.json", trials_beside(wildcards))
            ),
        output:
            parameters="results/search/trials/{trial}/parameters.json",
            job_record="results/search/trials/{trial}/asked.json",
        log:
            "results/logs/search_ask/{trial}.log",
        benchmark:
            "results/benchmarks/search_ask/{trial}.tsv"
        localrule: True
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2000),
            runtime=scaled_by_attempt(10),
        params:
            code=code("search_ask"),
            key=KEYS["search_ask"],
            search=SEARCH,
            configured=configured(config, config["search"]["ranges"]),
            journal=SEARCH_JOURNAL,
            study=lambda wildcards: search_key()[:12],
        script:
            "../workflow/search_ask.py"

    rule search_train:
        """Train the network of one fold with the values of a trial."""
        input:
            parameters=needed("search_train", "results/search/trials/{trial}/parameters.json"),
            earlier=needed(
                "search_train", lambda wildcards: trial_files("result.json", told_before(wildcards))
            ),
            folds=needed("search_train", folds_of(SEARCHED), check_limits),
            labels=needed("search_train", "results/labels"),
            caches=needed("search_train", caches_of("fitted")(SEARCHED)),
        output:
            history="results/search/trials/{trial}/fold{fold}/history.csv",
            outcome="results/search/trials/{trial}/fold{fold}/outcome.json",
            job_record="results/search/trials/{trial}/fold{fold}/trained.json",
        log:
            "results/logs/search_train/{trial}/fold{fold}.log",
        benchmark:
            "results/benchmarks/search_train/{trial}/fold{fold}.tsv"
        conda:
            "../envs/gpu.yaml"
        threads: config["training"]["threads"]
        resources:
            gpu=config["training"]["gpus"],
            mem_mb=scaled_by_attempt(8000),
            runtime=scaled_by_attempt(1440),
        params:
            code=code("search_train"),
            key=KEYS["search_train"],
            caches=cache_folders(SEARCHED),
            sections={
                **{section: section_of(section)(SEARCHED) for section in ("network", "training")},
                "streams": streams_of(SEARCHED),
            },
            spatial=section_of("spatial")(SEARCHED),
            prune=config["search"]["prune"],
            demo=IS_DEMO,
            # Not an output, see the rule train.
            state="results/search/trials/{trial}/fold{fold}/state",
        script:
            "../workflow/search_train.py"

    rule search_tell:
        """Join the folds of one trial, by their CCC on the stop names."""
        input:
            parameters=lambda wildcards: trial_files("parameters.json", range(int(wildcards.trial) + 1)),
            histories=collect("results/search/trials/{{trial}}/fold{fold}/history.csv", fold=FOLDS),
            outcomes=collect("results/search/trials/{{trial}}/fold{fold}/outcome.json", fold=FOLDS),
        output:
            result="results/search/trials/{trial}/result.json",
        log:
            "results/logs/search_tell/{trial}.log",
        benchmark:
            "results/benchmarks/search_tell/{trial}.tsv"
        localrule: True
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2000),
            runtime=scaled_by_attempt(10),
        params:
            code=code("search_tell"),
            ranges=config["search"]["ranges"],
            journal=SEARCH_JOURNAL,
            study=lambda wildcards: search_key()[:12],
        script:
            "../workflow/search_tell.py"

    rule search_table:
        """Write the table of all trials, and the best one as a run."""
        input:
            results=checked(refuse_search, lambda wildcards: trial_files("result.json", TRIALS)),
        output:
            trials=report(
                "results/search/trials.csv",
                caption="../workflow/report/search.rst",
                category="5 Evidence",
                labels={"table": "search"},
            ),
            best="results/search/best.yaml",
        log:
            "results/logs/search_table.log",
        benchmark:
            "results/benchmarks/search_table.tsv"
        localrule: True
        conda:
            "../envs/cpu.yaml"
        threads: 1
        resources:
            mem_mb=scaled_by_attempt(2000),
            runtime=scaled_by_attempt(10),
        params:
            code=code("search_table"),
            # So that more trials are asked for: an input that is not there yet is no reason to run this again.
            trials=config["search"]["trials"],
            protocol=PROTOCOLS[SEARCHED.run],
            ranges=config["search"]["ranges"],
            # Not inputs: durations are known when a job has ended, and are no reason to run this again.
            measured={
                "results/benchmarks/search_train": "fold*.tsv",
                "results/search/trials": "fold*/trained.json",
            },
            journal=SEARCH_JOURNAL,
            study=lambda wildcards: search_key()[:12],
        script:
            "../workflow/search_table.py"
