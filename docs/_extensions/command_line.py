"""The reference of the command line, as typer prints it from the app."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from writing import write_page

COMMAND = [sys.executable, "-m", "typer", "gan_lessons.cli.app", "utils", "docs", "--name", "gan-lessons"]


def setup(app: Any) -> dict[str, Any]:
    """Write the page before Sphinx looks for sources."""
    app.connect("config-inited", lambda *_: write_page("command_line.md", command_line()))
    return {"parallel_read_safe": True}


def command_line() -> str:
    """Return the page in Markdown: typer's, with links and whole sentences where it lists the commands."""
    printed = subprocess.run(COMMAND, capture_output=True, text=True, check=True).stdout
    sentences = dict(re.findall(r"^#+ `([^`]+)`\n\n(.+?)(?:\n\n|(?<=\.)\s)", printed, re.MULTILINE))
    lines, command = [], ""
    for line in printed.splitlines():
        if heading := re.fullmatch(r"#+ `([^`]+)`", line):
            command = heading[1]
        if listed := re.fullmatch(r"\* `([a-z][\w-]*)`: .*", line):
            name = f"{command} {listed[1]}"
            line = f"* [`{listed[1]}`](#{name.replace(' ', '-')}): {sentences[name]}"
        lines.append(line)
    return "\n".join(lines).replace("# `gan-lessons`", "# Command line", 1) + "\n"
