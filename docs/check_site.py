"""Check a built site: nothing is loaded from the network, and every link inside it leads to a place that exists.

python docs/check_site.py build/site

Links to other sites are checked by Sphinx, where there is a network: sphinx-build -b linkcheck docs build/links
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    "img": "src",
    "script": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "link": "href",
}
NOT_LOADED = {"canonical", "next", "prev", "search", "index", "author", "alternate"}  # <link rel=…>
FROM_CSS = re.compile(r"""(?:@import\s+|url\()\s*["']?\s*((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """What a page offers (ids), what it loads, and where its links lead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids, self.loads, self.links = {""}, set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what counts of a tag."""
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag in LOADS and not set(found.get("rel", "").split()) & NOT_LOADED:
            self.loads.add(found.get(LOADS[tag], ""))
        if tag == "a":
            self.links.add(found.get("href", ""))


def faults(site: Path) -> list[str]:
    """Return a line for each fault of the pages and style sheets below a folder."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    told = [] if pages else [f"{site}: no page; build the site first"]
    for path, page in pages.items():
        told += [f"{path}: loads {url} from the network" for url in sorted(page.loads) if urlsplit(url).netloc]
        inside = (link for link in page.links | page.loads if not urlsplit(link).scheme and not urlsplit(link).netloc)
        told += [
            f"{path}: leads to {link}, which isn't there" for link in sorted(inside) if not _leads(path, link, pages)
        ]
    for path in sorted(site.rglob("*.css")):
        urls = FROM_CSS.findall(path.read_text(encoding="utf-8"))
        told += [f"{path}: loads {url} from the network" for url in urls]
    return told


def _leads(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    """Return whether a relative link leads to a file, and to an id in it where it names one."""
    where = urlsplit(link)
    target = (path.parent / unquote(where.path)).resolve() if where.path else path
    if target.is_dir():
        target = target / "index.html"
    return target.exists() and (target not in pages or unquote(where.fragment) in pages[target].ids)


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]).resolve())
    print(*found, sep="\n")
    print(f"{len(found)} faults")
    sys.exit(2 if found else 0)
