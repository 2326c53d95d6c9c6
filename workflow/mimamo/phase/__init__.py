"""Input of the temporal stream: phase differences of the complex steerable pyramid."""
