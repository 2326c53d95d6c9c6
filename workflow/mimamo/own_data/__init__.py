"""Data of the user's own: prediction of aligned crops, conversion of published checkpoints."""
