"""Write the data doctor's table and page."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.doctor import write_diagnosis

    write_diagnosis(
        names=snakemake.params.names,
        folder=snakemake.params.records,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        table_csv=snakemake.output.table,
        page_html=snakemake.output.page,
        demo=snakemake.params.demo,
        layout=snakemake.params.layout,
        streams=snakemake.params.streams,
    )
