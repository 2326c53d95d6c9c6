"""Execution of jobs: logging, errors, interruption; and the progress of a run."""
