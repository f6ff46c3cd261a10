"""Notebooks, times, secrets and likeness are read without a sandbox."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_lessons.errors import InputError
from gan_lessons.grading.classroom import Outcome
from gan_lessons.grading.feedback import as_page
from gan_lessons.grading.handed_in import find_submissions
from gan_lessons.grading.labs import get_lab
from gan_lessons.grading.record import Lateness, Record, read_record, write_record
from gan_lessons.grading.sandbox import Reply, read_arrays
from gan_lessons.grading.scan import library_imports, ways_around
from gan_lessons.grading.scoring import Score, judge
from gan_lessons.grading.secret import Secret, read_secret
from gan_lessons.grading.similarity import compare
from gan_lessons.grading.submission import Unreadable, parse_submission, read_submission
from gan_lessons.grading.tables import write_grades


def cell(code: str, **mark: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": code, "metadata": {"nbgrader": mark} if mark else {}}


def test_answers_are_found_by_mark_then_by_name_and_given_cells_are_left_out() -> None:
    notebook = {
        "cells": [
            cell("raise SystemExit", locked=True, grade_id="given"),
            cell("def up(): return 'first'", grade_id="up", solution=True),
            cell(["%matplotlib inline\n", "def down(): return 1"]),
            cell("def up(): return 'copied'", grade_id="up", solution=True),
            cell("up() == 3", grade=True, grade_id="up-points", points=1000),
        ]
    }
    found = parse_submission(notebook, ["up", "down", "UNet"])
    assert found.answers == {"up": 2, "down": 1}
    assert found.cells[1] == "pass\ndef down(): return 1"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{"cell_type": "code"}]}', "[" * 100_000])
def test_what_is_no_notebook_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(Unreadable, match="hand in the"):
        read_submission(tmp_path / "a.ipynb", ["up"])


def test_layouts_of_a_class(tmp_path: Path) -> None:
    for name in ("anna.ipynb", "ben/work.ipynb", "cleo/lab1/lab1.ipynb", "dora/a.ipynb", "dora/b.ipynb", "emil/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "cleo" / "lab1" / "timestamp.txt").write_text("2026-11-20 12:00:00.000000 UTC")
    (tmp_path / "fred.ipynb").symlink_to(tmp_path / "anna.ipynb")
    found = {one.student: one for one in find_submissions(tmp_path, "lab1")}
    assert [name for name, one in found.items() if one.path] == ["anna", "ben", "cleo"]
    assert found["cleo"].time == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_secret_in_a_repository_or_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    secret = tmp_path / "course.secret"
    with pytest.raises(InputError, match="token_hex"):
        read_secret(secret)
    secret.write_text("short")
    with pytest.raises(InputError, match="5 characters; expected 16"):
        read_secret(secret)
    secret.write_text("long enough to be one")
    with pytest.raises(InputError, match="git work tree"):
        read_secret(secret)
    assert "long" not in repr(Secret(b"long enough to be one"))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import gan_lessons.generators as g", ["gan_lessons.generators"]),
        ("def f():\n    from gan_lessons import restore", ["gan_lessons"]),
        ("from skimage import metrics", ["skimage.metrics"]),
        ("import gan_lessons_of_mine, skimage.filters", []),
    ],
)
def test_imports_of_answers(code: str, found: list[str]) -> None:
    assert [name for _, name in library_imports(code, ["skimage.metrics"])] == found


@pytest.mark.parametrize("code", ["__import__('os')", "getattr(x, '__globals__')", "importlib.reload(m)", "open('x')"])
def test_ways_around_are_told(code: str) -> None:
    assert ways_around(code)


def test_lateness_counts_begun_days() -> None:
    late = Lateness(datetime(2026, 11, 20, 12, tzinfo=UTC), 10)
    for time, points in (
        (datetime(2026, 11, 20, 12, tzinfo=UTC), 20),
        (datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC), 18),
        (datetime(2026, 11, 22, 11, tzinfo=UTC), 16),
        (datetime(2027, 11, 22, tzinfo=UTC), 0),
        (None, 20),
    ):
        assert late.final(Record("a", "lab1", "f", (Score("up", 20, 25),), time=time)) == points


def test_records_come_back_and_broken_ones_are_none(tmp_path: Path) -> None:
    time = datetime(2026, 11, 20, 12, tzinfo=UTC)
    record = Record("a", "lab1", "f", (Score("up", 1, 2, ("line",), ("note",)),), "", time, ({"points": 3},))
    write_record(record, tmp_path / "a.json")
    assert read_record(tmp_path / "a.json") == record
    (tmp_path / "a.json").write_text('{"half": ')
    assert read_record(tmp_path / "a.json") is None


def test_feedback_has_no_word_of_the_sandbox_and_tables_no_formulas(tmp_path: Path) -> None:
    lab = get_lab(1)
    task = lab.tasks[1]
    truth = task.truth(
        lab.variant(Secret(b"s" * 16)), task.given(lab.variant(Secret(b"s" * 16)), np.random.default_rng(0))
    )
    reply = Reply("itself", None, "HiddenInputError", 2, "=the hidden input is 42", probing=True)
    score = judge(task, truth, reply, "def down(a, b):\n    raise <b>")
    record = Record("abc", "lab1", "f", (score,))
    page = as_page(record, lab, {"KERNEL": 3}, Lateness())
    assert "42" not in page
    assert "HiddenInputError" not in page
    assert "line 2: raise &lt;b&gt;" in page
    write_grades([Outcome("=cmd()", record)], lab, Lateness(), tmp_path)
    for path in tmp_path.glob("*.csv"):
        with path.open() as table:
            assert not [one for row in csv.reader(table) for one in row if one.startswith("=")]
    with (tmp_path / "grades.csv").open() as table:
        assert "=cmd()" not in table.read()


def test_an_answer_that_is_no_safetensors_is_none() -> None:
    for raw in (None, b"", b"\x80\x04", b"\xff" * 64, json.dumps({"y": 1}).encode()):
        assert read_arrays(raw) == {}


def test_copies_are_alike_and_what_was_given_does_not_count() -> None:
    given = (
        "def up(a, b):\n    '''A docstring that all have, and that is long enough to be found.'''\n    return None\n"
    )
    mine = "\n".join(f"part_{k} = make_a_level(a, b, kernel={k}) # my own thoughts" for k in range(8))
    other = "\n".join(f"x{k} = [conv(b, a, {k}), norm({k} * a)][::-1]; print(x{k}, 'done')" for k in range(8))
    pairs = compare({"anna": given + mine, "ben": given + mine.replace("  ", " "), "cleo": given + other}, given=given)
    assert [(one, other) for one, other, _, _ in pairs] == [("anna", "ben")]
