"""The data set on disk: where its parts lie, and how each kind of file is read."""
