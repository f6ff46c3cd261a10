"""Networks and losses by name: where a class is, whose it is, and one line of help for a name or argument of none."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from gan_lessons.errors import InputError, suggest

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """Where a class is, whose it is, and the arguments that make it the one that its name says."""

    module: str
    class_name: str
    paper: str
    arguments: dict[str, Any] = field(default_factory=dict)


def look_up(kind: str, table: Mapping[str, T], name: str) -> T:
    """Return what stands under a name, or raise `InputError` with the nearest one.

    >>> look_up("fruit", {"pear": 1}, "pear")
    1
    """
    if name not in table:
        raise InputError(f"unknown {kind} {name!r}; {suggest(name, table)}")
    return table[name]


def construct(what: str, make: Callable[..., T], arguments: Mapping[str, Any]) -> T:
    """Call a class with arguments; raise `InputError` that names the argument it has none of, or why it refuses."""
    known = inspect.signature(make).parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        for name in arguments:
            if name not in known:
                raise InputError(f"{what} has no argument {name!r}; {suggest(name, known)}")
    try:
        return make(**arguments)
    except InputError:
        raise
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{what} can't be built with {dict(arguments)}: {error}") from error


def build(
    kind: str,
    entries: Mapping[str, Entry],
    presets: Mapping[str, Mapping[str, dict[str, Any]]],
    name: str,
    preset: str | None,
    arguments: Mapping[str, Any],
) -> Any:
    """Build a network: its entry's arguments, before them the preset's, before them those that are given."""
    entry = look_up(kind, entries, name)
    forms = presets.get(name, {})
    if preset is not None and preset not in forms:
        raise InputError(f"{kind} {name!r} has no preset {preset!r}; {suggest(preset, forms)}")
    chosen = forms[preset] if preset is not None else {}
    make = load_class(kind, entries, entry.class_name)
    return construct(f"{kind} {name!r}", make, {**entry.arguments, **chosen, **arguments})


def load_class(kind: str, entries: Mapping[str, Entry], class_name: str) -> Any:
    """Import a class from the package of its kind: an entry's, or the base class, which is called as the kind."""
    modules = {kind.capitalize(): "base"} | {entry.class_name: entry.module for entry in entries.values()}
    package = f"gan_lessons.{kind}s"
    if class_name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {class_name!r}")
    return getattr(import_module(f"{package}.{modules[class_name]}"), class_name)
