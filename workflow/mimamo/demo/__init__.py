"""The demo corpus: rendered in the layout of Aff-Wild2, with known ground truth and planted traps."""
