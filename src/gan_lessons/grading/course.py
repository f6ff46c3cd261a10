"""A course folder on which nbgrader's own commands work, and notebooks with numbers of each student's own."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_lessons.errors import InputError
from gan_lessons.grading.lab import Lab
from gan_lessons.grading.notebook import make_notebook
from gan_lessons.grading.secret import Secret, read_secret
from gan_lessons.io import written_beside

CONFIG = '''"""nbgrader's settings for this course: students' code runs in gan-lessons' sandbox, not in a kernel."""

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, IgnorePattern, LimitOutput, SaveAutoGrades

from gan_lessons.grading.preprocessor import GradeInSandbox

c = get_config()  # noqa: F821
c.Autograde.autograde_preprocessors = [
    GradeInSandbox,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.GradeInSandbox.secret = {secret!r}
c.GradeInSandbox.own_numbers = {own_numbers}
c.OverwriteCells.add_missing_cells = True  # a cell that a student deleted scores nothing, and stops nothing
'''


def make_course(
    folder: Path,
    labs: Sequence[Lab],
    secret: Path,
    sources: Path,
    *,
    students: Sequence[str] = (),
    overwrite: bool = False,
) -> list[Path]:
    """Write ``nbgrader_config.py`` and ``source/labN/labN.ipynb``; for students also ``handout/STUDENT/labN.ipynb``.

    Parameters
    ----------
    folder : Path
    labs : sequence of Lab
    secret : Path
        Its path is kept in the settings, its content nowhere.
    sources : Path
        ``tutorials/instructor``.
    students : sequence of str
        Each gets numbers of their own; without any, the class has the same.

    Raises
    ------
    InputError
        If something is there already and may not be overwritten, or a lab's source is faulty.
    """
    key = read_secret(secret)
    config = CONFIG.format(secret=str(secret.resolve()), own_numbers=bool(students))
    texts = {folder / "nbgrader_config.py": config}
    for lab in labs:
        texts[folder / "source" / lab.name / f"{lab.name}.ipynb"] = _text(make_notebook(lab, sources, lab.variant(key)))
        for student in students:
            texts[folder / "handout" / student / f"{lab.name}.ipynb"] = _handout(lab, sources, key, student)
    if there := [path for path in texts if path.exists() and not overwrite]:
        raise InputError(f"{there[0]}: exists already; choose another folder, or --overwrite")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path, overwrite=True) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return list(texts)


def read_students(path: Path) -> list[str]:
    """Read names, one a line; they become names of folders.

    Raises
    ------
    InputError
        If there are none, or one can't be a folder's name.
    """
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read; expected a text with a student's name a line") from error
    for name in names:
        if not re.fullmatch(r"[\w@-][\w@.-]*", name):
            raise InputError(f"{path}: {name!r} can't be a folder's name; expected letters, digits, . _ @ and -")
    if not names:
        raise InputError(f"{path}: no names; expected one a line")
    return names


def _handout(lab: Lab, sources: Path, secret: Secret, student: str) -> str:
    """Return a student's version: what nbgrader would make, with their own numbers."""
    from nbgrader.preprocessors import ClearSolutions

    notebook = make_notebook(lab, sources, lab.variant(secret, student))
    notebook, _ = ClearSolutions().preprocess(notebook, {})
    return _text(notebook)


def _text(notebook: Any) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
