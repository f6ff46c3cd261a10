"""Links by a name's end: `restore` finds gan_lessons.restoration.restore.

Where several things are called so, the one in the same room is meant; a name that the reference doesn't have, such as
a constant's, stays as code.
"""

from __future__ import annotations

from typing import Any

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode


def setup(app: Any) -> dict[str, Any]:
    """Run it before Sphinx looks names up: that would link to the first of several."""
    app.add_post_transform(ShortNames)
    return {"parallel_read_safe": True}


class ShortNames(SphinxPostTransform):
    """Resolve what Sphinx's own rules don't find, or find more than once."""

    default_priority = 9  # Sphinx's resolver has 10

    def run(self, **_: Any) -> None:
        """Resolve in one page."""
        for node in list(self.document.findall(pending_xref)):
            if node.get("refdomain") == "py" and node["reftarget"] not in self.env.domains["py"].objects:
                found = self._resolve(node)
                if found is not None:
                    node.replace_self(found)

    def _resolve(self, node: pending_xref) -> Element | None:
        home, _, name = node["reftarget"].rpartition(".")
        room = home if home.startswith("gan_lessons.") else node.get("py:module") or ""
        objects = self.env.domains["py"].objects
        found = [full for full, entry in objects.items() if full.endswith(f".{name}") and not entry.aliased]
        near = [full for full in found if full.split(".")[:2] == room.split(".")[:2]]
        chosen = found if len(found) == 1 and not home.startswith("gan_lessons.") else near
        content = node[0]
        if len(chosen) == 1 and (not home or home.startswith("gan_lessons")):
            entry = objects[chosen[0]]
            return make_refnode(self.app.builder, self.env.docname, entry.docname, entry.node_id, content, chosen[0])
        return content if node["reftype"] == "obj" or len(found) > 1 else None
