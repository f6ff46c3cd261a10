"""Formulas as MathML, which browsers draw by themselves: MathJax would come from the network."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

SIZES = re.compile(r"\\[bB]igg?[lrm]?(?![a-zA-Z])")  # of brackets, which docutils doesn't know


def setup(app: Any) -> dict[str, Any]:
    """Register the renderer, and choose it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True}


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{_mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    """Return a formula's MathML; one that can't be read stays as it is written, and is told."""
    try:
        return str(tex2mathml(SIZES.sub("", node.astext()), as_block=as_block))
    except MathError as error:
        logging.getLogger(__name__).warning("formula %s: %s", node.astext(), error, location=node)
        return f"<code>{escape(node.astext())}</code>"
