"""Read recipes: by name or path, with changes, and with errors that name the key and the nearest right one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from gan_lessons.errors import InputError, suggest
from gan_lessons.training.sections import Part

FOLDER = Path(__file__).parent / "recipes"

P = TypeVar("P", bound=Part)


def list_recipes() -> list[str]:
    """Return the names of the shipped recipes."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_part(kind: type[P], name_or_path: str | Path, changes: Sequence[str] = ()) -> P:
    """Read YAML, change some values, and check it all; see `read_recipe`."""
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        if str(name_or_path) not in list_recipes():
            found = suggest(str(name_or_path), list_recipes())
            raise InputError(f"unknown recipe {str(name_or_path)!r}; {found} (or give a .yaml file)")
        path = FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        raise InputError(f"{path}: no such recipe")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(given, dict):
        raise InputError(f"{path}: not a recipe; expected keys and values, such as name: mine")
    for change in changes:
        _apply(change, given)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        where = f"{path} with {', '.join(changes)}" if changes else f"{path}"
        raise InputError(f"{where}: {_explain(error)}") from error


def _apply(change: str, given: dict[str, Any]) -> None:
    """Set one value, ``key=value``, in what YAML gave."""
    key, equals, text = change.partition("=")
    if not (equals and key):
        raise InputError(f"--set {change}: expected key=value, such as phases.0.steps=100")
    *way, last = key.split(".")
    section: Any = given
    for word in way:
        inside = _place(section, word, change)
        if isinstance(section, dict) and not isinstance(section.get(inside), (dict, list)):
            section[inside] = {}
        section = section[inside]
    section[_place(section, last, change)] = yaml.safe_load(text)


def _place(section: Any, word: str, change: str) -> str | int:
    """Return a key of a mapping, or a number into a list."""
    if isinstance(section, dict):
        return word
    if not isinstance(section, list):
        raise InputError(f"--set {change}: {word!r} lies in a value that has no keys: {section!r}")
    if not (word.isdecimal() and int(word) < len(section)):
        raise InputError(f"--set {change}: {word!r} is no place in a list of {len(section)}; they count from 0")
    return int(word)


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "value_error":
        text = str(first["msg"]).removeprefix("Value error, ")
        return f"{where}: {text}" if where else text
    if first["type"] == "missing":
        return f"{where} is missing"
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg'].lower()}, found {first['input']!r}"
    keys = {key for part in _parts(Part) for key in part.model_fields}
    near = difflib.get_close_matches(str(first["loc"][-1]), keys, n=1)
    return f"unknown key {where!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _parts(part: type[Part]) -> Iterator[type[Part]]:
    for one in part.__subclasses__():
        yield one
        yield from _parts(one)
