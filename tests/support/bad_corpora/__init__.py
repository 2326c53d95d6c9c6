"""Corpora with one thing wrong each, and what the audit must say of it."""
