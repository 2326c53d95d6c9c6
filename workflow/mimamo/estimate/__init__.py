"""What a run will take: jobs, hours of CPU and GPU, disk and wall time, from measured rates alone.

How many jobs there are, Snakemake's own plan says. How long they take follows from a finished run's
benchmarks and, for the networks, from some steps of the configured ones or from a benchmark's file.
"""
