"""Grade a class of made-up submissions, kill the grading in the middle, resume it, and compare with what was planned.

python benchmarks/grading_class.py --count 60 --jobs 2 --work DIR
"""

from __future__ import annotations

import argparse
import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

from gan_lessons.grading.rehearsal import make_class
from gan_lessons.grading.secret import read_secret

GRADE = [sys.executable, "-c", "import sys; from gan_lessons.cli import main; sys.exit(main())", "grade"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder, outside of any repository")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sources", type=Path, default=Path("tutorials/instructor"))
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    secret = given.work / "course.secret"
    secret.write_text("a rehearsal has no secrets\n")
    planned = make_class(given.work / "submissions", read_secret(secret), given.sources, count=given.count)
    out, begun = given.work / "out", time.monotonic()
    words = [*GRADE, str(given.work / "submissions"), "--lab", "1", "--out", str(out), "--secret", str(secret)]
    words += ["--jobs", str(given.jobs)]

    first = subprocess.Popen(words)
    while first.poll() is None and len(list(out.glob("records/*.json"))) < given.count // 2:
        time.sleep(1)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = len(list(out.glob("records/*.json")))
    print(f"killed after {(time.monotonic() - begun) / 60:.1f} minutes with {kept} of {given.count} graded")
    status = subprocess.run(words, check=False).returncode
    print(f"resumed and done after {(time.monotonic() - begun) / 60:.1f} minutes in all; exit status {status}")

    found = grades(out)
    for student, points in planned.items():
        right = found.get(student) == points
        print(f"{'as planned' if right else 'NOT AS PLANNED':<15}{student:<28}{found.get(student)} of {points} planned")
    print(f"{sum(found.get(one) == points for one, points in planned.items())} of {len(planned)} as planned")


def grades(out: Path) -> dict[str, int]:
    """Read each student's points."""
    with (out / "key.csv").open() as key, (out / "grades.csv").open() as table:
        names = {row["anonymous"]: row["student"] for row in csv.DictReader(key)}
        return {names[row["anonymous"]]: int(row["points"]) for row in csv.DictReader(table)}


if __name__ == "__main__":
    main()
