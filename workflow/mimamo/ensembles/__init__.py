"""Ensembles over runs and other programs' predictions: their members, weights, scores and predictions."""
