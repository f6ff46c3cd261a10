from __future__ import annotations

import pytest

from gan_lessons import check
from gan_lessons.check.words import EXERCISES, GLOSSARY
from gan_lessons.errors import InputError


def test_every_exercise_has_a_check_and_hints_in_steps():
    for name, exercise in EXERCISES.items():
        assert callable(getattr(check, name))
        assert len(exercise.hints) >= 2
    assert {name for name in check.__all__ if name not in {"NotYet", "glossary", "hint", "progress"}} == set(EXERCISES)


def test_progress_follows_checks_back_and_forth(capsys):
    check.conv_side(lambda side, kernel, stride, padding: (side + 2 * padding - kernel) // stride + 1)
    check.progress()
    assert "✓ conv_side" in capsys.readouterr().out
    with pytest.raises(check.NotYet):
        check.conv_side(lambda *all_of_it: 1)
    check.progress()
    assert "· conv_side" in capsys.readouterr().out


def test_progress_names_the_exercises_of_lessons_begun_in_lines_that_fit(capsys):
    names = [name for name, one in EXERCISES.items() if one.lesson == "8 Fine-tuning"]
    check.charbonnier(
        lambda image, truth, width: ((image - truth).square() + width**2).sqrt().sub(width).mean((1, 2, 3))
    )
    check.progress()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 88
    assert all(any(f"· {name}" in line or f"✓ {name}" in line for line in lines) for name in names)


def test_a_refusal_shows_no_traceback_in_a_notebook():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)  # where IPython hands lines to its front end
    shell.run_cell("from gan_lessons import check\ncheck.conv_side(lambda *all_of_it: ...)")
    assert shown == ["✗ conv_side: it returns nothing yet, or no number. (check.hint('conv_side') helps)"]


def test_unknown_words_suggest_the_nearest():
    with pytest.raises(InputError, match="did you mean 'skip'"):
        check.glossary("skipp")
    with pytest.raises(InputError, match="did you mean 'unet'"):
        check.hint("unett")
    with pytest.raises(InputError, match="expected 1 to"):
        check.hint("unet", 9)


def test_words_explain_and_stay_short(capsys):
    check.glossary()
    assert "receptive field" in capsys.readouterr().out
    assert all(20 < len(text) < 250 for text in GLOSSARY.values())
