"""Write the submission files and validate them."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.submission.write import write_submission

    write_submission(
        filled=snakemake.input.filled,
        gaps=snakemake.input.gaps,
        folder=snakemake.params.folder,
        check=snakemake.output.check,
    )
