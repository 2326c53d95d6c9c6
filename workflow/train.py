"""Train the network of one fold."""

from mimamo.jobs.job import logged

# Each process of a training on several GPUs reads this file as well, under another name.
if __name__ == "__main__":
    with logged(snakemake):
        from mimamo.runs import settings_of_run
        from mimamo.training.launch import run_distributed
        from mimamo.training.loop import train_fold

        # And not the rule's parameters, which leave out what does not change the result.
        settings = settings_of_run(snakemake.config, snakemake.wildcards.run)
        run_distributed(
            settings["training"]["gpus"],
            train_fold,
            fold=int(snakemake.wildcards.fold),
            folds_csv=snakemake.input.folds,
            labels_folder=snakemake.input.labels,
            caches=snakemake.params.caches,
            network=snakemake.params.network,
            training=settings["training"],
            spatial=settings["spatial"],
            streams=snakemake.params.streams,
            checkpoint=snakemake.output.checkpoint,
            history=snakemake.output.history,
            state=snakemake.params.state,
            events=snakemake.params.events,
            demo=snakemake.params.demo,
        )
