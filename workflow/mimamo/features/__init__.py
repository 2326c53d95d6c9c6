"""Input of the spatial stream: pooled activations of a pretrained backbone."""
