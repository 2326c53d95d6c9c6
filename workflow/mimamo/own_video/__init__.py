"""Predictions for a user's own videos: the table, the film, and crops that move as those of training."""
