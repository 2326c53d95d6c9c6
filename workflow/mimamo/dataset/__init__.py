"""From annotations and caches to what a network is trained on: labels, folds, windows."""
