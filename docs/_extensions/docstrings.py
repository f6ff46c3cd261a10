"""What Sphinx would misread: examples without a title, |z| as a substitution, defaults that a factory makes."""

from __future__ import annotations

import re
from typing import Any

BARS = re.compile(r"(``.*?``)|\|(\w+)\|")  # code stays as it is


def setup(app: Any) -> dict[str, Any]:
    """Run before napoleon, which would take the examples for a part of the section above."""
    app.connect("autodoc-process-docstring", _rewrite, priority=400)
    app.connect("autodoc-process-signature", _show_factories)
    return {"parallel_read_safe": True}


def _rewrite(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = [BARS.sub(lambda found: found[1] or rf"\|{found[2]}\|", line) for line in lines]
    titled = any(set(line) == {"-"} for line in lines)
    examples = (place for place, line in enumerate(lines) if line.startswith(">>>") and not lines[place - 1])
    first = next(examples, None)
    if titled and first is not None and "Examples" not in lines:
        lines[first:first] = ["Examples", "--------"]


def _show_factories(
    app: Any, what: str, name: str, thing: Any, options: Any, signature: str | None, returned: str | None
) -> tuple[str, str | None] | None:
    """Write what can be parsed: one ``<factory>``, and a whole signature stays without links."""
    return (signature.replace("<factory>", "..."), returned) if signature else None
