"""Cost estimate of a run: jobs, hours of CPU and GPU, disk and wall time, from measured rates alone.

The number of jobs comes from a dry run of Snakemake. Their durations follow from a finished run's benchmarks
and, for the networks, from some steps of the configured ones or from a benchmark's file.
"""
