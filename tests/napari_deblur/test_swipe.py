"""The boundary between raw and restored: what lies to its sides on the screen, as the mouse and the sliders move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QPoint

from napari_deblur.layers import PROVENANCE

pytestmark = pytest.mark.gui


@pytest.fixture
def swipe(viewer: Any) -> Any:
    """The section, with a black recording under a result that gets brighter from plane to plane."""
    place = {"scale": (1, 0.5, 0.5), "translate": (0, 3, 4), "contrast_limits": (0, 4)}
    viewer.add_image(np.zeros((4, 30, 40)), name="raw", **place)
    planes = np.ones((4, 30, 40)) * np.arange(1, 5)[:, None, None]
    viewer.add_image(planes, name="result", metadata={PROVENANCE: {"axes": "TYX"}}, **place)
    _, form = viewer.window.add_plugin_dock_widget("napari-deblur", "Deblur")
    viewer.dims.set_current_step(0, 3)
    viewer.scene.camera.zoom = 8
    return form.previews.swipe


def brightness(viewer: Any, column: float) -> float:
    """Return how bright the screen is at a column of the layers, from 0 to 1."""
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].mean(axis=2) / 255
    height, width = picture.shape
    place = width / 2 + (viewer.layers["raw"].data_to_world((0, 0, column))[2] - viewer.scene.camera.center[2]) * (
        viewer.scene.camera.zoom
    )
    return float(picture[height // 2, round(place)])


def test_left_of_the_boundary_is_the_recording_and_right_of_it_the_result(swipe: Any, viewer: Any) -> None:
    result = viewer.layers["result"]
    swipe.button.native.click()
    assert not result.visible
    assert viewer.layers.selection.active is result
    for share in (0, 25, 75, 100):
        swipe.boundary.value = share
        edge = share / 100 * 40
        for column in (5, 15, 25, 35):
            assert brightness(viewer, column) == pytest.approx(float(column > edge), abs=0.05)
    swipe.boundary.value = 25
    viewer.dims.set_current_step(0, 1)
    assert brightness(viewer, 5) == pytest.approx(0, abs=0.05)
    assert brightness(viewer, 35) == pytest.approx(0.5, abs=0.05)
    swipe.button.native.click()
    assert [layer.name for layer in viewer.layers] == ["raw", "result"]
    assert result.visible
    assert result.data.shape == (4, 30, 40)


def test_the_boundary_follows_the_mouse(swipe: Any, viewer: Any, qtbot: Any) -> None:
    swipe.button.native.click()
    canvas = viewer.window._qt_viewer.canvas.native
    for share in (0.5, 0.6):  # the first move may only enter the canvas
        qtbot.mouseMove(canvas, QPoint(int(share * canvas.width()), canvas.height() // 2))
        qtbot.wait(50)
    world = viewer.cursor.position
    expected = (viewer.layers["raw"].world_to_data(world)[2] + 0.5) / 40 * 100
    assert swipe.boundary.value == pytest.approx(expected, abs=1)
    assert 50 < swipe.boundary.value < 100


def test_a_newer_result_takes_the_place_of_the_one_that_is_swiped(swipe: Any, viewer: Any, qtbot: Any) -> None:
    swipe.button.native.click()
    viewer.layers.remove("result")
    qtbot.waitUntil(lambda: not swipe.button.native.isChecked(), timeout=30_000)
    assert [layer.name for layer in viewer.layers] == ["raw"]
    swipe.button.native.click()
    assert not swipe.button.native.isChecked()  # nothing is there to be swiped


def test_a_swipe_in_3d_waits_for_2d(swipe: Any, viewer: Any) -> None:
    swipe.button.native.click()
    viewer.dims.ndisplay = 3
    viewer.dims.set_current_step(0, 0)
    viewer.dims.ndisplay = 2
    viewer.dims.set_current_step(0, 2)
    swipe.boundary.value = 50
    np.testing.assert_array_equal(swipe.part.data, np.full((1, 30, 20), 3))
