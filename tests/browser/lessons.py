"""Take every lesson as a student does: JupyterLab in a browser, all cells, a slider moved, the checks passed.

    python tests/browser/lessons.py --out shots [--only 01] [--fast]

clones the repository into a folder with a space in its name, starts JupyterLab there, and prints a row a lesson: cells
run, checks passed, the slider, seconds, the kernel's seconds of a processor, and its peak of memory. Screenshots go to
OUT. Ends with 2 if a lesson fails. It takes minutes, hence a command and not a test; needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Page, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 1800  # seconds a lesson may take on a busy machine
WINDOW = {"width": 1280, "height": 1000}
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # else only the cells in view are drawn
    "apputils-extension/notification": {"fetchNews": "false"},
}
ERRORS = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent)"
READY = re.compile(r"\| Idle$")  # in the status bar; the notebook's own sign says idle before there is a kernel to run
RUNNING = f"{PROMPTS}.some(text => text.includes('*'))"
RUN_COUNT = f"{PROMPTS}.filter(text => /[0-9]/.test(text)).length"
CHANGED = (
    "([cell, old]) => [...cell.querySelectorAll('.widget-interact img')].slice(0, 1).some(shown => shown.src !== old)"
)


@dataclass(frozen=True)
class Taken:
    """What happened in a lesson."""

    name: str
    cells: int
    passed: int
    slider: str
    seconds: float
    processor: float
    megabytes: float
    fault: str

    def row(self) -> str:
        """Return a row of a Markdown table."""
        told = self.fault or "–"
        numbers = f"{self.seconds:.0f} | {self.processor:.0f} | {self.megabytes:.0f}"
        return f"| `{self.name}` | {self.cells} | {self.passed} | {self.slider} | {numbers} | {told} |"


@contextmanager
def jupyterlab(folder: Path, *, fast: bool) -> Iterator[tuple[str, psutil.Process]]:
    """Start JupyterLab on a folder, with settings of its own; yield its address and its process."""
    for name, chosen in SETTINGS.items():
        path = folder.parent / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(chosen), encoding="utf-8")
    places = {
        "JUPYTERLAB_SETTINGS_DIR": folder.parent / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder.parent / "workspaces",
        "JUPYTER_CONFIG_DIR": folder.parent / "config",
        "JUPYTER_RUNTIME_DIR": folder.parent / "runtime",
        "PYTHONPATH": folder.parents[1] / "src",  # the clone's library, not the installed one
    }
    environment = (
        os.environ | {name: str(place) for name, place in places.items()} | {"GAN_LESSONS_FAST": str(int(fast))}
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}", "--IdentityProvider.token="]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"]
    with open(folder.parent / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield _when_up(f"http://127.0.0.1:{port}", server), psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(timeout=60)


def _when_up(address: str, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return address
    raise SystemExit(f"JupyterLab didn't start within 120 s ({address})")


def take(page: Page, address: str, notebook: Path, server: psutil.Process, out: Path) -> Taken:
    """Open a notebook, run all cells from the menu, move its first slider, and look."""
    page.goto(f"{address}/lab/tree/{notebook.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=180_000)
    page.get_by_text(READY).wait_for(timeout=180_000)
    before = time.monotonic()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(f"{RUN_COUNT} > 0", timeout=120_000)
    page.wait_for_function(f"!({RUNNING})", timeout=1000 * LONGEST, polling=500)
    seconds = time.monotonic() - before
    errors = page.locator(ERRORS).all_inner_texts()
    printed = "\n".join(page.locator(".jp-OutputArea-output").all_inner_texts())
    passed = len(set(re.findall(r"^✓ (\w+):", printed, re.MULTILINE)))
    slider = _move_slider(page, out / f"{notebook.stem}-slider.png")
    page.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
    page.screenshot(path=out / f"{notebook.stem}-end.png")
    fault = errors[0].strip().splitlines()[-1] if errors else ""
    fault = fault or ("no check passed" if not passed else "the slider's figure stays" if slider == "stays" else "")
    return Taken(notebook.stem, page.evaluate(RUN_COUNT), passed, slider, seconds, *_spent(server), fault)


def _move_slider(page: Page, path: Path) -> str:
    """Press an arrow key on the first slider; say whether the figure below it changed."""
    handle = page.locator(".widget-slider .noUi-handle").first
    if not handle.count():
        return "none"
    cell = page.locator(".jp-CodeCell", has=handle)
    figure = cell.locator(".widget-interact img").first
    old = figure.get_attribute("src")
    handle.scroll_into_view_if_needed()
    handle.focus()
    at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
    handle.press("ArrowLeft" if at_end else "ArrowRight")
    try:
        page.wait_for_function(CHANGED, arg=[cell.element_handle(), old], timeout=60_000)
        changed = "moves"
    except TimeoutError:
        changed = "stays"
    page.wait_for_timeout(500)
    handle.scroll_into_view_if_needed()
    page.screenshot(path=path)
    return changed


def _spent(server: psutil.Process) -> tuple[float, float]:
    """Return the processor's seconds of the kernel, and the most memory that it has held, in MB."""
    for process in server.children(recursive=True):
        if "ipykernel" in " ".join(process.cmdline()):
            times, status = process.cpu_times(), Path(f"/proc/{process.pid}/status").read_text()
            return times.user + times.system, int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1e3
    raise SystemExit("no kernel: JupyterLab didn't start one")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("shots"))
    parser.add_argument("--only", default="", help="beginning of a lesson's name: 01")
    parser.add_argument("--fast", action="store_true", help="short trainings; their figures mean nothing")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    taken = []
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as runner:
        clone = Path(temporary) / "a clone"
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(clone)], check=True)
        notebooks = sorted((clone / "tutorials" / "notebooks").glob(f"{arguments.only}*.ipynb"))
        browser = runner.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print(
            "| lesson | cells | checks | slider | seconds | processor | MB | fault |\n|---|---|---|---|---|---|---|---|"
        )
        for notebook in notebooks:
            shutil.rmtree(clone / "tutorials" / "settings", ignore_errors=True)
            with jupyterlab(notebook.parent, fast=arguments.fast) as (address, server):
                page = browser.new_page(viewport=WINDOW)
                taken.append(take(page, address, notebook, server, arguments.out))
                print(taken[-1].row(), flush=True)
                page.close()
        browser.close()
    sys.exit(2 if not taken or any(one.fault for one in taken) else 0)


if __name__ == "__main__":
    main()
