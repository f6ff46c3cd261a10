"""A page a room of the library: the names that the room itself offers, then those of its modules."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

from writing import write_page

import gan_lessons

ELSEWHERE = ("gan_lessons.cli",)  # its reference is the commands'


def setup(app: Any) -> dict[str, Any]:
    """Write the pages before Sphinx looks for sources."""
    app.connect("config-inited", lambda *_: write_rooms())
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True}


def _skip(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Leave out what another library has documented: a default that is a function of torch."""
    home = getattr(member, "__module__", None) or "gan_lessons"
    return None if home.startswith("gan_lessons") else True


def write_rooms() -> None:
    """Write generated/api/ROOM.rst for each room, and generated/api/index.rst."""
    for module in 2 * list(_modules_below(gan_lessons)):  # twice: one may import what another imports so
        _import_types(module)
    rooms = [name for name in _children(gan_lessons) if name not in ELSEWHERE]
    for room in rooms:
        write_page(f"api/{room}.rst", "\n".join(_room(import_module(room))))
    door = [f"{home}.{name}" for name, home in gan_lessons._HOMES.items()]
    index = [*_title("Reference", "="), _introduction(), *_table(door)]
    index += [*_title("Rooms", "-"), ".. toctree::", "   :maxdepth: 1", "", *(f"   {room}" for room in rooms), ""]
    write_page("api/index.rst", "\n".join(index))


def _introduction() -> str:
    return (
        "Importing ``gan_lessons`` loads neither torch nor napari. These are found in it by their bare names, as in "
        "``gan_lessons.restore``:\n"
    )


def _room(room: ModuleType) -> Iterator[str]:
    """Return a page's lines: every public name once, at the place from which users import it."""
    yield from _title(room.__name__, "=")
    shown: set[Any] = set()
    for module in (room, *_modules_below(room)):
        names = [name for name in _names(module) if getattr(module, name) not in shown]
        shown.update(getattr(module, name) for name in names)
        if module is not room:
            if not names:
                continue
            yield from _title(module.__name__.removeprefix(f"{room.__name__}."), "-")
        yield from (f".. automodule:: {module.__name__}", "", f".. currentmodule:: {module.__name__}", "")
        if module is room:
            yield from _table(names)
        for name in names:
            directive = "autoclass" if inspect.isclass(getattr(module, name)) else "autofunction"
            yield from (f".. {directive}:: {name}", "   :members:" if directive == "autoclass" else "", "")


def _names(module: ModuleType) -> list[str]:
    """Return the public functions and classes that a module offers: its ``__all__``, or what is written in it."""
    offered = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__
    ]
    found = ((name, getattr(module, name)) for name in offered if not name.startswith("_"))
    return [name for name, value in found if inspect.isclass(value) or inspect.isfunction(value)]


def _children(package: ModuleType) -> list[str]:
    return [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]


def _modules_below(module: ModuleType) -> Iterator[ModuleType]:
    for name in _children(module) if hasattr(module, "__path__") else ():
        child = import_module(name)
        yield child
        yield from _modules_below(child)


def _import_types(module: ModuleType) -> None:
    """Import also what only type checkers see, so that signatures link to the right one of equal names."""
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            with suppress(ImportError):
                exec(compile(ast.Module(statement.body, []), module.__name__, "exec"), vars(module))


def _title(text: str, line: str) -> tuple[str, str, str]:
    return text, line * len(text), ""


def _table(names: list[str]) -> list[str]:
    return [".. autosummary::", "   :nosignatures:", "", *(f"   {name}" for name in names), ""] if names else []
