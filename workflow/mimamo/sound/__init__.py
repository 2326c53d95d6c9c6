"""The sound of videos: decoding it, its log-mel frames, and which of them belong to which frames."""
