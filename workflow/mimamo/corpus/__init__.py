"""The data set on disk: its layout, and a reader for each kind of file."""
