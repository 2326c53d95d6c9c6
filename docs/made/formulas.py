"""Formulas as pictures in the colour of the text, drawn by matplotlib when the site is built."""

import re
from html import escape

from docutils import nodes
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

RENDERER = "mathtext"
#: Units of a picture per em of the text around it.
EM = 100
_FONT = FontProperties(size=EM, math_fontfamily="stix")
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
_POINTS = {Path.CURVE3: 2, Path.CURVE4: 3}


#: Brackets of a given size, of which matplotlib knows those that fit what is between them.
_SIZED = re.compile(r"\\[bB]ig{1,2}([lr])")


def _paired(bracket: re.Match) -> str:
    """Return a bracket that fits what is between it and the other one."""
    return r"\left" if bracket[1] == "l" else r"\right"


def outline(vertices, codes) -> str:
    """Return the path of a picture, whose y grows downwards, from that of matplotlib."""
    parts, place = [], 0
    while place < len(codes):
        count = _POINTS.get(codes[place], 1)
        points = [] if codes[place] == Path.CLOSEPOLY else vertices[place : place + count]
        parts.append(_LETTERS[codes[place]] + " ".join(f"{x:.1f} {-y:.1f}" for x, y in points))
        place += count
    return "".join(parts)


def picture(formula: str) -> str:
    """Return a formula as SVG, which a screen reader reads by its source.

    Parameters
    ----------
    formula
        LaTeX, as far as matplotlib knows it.

    Raises
    ------
    ValueError
        Where matplotlib does not know it; the build of the site ends with it.
    """
    text = f"${_SIZED.sub(_paired, ' '.join(formula.split()))}$"
    drawn = TextToPath()
    width, height, descent = drawn.get_text_width_height_descent(text, _FONT, ismath=True)
    vertices, codes = drawn.get_text_path(_FONT, text, ismath=True)
    size = f"width:{width / EM:.2f}em;height:{height / EM:.2f}em;vertical-align:{-descent / EM:.2f}em"
    return (
        f'<svg class="formula" role="img" aria-label="{escape(formula)}" style="{size}" '
        f'viewBox="0 {descent - height:.1f} {width:.1f} {height:.1f}">'
        f'<path fill="currentColor" d="{outline(vertices, codes)}"/></svg>'
    )


def visit_inline(translator, node: nodes.math) -> None:
    """Write a formula within a sentence."""
    translator.body.append(picture(node.astext()))
    raise nodes.SkipNode


def visit_block(translator, node: nodes.math_block) -> None:
    """Write a formula, or lines of them, by itself."""
    lines = "".join(f"<div>{picture(line)}</div>" for line in node.astext().split(r"\\"))
    translator.body.append(f'<div class="formulas">{lines}</div>')
    raise nodes.SkipNode
