"""Training of one fold: the loop, its settings, and resuming after an interruption."""
