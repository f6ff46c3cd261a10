"""Write the pages that are made, all of them in docs/generated."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
GENERATED = DOCS / "generated"


def write_page(name: str, text: str) -> None:
    """Write docs/generated/NAME; a page that stays the same keeps its time, so that it isn't built again."""
    path = GENERATED / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
