"""Fixtures that every room's tests share, and what they need of the machine."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("the same examples each time", derandomize=True, deadline=None)
settings.load_profile("the same examples each time")

BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"
CI = os.environ.get("CI", "") == "true"

# Qt's wheels link to the system's libraries; without them not even the import works. Library → its Debian package.
QT_NEEDS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}


def missing_packages() -> list[str]:
    """Debian packages that a real window needs and this machine lacks; elsewhere than on Linux, none."""
    if sys.platform != "linux":
        return []
    packages = []
    for library, package in QT_NEEDS.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    if not (os.environ.get("DISPLAY") or shutil.which("Xvfb")):
        packages += ["xvfb", "xauth"]
    return packages


def why_no_window() -> str:
    """One line, or nothing where a window can be opened."""
    if not find_spec("napari") or not find_spec("pytestqt"):
        return "needs napari and pytest-qt: install the dev group"
    packages = missing_packages()
    return f"needs a window: apt-get install {' '.join(packages)}" if packages else ""


NO_WINDOW = why_no_window()


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    # These stop every test where Qt's libraries lack: pytest-qt and pytest-xvfb as they are configured, napari's
    # fixtures as they are imported, which is why pyproject.toml keeps them from loading by themselves.
    if NO_WINDOW:
        pluginmanager.unregister(name="pytest-qt")
        pluginmanager.unregister(name="xvfb")
    else:
        pluginmanager.import_plugin("napari.utils._testsupport")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if NO_WINDOW and item.get_closest_marker("gui"):
        (pytest.fail if CI else pytest.skip)(NO_WINDOW)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what a machine may lack, so that a run which left it out can't look like one that didn't."""
    for what in ("gui", "shared_data"):
        counts = Counter(
            outcome
            for outcome in ("passed", "failed", "error", "skipped")
            for report in terminalreporter.stats.get(outcome, [])
            if what in getattr(report, "keywords", ())  # the report of a failed import has none
        )
        found = ", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "none collected"
        terminalreporter.write_line(f"{what} tests: {found}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Windows come last: Mesa draws them with an LLVM of its own, and once that is loaded, the import of triton, which
    # torch's optimizers bring, ends the process.
    items.sort(key=lambda item: item.get_closest_marker("gui") is not None)
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker("shared_data")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real images that are too large or too encumbered to be committed; skips where it is absent."""
    folder = Path(os.environ.get("GAN_LESSONS_SHARED_DATA", BESIDE_THE_CHECKOUT))
    if not folder.is_dir():
        pytest.skip(f"needs the shared image data: no folder {folder} (set GAN_LESSONS_SHARED_DATA)")
    return folder
