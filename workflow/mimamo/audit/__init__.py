"""Frame alignment checks: what is wrong with a corpus, name by name and as a whole."""
