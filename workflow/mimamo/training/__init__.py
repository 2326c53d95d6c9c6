"""Training of one fold: the loop, its settings, and how it survives being stopped."""
