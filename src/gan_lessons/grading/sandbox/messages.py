"""What is said to the sandbox, and what is believed of its answers: only what has the expected type."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Limits:
    """What a question's processes may take, together.

    Parameters
    ----------
    seconds : int
        Of processor time, of all processes together: the same on a busy machine as on a quiet one.
    patience : float
        Seconds by the clock.
    memory : int
        Bytes.
    processes : int
        Threads count too.
    output : int
        Bytes of the answer, and of any one file.
    scratch : int
        Bytes of all files.
    """

    seconds: int = 20
    patience: float = 90.0
    memory: int = 2 << 30
    processes: int = 16
    output: int = 16 << 20
    scratch: int = 64 << 20


USUAL = Limits()


@dataclass(frozen=True)
class Question:
    """A probe that runs after the cells up to number ``cell``.

    Parameters
    ----------
    name : str
    cell : int
        The student's own cell; cells before it run too, and may fail.
    probe : str
        Source of a module with ``function(names, given)``: ``names`` are the student's, ``given`` the inputs. It
        returns a dict of functions without arguments, each for one array; one may fail. It holds nothing that tells
        the right answer.
    inputs : mapping of arrays
    function : str
    """

    name: str
    cell: int
    probe: str
    inputs: Mapping[str, np.ndarray] = field(default_factory=dict)
    function: str = "probe"


@dataclass(frozen=True)
class Reply:
    """What came of a question. All of it was said by untrusted code; ``message`` is for the instructor's eyes only.

    Parameters
    ----------
    ended : {"itself", "time", "memory", "lost"}
        What ended it; lost if the sandbox was broken or said nothing.
    answer : bytes or None
        Of a safetensors file, if it is one.
    error, line, message : str, int or None, str
        What was raised, and at which line of the question's own cell.
    probing : bool
        Whether the cell itself had run.
    """

    ended: str = "lost"
    answer: bytes | None = None
    error: str = ""
    line: int | None = None
    message: str = ""
    probing: bool = False
    seconds: float = 0.0


def packed(question: Question) -> dict[str, Any]:
    """Return a question as JSON has it, arrays in base64."""
    inputs = {
        name: {"dtype": str(one.dtype), "shape": one.shape, "data": base64.b64encode(one.tobytes()).decode()}
        for name, one in question.inputs.items()
    }
    asked = {"name": question.name, "cell": question.cell, "probe": question.probe, "function": question.function}
    return {**asked, "inputs": inputs}


def as_reply(said: Mapping[str, Any]) -> Reply:
    """Take from untrusted words only what has the expected type."""

    def text(name: str) -> str:
        return found[:300] if isinstance(found := said.get(name), str) else ""

    line, answer, seconds = said.get("line"), None, said.get("seconds")
    with contextlib.suppress(ValueError):
        answer = base64.b64decode(said["answer"], validate=True) if isinstance(said.get("answer"), str) else None
    return Reply(
        ended=text("ended") if text("ended") in ("itself", "time", "memory") else "lost",
        answer=answer,
        error=text("error"),
        line=line if type(line) is int and 0 < line < 10_000 else None,
        message=text("message"),
        probing=said.get("probing") is True,
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )
