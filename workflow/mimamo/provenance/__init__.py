"""Provenance of results: the record of each job, and the chain of all records."""
