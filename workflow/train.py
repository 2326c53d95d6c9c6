"""Train the network of one fold."""

from mimamo.jobs.job import logged

# Each process of a training on several GPUs reads this file as well, under another name.
if __name__ == "__main__":
    with logged(snakemake):
        from mimamo.training.launch import run_distributed
        from mimamo.training.loop import train_fold

        run_distributed(
            snakemake.params.training["gpus"],
            train_fold,
            fold=int(snakemake.wildcards.fold),
            folds_csv=snakemake.input.folds,
            labels_folder=snakemake.input.labels,
            caches=snakemake.params.caches,
            network=snakemake.params.network,
            training={**snakemake.config["training"], **snakemake.params.training},
            spatial={**snakemake.config["spatial"], **snakemake.params.spatial},
            streams=snakemake.params.streams,
            checkpoint=snakemake.output.checkpoint,
            history=snakemake.output.history,
            state=snakemake.params.state,
            events=snakemake.params.events,
            demo=snakemake.params.demo,
        )
