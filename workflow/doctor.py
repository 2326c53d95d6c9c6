"""Log the diagnosis, and fail where a run would be refused."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.doctor import log_diagnosis

    log_diagnosis(
        table_csv=snakemake.input.table, page_html=snakemake.input.page, strict=snakemake.params.strict
    )
