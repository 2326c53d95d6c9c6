"""Evaluation of the method's steps: ablations, variants, gap policies, comparison with published scores."""
