"""From a video to aligned crops: decode, detect faces, follow people, align and write."""
