"""Training data: labels, cross-validation folds, and windows of cached inputs."""
