"""Postprocessing of the folds' predictions: ensembling, smoothing, label delay and gap filling."""
