"""``gan-lessons grade`` and ``course``: bad input in a line; nbgrader's own commands on the course."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lessons.cli import main
from gan_lessons.grading.sandbox import why_not

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "tutorials" / "instructor"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "course.secret"
    path.write_text("the secret of these tests")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--lab": "3"}, "lab 3: there is none; expected one of 1, 2, 4, 5, 9"),
        ({"--secret": "nowhere"}, "no secret can be read"),
        ({"--due": "tomorrow"}, "--due tomorrow: not a time"),
        ({"--again": "zoe"}, "--again zoe: handed nothing in"),
        ({"SUBMISSIONS": "nowhere"}, "not a folder"),
    ],
)
def test_bad_input_is_told_in_a_line(
    tmp_path: Path, secret: Path, capsys: pytest.CaptureFixture[str], change: dict[str, str], says: str
) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.ipynb").write_text("{}")
    given = {
        "SUBMISSIONS": str(tmp_path / "class"),
        "--lab": "1",
        "--out": str(tmp_path / "out"),
        "--secret": str(secret),
    }
    given |= change
    words = ["grade", given.pop("SUBMISSIONS"), *(word for pair in given.items() for word in pair)]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert says in said.replace("\n", " ")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_course_gives_each_student_numbers_and_no_solutions(tmp_path: Path, secret: Path) -> None:
    pytest.importorskip("nbgrader")
    (tmp_path / "students").write_text("anna\nben\n")
    course = ["course", str(tmp_path / "c"), "--secret", str(secret), "--sources", str(SOURCES)]
    assert main([*course, "--students", str(tmp_path / "students")]) == 0
    texts = {path.parent.name: path.read_text() for path in (tmp_path / "c" / "handout").glob("*/lab1.ipynb")}
    assert sorted(texts) == ["anna", "ben"]
    assert texts["anna"] != texts["ben"]
    for text in texts.values():
        assert "SOLUTION" not in text
        assert text.count("raise NotImplementedError()") == 5
    assert main(course) == 2  # there already


@pytest.mark.slow
@pytest.mark.skipif(bool(why_not()), reason=f"needs namespaces: {why_not()}")
def test_nbgrader_generates_autogrades_and_gives_feedback(tmp_path: Path, secret: Path) -> None:
    pytest.importorskip("nbgrader")
    assert main(["course", str(tmp_path / "c"), "--lab", "1", "--secret", str(secret), "--sources", str(SOURCES)]) == 0
    # alembic's command must be found: nbgrader calls it by name
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "HOME": str(tmp_path)}

    def nbgrader(*words: str) -> None:
        subprocess.run(["nbgrader", *words], cwd=tmp_path / "c", env=environment, check=True, capture_output=True)

    nbgrader("generate_assignment", "lab1")
    for student, version in (("anna", "source"), ("ben", "release")):
        (tmp_path / "c" / "submitted" / student / "lab1").mkdir(parents=True)
        shutil.copy(tmp_path / "c" / version / "lab1" / "lab1.ipynb", tmp_path / "c" / "submitted" / student / "lab1")
    nbgrader("autograde", "lab1")
    nbgrader("generate_feedback", "lab1")
    nbgrader("export")
    rows = (tmp_path / "c" / "grades.csv").read_text().splitlines()[1:]
    assert [row.split(",")[-2:] for row in rows] == [["25.0", "25.0"], ["0.0", "25.0"]]
    page = (tmp_path / "c" / "feedback" / "anna" / "lab1" / "lab1.html").read_text()
    assert "the encoder: the bottom of the U" in page
    assert "state/" not in page
