"""HTML pages in one file: their common look, how numbers are written, and libraries that are embedded."""
