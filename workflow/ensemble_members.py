"""Combine the members' predictions of the test names, fold by fold."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.ensembles.members import combine_test

    combine_test(
        members=snakemake.params.members,
        weights=snakemake.input.weights,
        predictions=snakemake.output.predictions,
    )
