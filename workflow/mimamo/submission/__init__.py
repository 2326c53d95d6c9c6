"""Submission files of the challenge: written, parsed and validated."""
