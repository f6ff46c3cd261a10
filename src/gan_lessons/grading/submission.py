"""A student's notebook, read without trusting it: which cells there are, and which of them answers what."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 20 << 20  # bytes; outputs with figures are in it
NO_NOTEBOOK = "this is not a notebook that can be read: hand in the .ipynb file itself"
MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)


class Unreadable(Exception):
    """The submission can't be graded; its message is for the student."""


@dataclass(frozen=True)
class Submission:
    """A notebook's code cells, in order, and the number of the cell that answers each task."""

    cells: tuple[str, ...]
    answers: dict[str, int]
    digest: str

    def code_of(self, task: str) -> str:
        """Return a task's answer; nothing if it has none."""
        return self.cells[self.answers[task]] if task in self.answers else ""


def read_submission(path: Path, tasks: Sequence[str]) -> Submission:
    """Read a notebook's file.

    Raises
    ------
    Unreadable
        If it isn't a notebook, or far too large for one.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"the notebook is larger than {LARGEST >> 20} MB: clear its outputs and hand it in again")
        return parse_submission(json.loads(path.read_bytes()), tasks)
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(NO_NOTEBOOK) from error


def parse_submission(notebook: Any, tasks: Sequence[str]) -> Submission:
    """Find the answers in a notebook. What its metadata say about points and locks is ignored.

    A task's answer is the last cell with its ``grade_id``, else the last one that defines its name: metadata get lost,
    and cells are copied.

    Raises
    ------
    Unreadable
        If it isn't built as a notebook is.
    """
    try:
        cells = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
        read = [(_source(cell), _mark(cell)) for cell in cells]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(NO_NOTEBOOK) from error
    kept = [(code, mark) for code, mark in read if not _is_given(mark)]
    answers = {}
    for task in tasks:
        by_mark = [number for number, (_, mark) in enumerate(kept) if mark.get("grade_id") == task]
        by_name = [number for number, (code, _) in enumerate(kept) if task in defined(code)]
        for number in (by_mark or by_name)[-1:]:
            answers[task] = number
    codes = tuple(code for code, _ in kept)
    return Submission(codes, answers, hashlib.sha256(json.dumps([codes, answers]).encode()).hexdigest())


def defined(code: str) -> set[str]:
    """Return the names of functions and classes that code defines at its top.

    >>> sorted(defined("import os\\ndef up(): ...\\nclass UNet: ..."))
    ['UNet', 'up']
    """
    tree = parsed(code)
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {one.name for one in tree.body if isinstance(one, kinds)} if tree else set()


def parsed(code: str) -> ast.Module | None:
    """Return the syntax tree; None if there is none."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    # Commands to the notebook (%matplotlib, !pip) are no Python; lines keep their numbers.
    return text if parsed(text) else MAGIC.sub(r"\1pass", text)


def _mark(cell: dict[str, Any]) -> dict[str, Any]:
    mark = cell.get("metadata", {}).get("nbgrader", {})
    return mark if isinstance(mark, dict) else {}


def _is_given(mark: dict[str, Any]) -> bool:
    """Tell cells that the lab came with: they are run from the lab itself, or not at all."""
    return bool(mark.get("locked") or (mark.get("grade") and not mark.get("solution")))
