"""The sandbox holds: what students' code must not do, it can't; what it may do, comes back."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from gan_lessons.errors import InputError
from gan_lessons.grading.sandbox import Limits, Question, Reply, isolation, run, why_not

walled = pytest.mark.skipif(sys.platform != "linux" or bool(why_not()), reason=f"needs namespaces: {why_not()}")
PROBE = "def probe(names, given):\n    return {'y': lambda: names['f'](given['x'])}"
X = np.arange(4.0)
LIMITS = Limits(seconds=2, patience=300, memory=1 << 30, scratch=1 << 20, output=1 << 19, processes=20)

MISCHIEF = {
    "right": "def f(x): return x + 1",
    "wrong": "def f(x):\n\n    return x + 'a'",
    "no Python": "def f(x:\n    return",
    "endless": "def f(x):\n    while True: pass",
    "endless before": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "ends the process": "import os\nos._exit(0)",
    "after that": "def f(x): return x + 2",
    "allocates": "import numpy as np\ndef f(x): return np.ones(300 << 20)",
    "shares memory": (
        "import mmap, time\ndef f(x):\n    parts = []\n    for _ in range(6):\n"
        "        parts.append(mmap.mmap(-1, 1 << 28))\n        parts[-1].write(bytes(1 << 28))\n    time.sleep(2)"
    ),
    "forks": (
        "def f(x):\n    import os, time\n    for n in range(50):\n        try:\n            if os.fork() == 0:\n"
        "                time.sleep(60)\n        except OSError:\n            return x * 0 + n"
    ),
    "signals": "def f(x):\n    import os\n    os.kill(1, 9)\n    os.kill(1, 2)\n    return x",
    "pickles": "def f(x):\n    import os, pickle\n    open('answer', 'wb').write(pickle.dumps(print))\n    os._exit(0)",
    "is equal to all": "class All:\n    def __eq__(self, other): return True\ndef f(x): return All()",
    "fills the disk": "def f(x):\n    for n in range(9):\n        open(str(n), 'wb').write(bytes(1 << 18))",
    "connects": "def f(x):\n    import socket\n    socket.create_connection(('127.0.0.1', 9), 1)",
}


@pytest.fixture(scope="module")
def replies() -> dict[str, Reply]:
    questions = [Question(name, number, PROBE, {"x": X}) for number, name in enumerate(MISCHIEF)]
    return run(list(MISCHIEF.values()), questions, limits=LIMITS)


def answer(reply: Reply) -> np.ndarray | None:
    return load(reply.answer)["y"] if reply.answer and b'"y"' in reply.answer else None


@walled
def test_answers_come_back_exactly_and_a_neighbor_is_none_the_worse(replies: dict[str, Reply]) -> None:
    np.testing.assert_array_equal(answer(replies["right"]), X + 1)
    np.testing.assert_array_equal(answer(replies["after that"]), X + 2)  # after three cells that never end well


@walled
@pytest.mark.parametrize(
    ("name", "ended", "error", "line"),
    [
        ("wrong", "itself", "UFuncTypeError", 3),
        ("no Python", "itself", "SyntaxError", 1),
        ("endless", "time", "", None),
        ("endless before", "time", "", None),
        ("ends the process", "itself", "", None),
        ("allocates", "itself", "MemoryError", 2),
        ("shares memory", "memory", "", None),
        ("signals", "itself", "", None),
        ("is equal to all", "itself", "TypeError", None),
        ("fills the disk", "itself", "OSError", 3),
        ("connects", "itself", "OSError", 3),
    ],
)
def test_mischief_ends_as_it_should(
    replies: dict[str, Reply], name: str, ended: str, error: str, line: int | None
) -> None:
    assert (replies[name].ended, replies[name].error, replies[name].line) == (ended, error, line)


@walled
def test_processes_are_counted_and_gone_afterwards(replies: dict[str, Reply]) -> None:
    made = answer(replies["forks"])
    assert made is not None
    assert 10 < made[0] < LIMITS.processes
    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(process.read_text())
        except OSError:
            continue
    assert not any("restraint" in one and "setpriv" not in one and str(os.getpid()) in one for one in commands)


LOOK = """
import os, socket, subprocess, sys
def seen(path):
    try:
        return len(os.listdir(path) if os.path.isdir(path) else open(path).read(9))
    except OSError:
        return -1
def written(path):
    try:
        open(path, "w").write("x")
        return 1
    except OSError:
        return -1
def f(x):
    try:
        import gan_lessons.generators
        library = 1
    except ImportError:
        library = -1
    return dict(secret=seen("SECRET"), passwd=seen("/etc/passwd"), home=seen("HOME"), repository=seen("REPOSITORY"),
        library=library, environment=os.environ.get("HIDDEN_FROM_STUDENTS", -1), root=written("/x"),
        usr=written("/usr/x"), python=written(os.path.join(sys.prefix, "x")), own=written("x"),
        network=len(socket.if_nameindex()), nested=-subprocess.run(["unshare", "--user", "true"]).returncode or 1)
"""
SEEN = "def probe(names, given):\n    return {k: (lambda v=v: np.array(int(v))) for k, v in names['f'](0).items()}"


@walled
def test_nothing_outside_is_seen_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sesame")
    monkeypatch.setenv("HIDDEN_FROM_STUDENTS", "5")
    repository = Path(__file__).parents[1]  # of it only the environment, where that lies in it, may be seen
    code = LOOK.replace("SECRET", str(secret)).replace("HOME", str(Path.home() / ".bashrc"))
    reply = run([code.replace("REPOSITORY", str(repository))], [Question("look", 0, SEEN)], limits=LIMITS)["look"]
    assert reply.answer is not None, reply
    found = {name: int(one) for name, one in load(reply.answer).items()}
    assert found.pop("own") == 1
    assert found.pop("network") == 1  # the loopback alone, and it is down
    assert set(found.values()) == {-1}, found


@walled
def test_a_module_can_be_hidden() -> None:
    code = "def f(x):\n    import safetensors.numpy, skimage.metrics\n    return skimage.metrics.structural_similarity"
    reply = run([code], [Question("hidden", 0, PROBE, {"x": X})], limits=LIMITS, hidden=["skimage.metrics"])["hidden"]
    assert reply.error == "AttributeError"


def test_without_walls_it_refuses_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "why_not", lambda: "this machine gives no namespaces: --unsafe")
    question = [Question("right", 0, PROBE, {"x": X})]
    with pytest.raises(InputError, match="--unsafe"):
        run([MISCHIEF["right"]], question)
    np.testing.assert_array_equal(answer(run([MISCHIEF["right"]], question, unsafe=True)["right"]), X + 1)
