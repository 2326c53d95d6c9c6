"""Snakemake's command line, looking after its SLURM jobs every second.

The plugin waits ten seconds longer each time that it finds nothing new, and no option holds that. Nothing
else differs; what runs inside the jobs is Snakemake itself.
"""

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
main()
