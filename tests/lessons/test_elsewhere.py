"""Notebooks where learners run them: hosted, without a display, in other folders, twice; and what they take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="needs the extra lessons")

from gan_lessons.cli import main
from gan_lessons.lessons import inspection, products, skeleton
from gan_lessons.lessons.measuring import Cost, write_head
from gan_lessons.lessons.source import Lesson, read_lesson

TUTORIALS = Path(__file__).resolve().parents[2] / "tutorials"

ELSEWHERE = """
import multiprocessing
from pathlib import Path

assert os.environ["GAN_LESSONS_FAST"] == "1"
assert "DISPLAY" not in os.environ
assert " " in str(Path.cwd())
assert multiprocessing.get_start_method() == "spawn"
with open("left behind", MODE) as file:
    file.write("x")
"""


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    source, _ = skeleton.begin("07_small", tmp_path)
    return read_lesson(source)


def _with_code(lesson: Lesson, code: str) -> Lesson:
    text = lesson.path.read_text(encoding="utf-8")
    lesson.path.write_text(text.replace("torch.manual_seed(0)\n", f"torch.manual_seed(0)\n{code}", 1), encoding="utf-8")
    return read_lesson(lesson.path)


@pytest.mark.slow
def test_solutions_run_as_elsewhere_and_twice_in_one_folder(lesson):
    kind = _with_code(lesson, ELSEWHERE.replace("MODE", "'w'"))
    assert not list(inspection.find_solution_faults(kind, times=2))


@pytest.mark.slow
def test_a_lesson_that_runs_only_once_is_told(lesson):
    once = _with_code(lesson, ELSEWHERE.replace("MODE", "'x'"))
    assert not list(inspection.find_solution_faults(once))
    (fault,) = inspection.find_solution_faults(once, times=2)
    assert "at cell 3 the second time with FileExistsError" in fault


@pytest.mark.slow
def test_a_kernel_that_dies_is_told(lesson):
    """As where a lesson needs more memory than there is."""
    (fault,) = inspection.find_solution_faults(_with_code(lesson, "os._exit(1)\n"))
    assert "at cell 3 with DeadKernelError: its kernel ended" in fault


@pytest.mark.slow
def test_the_cheapest_lesson_runs_twice():
    cheapest = read_lesson(TUTORIALS / "src" / "00_inverse_problem.py")
    assert not list(inspection.find_solution_faults(cheapest, times=2))


@pytest.mark.parametrize("there", [False, True])
def test_the_first_cell_installs_only_where_the_library_is_missing(tmp_path, there):
    """In a bare interpreter, beside a package called pip that writes down what it is asked for."""
    (tmp_path / "pip").mkdir()
    note = "import sys; from pathlib import Path; Path(__file__).with_name('asked').write_text(' '.join(sys.argv[1:]))"
    (tmp_path / "pip" / "__main__.py").write_text(note, encoding="utf-8")
    (tmp_path / "pip" / "__init__.py").touch()
    if there:
        (tmp_path / "gan_lessons.py").touch()
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-S", "-c", products.INSTALL.text]
    subprocess.run(command, cwd=tmp_path, env={**bare, "PYTHONPATH": str(tmp_path)}, check=True)
    asked = tmp_path / "pip" / "asked"
    assert asked.exists() != there
    assert there or asked.read_text(encoding="utf-8") == "install -q napari-deblur[lessons]"


def test_solutions_keep_their_figures_where_only_words_change(lesson, tmp_path):
    executed = products.with_solutions(lesson)
    executed.cells[2].outputs = [{"output_type": "stream", "name": "stdout", "text": "seen"}]
    lesson.path.write_text(lesson.path.read_text("utf-8").replace("A question", "Another question"), "utf-8")
    kept = products.with_figures(read_lesson(lesson.path), executed)
    assert kept.cells[2].outputs == executed.cells[2].outputs
    assert "Another question" in kept.cells[3].source
    lesson.path.write_text(lesson.path.read_text("utf-8").replace("stride + 1", "stride + 2"), "utf-8")
    assert products.with_figures(read_lesson(lesson.path), executed) is None


@pytest.mark.parametrize(
    "before", ["a. **Time** about 3 minutes on\n# 2 cores; no GPU.", "a.\n#\n# **Time** x; no GPU."]
)
def test_the_head_says_what_was_measured(lesson, before):
    text = lesson.path.read_text(encoding="utf-8")
    head = next(line for line in text.splitlines() if "**Time**" in line)
    lesson.path.write_text(text.replace(head, f"# {before} **Goal**"), encoding="utf-8")
    for _ in range(2):
        lesson = write_head(read_lesson(lesson.path), Cost(95.0, 1.0e9))
    expected = "a.\n\n**Time** 1.6 minutes of one processor core and 1.0 GB (measured); no GPU. **Goal**"
    assert expected in lesson.cells[0].text


@pytest.mark.slow
def test_build_measures(lesson, tmp_path, capsys):
    assert main(["lessons", "build", "--measure", "--folder", str(tmp_path)]) == 0
    assert "of one processor core" in capsys.readouterr().out
    assert "of one processor core" in lesson.path.read_text(encoding="utf-8")
    assert not list(inspection.find_stale(read_lesson(lesson.path), tmp_path))
