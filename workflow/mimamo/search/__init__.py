"""Search: hyperparameters within ranges of the configuration, chosen by the stop names alone."""
