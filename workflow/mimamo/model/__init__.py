"""MIMAMO Net: the network, its checkpoints, and inference."""
