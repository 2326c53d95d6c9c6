"""Write the submission files and validate them."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.submission.write import write_submission

    write_submission(
        filled=snakemake.input.filled,
        gaps=snakemake.input.gaps,
        per_video=snakemake.output.per_video,
        single=snakemake.output.single,
        archive=snakemake.output.archive,
        check=snakemake.output.check,
    )
