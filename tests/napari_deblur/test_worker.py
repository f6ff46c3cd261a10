"""Jobs: what they report, and that none ends without saying so."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from gan_lessons.errors import Cancelled, InputError, InputWarning

pytestmark = pytest.mark.gui


@pytest.fixture
def run(qtbot: Any) -> Callable[..., list[Any]]:
    """Run a function as a job, and return what it returned, in a list that stays empty where it didn't."""
    from napari_deblur.worker import make_job

    def run_job(function: Callable[..., Any]) -> list[Any]:
        results: list[Any] = []
        job = make_job(function, "a test")
        job.reports.done.connect(results.append)
        with qtbot.waitSignal(job.finished, timeout=5_000):
            job.start()
        return results

    return run_job


def test_progress_arrives_in_order_and_seldom_enough(qtbot: Any) -> None:
    from napari_deblur.worker import PAUSE, make_job

    def count(*, progress: Callable[[int, int], None], cancel: threading.Event) -> str:
        for done in range(101):
            progress(done, 100)
            time.sleep(PAUSE / 40)
        return "done"

    job, seen = make_job(count, "counting"), []
    job.reports.advanced.connect(lambda done, total: seen.append((done, total, job.bar.n)))
    with qtbot.waitSignal(job.finished, timeout=10_000):
        job.start()
    assert seen[0] == (0, 100, 0)
    assert seen[-1] == (100, 100, 100)
    assert seen == sorted(seen)
    assert len(seen) < 50


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InputError("cells.tif: empty; open another"), ["cells.tif: empty; open another"]),
        (RuntimeError("out of memory"), ["out of memory"]),
        (Cancelled("cancelled"), []),
    ],
)
def test_errors_are_told_and_the_job_ends(
    run: Callable[..., list[Any]], told: list[str], error: Exception, expected: list[str]
) -> None:
    def fail(*, progress: Any, cancel: Any) -> None:
        raise error

    assert run(fail) == []
    assert told == expected


def test_the_librarys_warnings_are_told_and_no_others(run: Callable[..., list[Any]], told: list[str]) -> None:
    def warn(*, progress: Any, cancel: Any) -> int:
        warnings.warn("half of the pixels are saturated", InputWarning, stacklevel=1)
        warnings.warn("something is deprecated", DeprecationWarning, stacklevel=1)
        return 1

    assert run(warn) == [1]
    assert told == ["half of the pixels are saturated"]


def test_naparis_own_cancel_button_cancels(run: Callable[..., list[Any]], qtbot: Any) -> None:
    from napari_deblur.worker import make_job

    def wait(*, progress: Any, cancel: threading.Event) -> bool:
        return cancel.wait(5)

    job = make_job(wait, "waiting")
    with qtbot.waitSignal(job.finished, timeout=4_000):
        job.start()
        job.bar.cancel()
