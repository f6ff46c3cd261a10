"""A real viewer with the form in it, models small enough to run at once, and what napari told the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FROM_FILE = "from a file…"  # as the form's list of methods says it


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a model of random weights that sees ``axes`` at once, and return its file."""
    import torch

    from gan_lessons.generators import build_generator
    from gan_lessons.zoo import Card, Model, save_model

    folder = tmp_path_factory.mktemp("models")

    def write(axes: str = "YX", widths: tuple[int, ...] = (4, 4)) -> Path:
        path = folder / f"tiny-{axes}-{len(widths)}-{widths[0]}.safetensors"
        if not path.exists():
            channels = {"YX": (1, 1), "YXC": (3, 3), "ZYX": (3, 1)}[axes]
            arguments = dict(zip(("in_channels", "out_channels"), channels, strict=True), guides=3, widths=widths)
            torch.manual_seed(0)
            generator = build_generator("unshuffle-unet", **arguments)
            torch.nn.init.normal_(generator.last.weight, std=0.02)  # at zero the network would return its input
            card = Card("tiny", "for tests", "unshuffle-unet", arguments, axes, psf=True)
            save_model(Model(generator, card), path)
        return path

    return write


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What napari's notifications said."""
    from napari.utils.notifications import notification_manager

    messages: list[str] = []

    def hear(event: Any) -> None:
        messages.append(event.message)

    notification_manager.notification_ready.connect(hear)
    yield messages
    notification_manager.notification_ready.disconnect(hear)


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Any]) -> Any:
    viewer = make_napari_viewer(show=True)
    from napari.settings import get_plugin_settings

    remembered = get_plugin_settings("napari-deblur")
    remembered.deblur.last = remembered.deblur.presets = remembered.finetune.last = "{}"  # as on the first day
    return viewer


@pytest.fixture
def form(viewer: Any, qtbot: Any) -> Any:
    """The form, opened as the Plugins menu opens it, once it knows its models; a model file is what most tests want."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    qtbot.waitUntil(lambda: widget.job is None, timeout=30_000)
    widget.method.method.value = FROM_FILE
    return widget


@pytest.fixture
def restored(form: Any, qtbot: Any, viewer: Any) -> Callable[..., Any]:
    """Click *Run* (or another button) with a model file, wait, and return the new layer."""

    def click(model: Path, *, axes: str | None = None, button: str = "run") -> Any:
        before = set(viewer.layers)
        form.method.method.value, form.method.file.value = FROM_FILE, model
        if axes:
            form.axes.value = axes
        getattr(form, button).native.click()
        qtbot.waitUntil(lambda: form.job is None, timeout=30_000)
        new = set(viewer.layers) - before
        assert len(new) == 1
        return new.pop()

    return click
