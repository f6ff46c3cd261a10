"""Pages that live outside docs/ are copied; links that lead out of docs/ lead to those copies.

Where the site has no copy of what a link leads to, its path stands beside the words, as code.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from writing import DOCS, GENERATED, ROOT, write_page

COPIES = {
    "benchmarks/README.md": "generated/benchmarks.md",
    "CHANGELOG.md": "generated/changelog.md",
    "CONTRIBUTING.md": "generated/contributing.md",
}
PAGES = COPIES | {"README.md": "index.md", "src/gan_lessons/training/recipes": "generated/recipes.md"}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)]*)?\)")


def setup(app: Any) -> dict[str, Any]:
    """Copy before Sphinx looks for sources, and read every guide through `relink`."""
    app.connect("config-inited", lambda *_: copy())
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}


def copy() -> None:
    """Copy the pages, and each executed notebook of tutorials/solutions to generated/lessons/."""
    for source, page in COPIES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        write_page(Path(page).name, relink(text, folder=(ROOT / source).parent, page=DOCS / page))
    for notebook in sorted((ROOT / "tutorials" / "solutions").glob("*.ipynb")):
        write_page(f"lessons/{notebook.name}", _from_title_on(notebook.read_text(encoding="utf-8")))


def _from_title_on(notebook: str) -> str:
    """Return a notebook without the cells above its title, which prepare a hosted computer."""
    content = json.loads(notebook)
    title = next(place for place, cell in enumerate(content["cells"]) if cell["cell_type"] == "markdown")
    content["cells"] = content["cells"][title:]
    return json.dumps(content, ensure_ascii=False, indent=1)


def relink(text: str, *, folder: Path, page: Path) -> str:
    """Return Markdown whose relative links, written in a file of `folder`, are right on a page of the site."""

    def right(link: re.Match[str]) -> str:
        words, written, anchor = link[1], link[2], link[3] or ""
        path = (folder / written).resolve()
        inside = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
        target = DOCS / PAGES[inside] if inside in PAGES else path
        if target.is_relative_to(DOCS) or not path.exists():
            return f"[{words}]({os.path.relpath(target, page.parent)}{anchor})"
        return f"{words} (`{inside}`)"

    return LINK.sub(right, text)


def _read(app: Any, docname: str, source: list[str]) -> None:
    page = DOCS / f"{docname}.md"
    if page.exists() and not page.is_relative_to(GENERATED):
        source[0] = relink(source[0], folder=page.parent, page=page)
