"""The temporal stream's input: phase differences of the complex steerable pyramid."""
