"""What each step of the method is worth, beside published numbers."""
