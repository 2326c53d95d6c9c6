"""Valence-arousal estimation on Aff-Wild2 with phase differences, ResNet-50 and MIMAMO Net."""

__version__ = "0.1.0"

#: The two annotated dimensions, in the order of every file, array and network output.
DIMENSIONS = ("valence", "arousal")
