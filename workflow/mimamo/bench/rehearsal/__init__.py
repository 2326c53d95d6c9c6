"""Rehearsal: the workflow on a stand-in of Aff-Wild2 of any size, with what each rule takes at that size.

The stand-in has Aff-Wild2's numbers of names and frames, times its size. Its crops are links to the rendered
ones of the demo, so that it takes hardly any disk and its labels are true of what the crops show.
``python -m mimamo.bench.rehearsal --size 0.05`` makes it, runs the workflow on it and prints the table.
"""
