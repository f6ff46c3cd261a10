"""A lesson of a few cells goes through everything: source, products, kernel, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="needs the extra lessons")

from gan_lessons.cli import main
from gan_lessons.errors import InputError
from gan_lessons.lessons import inspection, products, skeleton
from gan_lessons.lessons.form import find_faults
from gan_lessons.lessons.source import Lesson, read_lesson
from gan_lessons.lessons.starter import empty

SOLUTION = '''class Net(nn.Module):
    """A network."""

    def __init__(
        self,
        width,  # channels
    ):
        """Build."""
        super().__init__()
        self.layer = nn.Conv2d(width, width, 3)

    def forward(self, x):
        return self.layer(x)


limit = {"a": 1,
         "b": 2}
'''

STARTER = '''class Net(nn.Module):
    """A network."""

    def __init__(
        self,
        width,  # channels
    ):
        """Build."""
        super().__init__()
        ...

    def forward(self, x):
        ...


limit = ...'''


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    source, _ = skeleton.begin("07_small", tmp_path)
    return read_lesson(source)


def test_starters_keep_signatures_and_docstrings_only():
    assert empty(SOLUTION) == STARTER


def test_products_are_the_same_bytes_each_time(lesson, tmp_path):
    first = [path.read_bytes() for path in products.build(lesson, tmp_path)]
    second = [path.read_bytes() for path in products.build(read_lesson(lesson.path), tmp_path)]
    assert first == second
    notebook, lab = (json.loads(one) for one in first)
    assert all(not cell.get("outputs") for cell in notebook["cells"])
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert "// stride" in str(notebook)
    assert "// stride" not in str(lab)


def test_a_cell_keeps_its_id_when_another_is_written_before_it(lesson, tmp_path):
    before = {cell.source: cell.id for cell in products.with_solutions(lesson).cells}
    text = lesson.path.read_text(encoding="utf-8")
    lesson.path.write_text("# %% [markdown]\n# New.\n\n" + text, encoding="utf-8")
    after = {cell.source: cell.id for cell in products.with_solutions(read_lesson(lesson.path)).cells}
    assert after.items() > before.items()


def test_stale_products_are_named(lesson, tmp_path):
    products.build(lesson, tmp_path)
    products.write_product(products.with_solutions(lesson), tmp_path / products.SOLUTIONS, lesson)
    assert not list(inspection.find_stale(lesson, tmp_path))
    (tmp_path / products.LABS / "07_small.ipynb").unlink()
    text = lesson.path.read_text(encoding="utf-8")
    lesson.path.write_text(text.replace("A question", "Another question"), encoding="utf-8")
    stale = list(inspection.find_stale(read_lesson(lesson.path), tmp_path))
    assert [("missing" in line, "differs" in line) for line in stale] == [(False, True), (True, False), (False, True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('# %% tags=["solution"]\nx = 1\n', "expected exercise="),
        ('# %% tags=["solution"] exercise="unet"\nx = 1\n', "a check right after"),
        ('# %% tags=["solutoin"]\nx = 1\n', "did you mean 'solution'"),
    ],
)
def test_sources_with_faults_are_refused_in_a_line(tmp_path, text, words):
    (tmp_path / "00_x.py").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_lesson(tmp_path / "00_x.py")


def test_form_counts_cells_words_and_lines(lesson):
    assert "11 cells; expected 30 to 45" in next(find_faults(lesson))


@pytest.mark.slow
def test_check_finds_what_kernels_show(tmp_path, capsys):
    """The skeleton as it is has one fault, its length; then each kind of fault is made and named."""
    source, wrong = skeleton.begin("07_small", tmp_path)
    lesson = read_lesson(source)
    assert not list(inspection.find_starter_faults(lesson))
    assert not list(inspection.find_solution_faults(lesson))
    assert not list(inspection.find_accepted(lesson))

    wrong.write_text(wrong.read_text(encoding="utf-8").replace("side + padding", "side + 2 * padding"), "utf-8")
    assert "passes its check" in next(inspection.find_accepted(read_lesson(source)))
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("import torch\n", "import torhc\n"), encoding="utf-8")
    assert "ModuleNotFoundError" in next(inspection.find_solution_faults(read_lesson(source)))
    assert "expected its first check" in next(inspection.find_starter_faults(read_lesson(source)))


def test_new_refuses_names_and_existing_lessons(tmp_path, capsys):
    assert main(["lessons", "new", "Dual Critics", "--folder", str(tmp_path)]) == 2
    assert "two digits and a topic" in capsys.readouterr().err
    assert main(["lessons", "new", "07_dual_critics", "--folder", str(tmp_path)]) == 0
    assert main(["lessons", "new", "07_dual_critics", "--folder", str(tmp_path)]) == 2
    assert main(["lessons", "build", "--only", "08", "--folder", str(tmp_path)]) == 2
    assert "expected one of 07_dual_critics" in capsys.readouterr().err
