"""The recipes that come with the library, as they are: each value has its reason or its source beside it."""

from __future__ import annotations

from typing import Any

from writing import ROOT, write_page

FOLDER = ROOT / "src" / "gan_lessons" / "training" / "recipes"


def setup(app: Any) -> dict[str, Any]:
    """Write the page before Sphinx looks for sources."""
    app.connect("config-inited", lambda *_: write_page("recipes.md", recipes()))
    return {"parallel_read_safe": True}


def recipes() -> str:
    """Return the page in Markdown."""
    page = "# Recipes\n\n`gan-lessons train NAME --data IMAGES --out RUN` trains as one of these says.\n"
    for path in sorted(FOLDER.glob("*.yaml")):
        page += f"\n## {path.stem}\n\n```yaml\n{path.read_text(encoding='utf-8').strip()}\n```\n"
    return page
