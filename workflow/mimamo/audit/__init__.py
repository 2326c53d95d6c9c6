"""Frame alignment checks: validation of a corpus, name by name and as a whole."""
