"""What the site is made with: links that leave docs/, the commands' reference, the check of a built site."""

from __future__ import annotations

import json
import sys
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest

nodes = pytest.importorskip("docutils.nodes", reason="needs the dependency group docs")
pytest.importorskip("sphinx", reason="needs the dependency group docs")

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(autouse=True)
def _extensions(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_extensions"))
    monkeypatch.syspath_prepend(str(DOCS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(DOCS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]  # a name such as `models` must not stay


def site(folder: Path, **pages: str) -> Path:
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    return folder


class TestRelink:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("[a](docs/plugin.md)", "[a](../../plugin.md)"),
            ("[a](docs/data.md#layouts)", "[a](../../data.md#layouts)"),
            ("[a](benchmarks/README.md)", "[a](../benchmarks.md)"),
            ("[a](src/gan_lessons/image.py)", "a (`src/gan_lessons/image.py`)"),
            ("[a](docs/absent.md)", "[a](../../absent.md)"),  # for Sphinx to complain about
            ("[a](https://example.org/x.md)", "[a](https://example.org/x.md)"),
            ("[a](#models)", "[a](#models)"),
        ],
    )
    def test_a_link_of_the_readme_is_right_on_a_page_of_the_site(self, written, expected):
        elsewhere = import_module("elsewhere")
        page = DOCS / "generated" / "models" / "index.md"
        assert elsewhere.relink(written, folder=DOCS.parent, page=page) == expected

    def test_a_link_inside_docs_stays(self):
        elsewhere = import_module("elsewhere")
        assert elsewhere.relink("[a](trust.md)", folder=DOCS, page=DOCS / "evaluate.md") == "[a](trust.md)"


def test_the_reference_has_every_command_with_its_whole_sentence_and_options():
    from typer.main import get_command

    from gan_lessons.cli.app import app

    page = unescape(import_module("command_line").command_line())
    for name, command in get_command(app).commands.items():
        assert f"## `gan-lessons {name}`" in page
        assert f"[`{name}`](#gan-lessons-{name}): {command.help.split('. ')[0].splitlines()[0]}" in page
    assert "`--overwrite`: Replace results that exist." in page


def test_a_lesson_begins_with_its_title():
    elsewhere = import_module("elsewhere")
    cells = [{"cell_type": "code", "source": "install"}, {"cell_type": "markdown", "source": "# 1"}]
    assert json.loads(elsewhere._from_title_on(json.dumps({"cells": cells})))["cells"] == cells[1:]


def rewritten(*lines: str) -> list[str]:
    given = list(lines)
    import_module("docstrings")._rewrite(None, "function", "f", None, None, given)
    return given


class TestDocstrings:
    def test_examples_end_the_section_above_them(self):
        lines = rewritten("Raises", "------", "InputError", "    Always.", "", ">>> f()")
        assert lines[-3:] == ["Examples", "--------", ">>> f()"]

    def test_examples_below_their_own_title_stay(self):
        lines = ["Examples", "--------", "", ">>> f()"]
        assert rewritten(*lines) == lines

    def test_a_magnitude_is_no_substitution(self):
        assert rewritten("What |z| exceeds, as ``|z|`` says.") == [r"What \|z\| exceeds, as ``|z|`` says."]


class TestFormulas:
    def test_a_fraction_becomes_mathml(self):
        formula = nodes.math_block(text=r"\Big( \frac{a}{b} \Big)")
        assert "<mfrac>" in import_module("mathml")._mathml(formula, as_block=True)

    def test_what_cannot_be_read_stays_as_it_is_written(self):
        formula = nodes.math(text=r"\unheard{a < b}")
        assert import_module("mathml")._mathml(formula, as_block=False) == r"<code>\unheard{a &lt; b}</code>"


class TestCheckSite:
    def test_a_sound_site_has_no_faults(self, tmp_path):
        pages = {
            "index": '<h1 id="top"></h1><a href="two.html#here">x</a>',
            "two": '<p id="here"><a href="https://a.b">',
        }
        assert import_module("check_site").faults(site(tmp_path, **pages)) == []

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ('<a href="absent.html">', "leads to absent.html"),
            ('<a href="#absent">', "leads to #absent"),
            ('<img src="absent.png">', "leads to absent.png"),
            ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js from the network"),
            ('<link rel="stylesheet" href="//fonts.example/x.css">', "from the network"),
        ],
    )
    def test_each_fault_is_told(self, tmp_path, body, words):
        (told,) = import_module("check_site").faults(site(tmp_path, index=body))
        assert words in told

    def test_a_style_sheet_that_loads_a_font_is_told(self, tmp_path):
        (tmp_path / "a.css").write_text("@font-face { src: url('https://fonts.example/x.woff2') }", encoding="utf-8")
        assert "x.woff2" in import_module("check_site").faults(site(tmp_path, index=""))[0]

    def test_an_empty_folder_is_no_site(self, tmp_path):
        assert "no page" in import_module("check_site").faults(tmp_path)[0]
