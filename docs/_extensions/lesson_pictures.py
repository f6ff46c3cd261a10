"""What the lessons' own code restored: the pictures of their sections *Use it*, with the figures printed there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from writing import GENERATED, ROOT, write_page

TITLE = """# From the lessons

What students build restores these, after a training of minutes on two cores. Where a classical method is ahead, the
lesson says so and asks why.
"""


def setup(app: Any) -> dict[str, Any]:
    """Write the page before Sphinx looks for sources."""
    app.connect("config-inited", lambda *_: write_page("lesson_pictures.md", pictures()))
    return {"parallel_read_safe": True}


def pictures() -> str:
    """Return the page in Markdown, and write its pictures beside it."""
    page = TITLE
    for notebook in sorted((ROOT / "tutorials" / "solutions").glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        shown = list(_shown(cells, notebook.stem))
        if {"!", "`"} <= {part[0] for part in shown}:  # pictures, and figures in decibels
            texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
            title = next(found[1] for text in texts if (found := re.match("# (.+)", text)))
            page += "\n\n".join([f"\n## [{title}](lessons/{notebook.name})", *shown]) + "\n"
    return page


def _shown(cells: list[dict[str, Any]], name: str) -> Iterator[str]:
    """Yield the restored images of the section *Use it*, and what is printed there in decibels."""
    used = False
    for number, cell in enumerate(cells):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (titles := re.findall("^## (.+)", source, re.MULTILINE)):
            used = titles[-1].startswith("Use it")
        if used and cell["cell_type"] == "code":
            for place, output in enumerate(cell["outputs"]):
                text, picture = "".join(output.get("text", "")), output.get("data", {}).get("image/png")
                if " dB" in text:
                    yield f"```text\n{text.rstrip()}\n```"
                if picture and "truth" in source:
                    path = GENERATED / "pictures" / f"{name}-{number}-{place}.png"
                    _write(path, base64.b64decode("".join(picture)))
                    yield f"![{name}: restored images and their truth](pictures/{path.name})"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
