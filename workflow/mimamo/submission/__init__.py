"""The challenge's files: written, parsed and validated."""
