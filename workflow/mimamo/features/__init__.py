"""The spatial stream's input: pooled activations of a backbone, and the weights it has."""
