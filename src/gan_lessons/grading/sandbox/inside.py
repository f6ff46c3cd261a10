"""What runs behind the walls: asks a student's code one question after the other, each in a process of its own.

Handed to Python as text (``python -I -c``), and `restraint` too: the library isn't there. Reads one job (JSON) from
stdin, writes a line of JSON for each question to stdout. What it says is as untrusted as the code that it runs.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from gan_lessons.grading.sandbox.restraint import clear, collect, end_all, follow, keep_to_oneself, restrain


def main() -> None:
    """Answer the job's questions in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # or students' code could send it to this process
    job = json.loads(sys.stdin.buffer.read())
    os.environ["HOME"] = os.environ["TMPDIR"] = job["scratch"]
    os.chdir(job["scratch"])
    import torch  # here, so that each question's process has it already

    torch.set_num_threads(1)
    keep_to_oneself()
    _say({"ready": True})
    stuck: set[int] = set()
    for question in job["questions"]:
        known = len(stuck)
        reply = ask(job, question, stuck)
        if len(stuck) > known and question["cell"] not in stuck:
            reply = ask(job, question, stuck)  # without the cell before it that never came to its end
        _say(reply)


def ask(job: dict[str, Any], question: dict[str, Any], stuck: set[int]) -> dict[str, Any]:
    """Run one question in a process of its own; ``stuck`` collects the cells that never came to their end."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(job, question, stuck, writer)
    os.close(writer)
    said, ended = follow(child, reader, job["limits"])
    os.close(reader)
    end_all(child)
    reply = {"question": question["name"], "ended": ended, "seconds": round(time.monotonic() - begun, 2), **said}
    if said.get("done"):
        reply.update(collect(os.path.join(job["scratch"], "answer"), job["limits"]["output"]))
    clear(job["scratch"])
    if isinstance(cell := said.get("cell"), int) and not said.get("probing") and "error" not in said:
        stuck.add(cell)
    return reply


def _answer(job: dict[str, Any], question: dict[str, Any], stuck: set[int], writer: int) -> None:
    """Run the cells up to the question's own, then the probe; never returns."""
    try:
        restrain(job["limits"], keep=writer)
        names: dict[str, Any] = {"__name__": "__main__"}
        own = question["cell"]
        for number, code in enumerate(job["cells"][: own + 1]):
            if number in stuck and number != own:
                continue
            _tell(writer, {"cell": number})
            try:
                exec(compile(code, f"<cell {number}>", "exec", dont_inherit=True), names)
            except BaseException as error:
                if number == own:
                    _tell(writer, _describe(error, number))
                    return
        _tell(writer, {"cell": own, "probing": True})
        try:
            answers = _probe(question, names, lambda error: _tell(writer, _describe(error, own)))
            if answers:
                _write(answers, os.path.join(job["scratch"], "answer"))
            _tell(writer, {"done": True})
        except BaseException as error:
            _tell(writer, _describe(error, own))
    finally:
        os._exit(0)


def _probe(question: dict[str, Any], names: dict[str, Any], trouble: Callable[[BaseException], None]) -> dict[str, Any]:
    """Take every result that can be had; ``trouble`` is told of each that can't."""
    import numpy as np

    given = {name: _array(one) for name, one in question["inputs"].items()}
    tools: dict[str, Any] = {"__name__": "probes", "np": np}
    exec(compile(question["probe"], "<probe>", "exec", dont_inherit=True), tools)
    found = {}
    for name, result in tools[question["function"]](names, given).items():
        try:
            found[name] = _plain(name, result())
        except BaseException as error:
            trouble(error)
    return found


def _array(given: dict[str, Any]) -> Any:
    import numpy as np

    raw = np.frombuffer(base64.b64decode(given["data"]), np.dtype(given["dtype"]))
    return raw.reshape(given["shape"]).copy()


def _plain(name: str, one: Any) -> Any:
    """Return an array from an array or a tensor of exactly these types, not from what only looks like one."""
    import numpy as np
    import torch

    if type(one) in (torch.Tensor, torch.nn.Parameter):
        one = one.detach().cpu().numpy()
    if type(one) is not np.ndarray or one.dtype.hasobject:
        raise TypeError(f"{name} is {type(one).__name__}, not an array")
    return np.array(one, order="C")


def _write(arrays: dict[str, Any], path: str) -> None:
    from safetensors.numpy import save_file

    save_file(arrays, path)


def _describe(error: BaseException, own: int) -> dict[str, Any]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == f"<cell {own}>"]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    try:
        message = str(error)[:300]
    except BaseException:
        message = ""
    return {"error": type(error).__name__, "line": line, "message": message}


def _tell(writer: int, said: dict[str, Any]) -> None:
    os.write(writer, json.dumps(said).encode() + b"\n")


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
