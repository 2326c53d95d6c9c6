"""Scores: metrics, their confidence intervals, and a baseline to compare with."""
