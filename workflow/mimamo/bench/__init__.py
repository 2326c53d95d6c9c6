"""Benchmark of each stage, next to what limits it on the same machine and to alternative packages.

Needs torch, torchvision, numpy and opencv only, so that it can be carried to a machine with a GPU:
``python -m mimamo.bench --filters results/phase/filters.npz``.
"""
