"""Shared by tests of several packages: builders of small corpora, folds and runs; runs of the workflow."""
