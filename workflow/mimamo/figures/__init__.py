"""The workflow's figures, drawn with matplotlib, one module each; `mimamo.figures.style` is shared by all."""
