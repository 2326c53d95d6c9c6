"""File input and output: atomic writes, validated reads, tensor and cache formats, downloads."""
