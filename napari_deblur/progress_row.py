"""The form's own progress bar: what runs, how far it is, the time left."""

from __future__ import annotations

from magicgui.widgets import ProgressBar
from tqdm import tqdm

from napari_deblur.worker import Job


class ProgressRow(ProgressBar):
    """A bar that shows while a job runs and says in words what it does."""

    def __init__(self) -> None:
        super().__init__(label="", visible=False)

    def follow(self, job: Job, description: str) -> None:
        """Show a job's progress from now on; an empty bar until the job knows its total."""
        self._description = description
        self.min, self.max, self.value = 0, 1, 0  # without a total it would move, which takes 5 % of a core
        self.native.setFormat(f"{description}…")
        self.visible = True
        job.reports.advanced.connect(lambda done, total: self._show(done, total, job.bar.seconds_left()))

    def cancelling(self) -> None:
        """Say that the cancel was heard."""
        self.native.setFormat("cancelling…")

    def rest(self) -> None:
        """Hide until the next job."""
        self.visible = False

    def _show(self, done: int, total: int, seconds_left: float | None) -> None:
        self.max, self.value = total, done
        left = "" if seconds_left is None else f" · {tqdm.format_interval(seconds_left)} left"
        self.native.setFormat(f"{self._description}: %p %{left}")
