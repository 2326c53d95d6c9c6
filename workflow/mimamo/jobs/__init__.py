"""What every job of the workflow shares, and how a run of many jobs is followed."""
