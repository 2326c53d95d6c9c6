"""Train the network of one fold with the values of a trial of the search."""

from mimamo.jobs.job import logged

# Each process of a training on several GPUs reads this file as well, under another name.
if __name__ == "__main__":
    with logged(snakemake):
        from mimamo.search.train import train_trial
        from mimamo.training.launch import run_distributed

        sections = snakemake.params.sections
        training = {**snakemake.config["training"], **sections["training"]}
        run_distributed(
            training["gpus"],
            train_trial,
            fold=int(snakemake.wildcards.fold),
            parameters=snakemake.input.parameters,
            earlier=list(snakemake.input.earlier),
            prune=snakemake.params.prune,
            sections={**sections, "training": training},
            folds_csv=snakemake.input.folds,
            labels_folder=snakemake.input.labels,
            caches=snakemake.params.caches,
            spatial={**snakemake.config["spatial"], **snakemake.params.spatial},
            history=snakemake.output.history,
            outcome=snakemake.output.outcome,
            state=snakemake.params.state,
            demo=snakemake.params.demo,
        )
