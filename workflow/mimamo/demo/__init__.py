"""A rendered corpus in the layout of Aff-Wild2, with known answers and planted traps."""
