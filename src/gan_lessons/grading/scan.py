"""What an answer does that an answer needn't: imports of the library, and ways around that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gan_lessons.grading.sandbox.isolation import OWN
from gan_lessons.grading.submission import parsed

AROUND = frozenset(
    {"__builtins__", "__globals__", "__import__", "__loader__", "__subclasses__", "_exit", "_getframe", "compile"}
    | {"ctypes", "eval", "exec", "fork", "gc", "globals", "importlib", "inspect", "kill", "multiprocessing", "open"}
    | {"pickle", "pkgutil", "popen", "runpy", "setprofile", "settrace", "socket", "subprocess", "system"}
)
"""Names that no task needs: told to the instructor, no points are lost by them."""


class Finding(NamedTuple):
    """A line, counted from 1, and the name that was found there."""

    line: int
    name: str


def library_imports(code: str, hidden: Sequence[str] = ()) -> list[Finding]:
    """Return the imports of what a task asks to build.

    >>> library_imports("import numpy\\nfrom gan_lessons.generators import UNet")
    [Finding(line=2, name='gan_lessons.generators')]
    """
    forbidden = (*OWN, *hidden)
    found: dict[int, Finding] = {}
    for line, name in _imported(code):
        if any(name == one or name.startswith(f"{one}.") for one in forbidden):
            found.setdefault(line, Finding(line, name))
    return list(found.values())


def ways_around(code: str) -> list[Finding]:
    """Return the names that look like a way around the rules, wherever they stand: as names, attributes or in strings.

    >>> ways_around("getattr(x, '__subclasses__')()")
    [Finding(line=1, name='__subclasses__')]
    """
    tree = parsed(code)
    found = {Finding(line, name.split(".")[0]) for line, name in _imported(code) if name.split(".")[0] in AROUND}
    for node in ast.walk(tree) if tree else ():
        name = ""
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value if node.value.startswith("__") or node.value.split(".")[0] in OWN else ""
        if name in AROUND or name.split(".")[0] in OWN:
            found.add(Finding(getattr(node, "lineno", 0), name))
    return sorted(found)


def _imported(code: str) -> Iterator[tuple[int, str]]:
    tree = parsed(code)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names)
