"""Pictures of what the workflow has done; a module each, and `mimamo.figures.style` for what they share."""
