"""The workflow's figures, drawn with matplotlib, one module each.

`mimamo.figures.style` is how they look, `mimamo.figures.drawing` writes the files of each, which
`mimamo.figures.files` names.
"""
