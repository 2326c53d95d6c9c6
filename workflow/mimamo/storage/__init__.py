"""Files: written whole or not at all, read without trusting them, fetched once."""
