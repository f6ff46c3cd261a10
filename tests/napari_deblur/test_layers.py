"""Layers without a window: napari's own model of the viewer is enough."""

from __future__ import annotations

from typing import Any

import dask.array
import numpy as np
import pytest

pytestmark = pytest.mark.gui  # napari's layers import vispy, which needs the system's GL


def make(shape: tuple[int, ...], **settings: Any) -> Any:
    from napari.layers import Image as ImageLayer

    return ImageLayer(np.zeros(shape, np.uint16), **settings)


@pytest.mark.parametrize(
    ("shape", "settings", "expected"),
    [
        ((4, 5), {}, ["YX"]),
        ((4, 5, 3), {"rgb": True}, ["YXS"]),
        ((3, 4, 5), {}, ["ZYX", "TYX", "CYX"]),
        ((3, 4, 5), {"axis_labels": ("time", "y", "x")}, ["TYX"]),
        ((3, 4, 5), {"axis_labels": ("T", "Y", "X")}, ["TYX"]),
        ((3, 4, 5), {"axis_labels": ("q", "y", "x")}, ["ZYX", "TYX", "CYX"]),
        ((3, 4, 5), {"axis_labels": ("y", "y", "x")}, ["ZYX", "TYX", "CYX"]),
        ((2, 4, 5, 3), {"rgb": True, "axis_labels": ("z", "y", "x")}, ["ZYXS"]),
        ((1, 1, 1, 1, 4, 5), {}, []),
    ],
)
def test_axes_are_what_the_labels_say_or_a_choice(shape: Any, settings: Any, expected: list[str]) -> None:
    from napari_deblur.layers import axes_choices

    assert axes_choices(make(shape, rgb=settings.pop("rgb", False), **settings)) == expected


def test_image_has_physical_steps_only() -> None:
    from napari_deblur.layers import image_of, step_um

    layer = make((3, 4, 5), scale=(2, -300, 0.1), units=("pixel", "nm", "um"), name="cells")
    image = image_of(layer, "TYX")
    assert image.pixel_size == {"Y": pytest.approx(300), "X": pytest.approx(0.1)}
    assert image.unit == {"Y": "nm", "X": "µm"}
    assert image.name == "cells"
    assert image.data is layer.data
    assert step_um(layer, "TYX", "Y") == pytest.approx(0.3)
    assert step_um(layer, "TYX", "T") is None
    assert step_um(layer, "TYX", "Z") is None


def test_colors_have_no_step() -> None:
    from napari_deblur.layers import image_of

    image = image_of(make((4, 5, 3), rgb=True, scale=(2, 3), units="um"), "YXS")
    assert image.pixel_size == {"Y": 2, "X": 3}


def test_axes_that_do_not_fit_name_the_layer() -> None:
    from gan_lessons.errors import InputError
    from napari_deblur.layers import image_of

    with pytest.raises(InputError, match=r"^cells: axes 'YX' name 2 dimensions"):
        image_of(make((3, 4, 5), name="cells"), "YX")


def test_dask_is_not_computed() -> None:
    from napari.layers import Image as ImageLayer

    from napari_deblur.layers import image_of

    def explode(block: np.ndarray) -> np.ndarray:
        raise AssertionError("computed")

    lazy = dask.array.zeros((4, 8, 8), chunks=(1, 8, 8)).map_blocks(explode, dtype=float, meta=np.empty((0, 0, 0)))
    layer = ImageLayer(dask.array.zeros((4, 8, 8), chunks=(1, 8, 8)), contrast_limits=(0, 1))
    layer._data = lazy  # napari computes a plane for itself as a layer is made
    assert image_of(layer, "ZYX").data is lazy


def test_result_lies_on_its_source() -> None:
    from napari_deblur.layers import result_layer

    affine = np.array([[1, 0.1, 3], [0, 1, -2], [0, 0, 1]], float)
    source = make(
        (40, 50),
        scale=(0.2, 0.1),
        units=("um", "um"),
        axis_labels=("y", "x"),
        translate=(5, 7),
        rotate=30,
        shear=[0.2],
        affine=affine,
        colormap="magma",
        contrast_limits=(3, 800),
        metadata={"stain": "DAPI"},
    )
    result = result_layer(source, np.ones((40, 50), np.float32), name="new", provenance={"model": "m"})
    for corner in ((0, 0), (39, 0), (0, 49)):
        np.testing.assert_allclose(result.data_to_world(corner), source.data_to_world(corner))
    assert result.units == source.units
    assert result.axis_labels == source.axis_labels
    assert (result.colormap.name, list(result.contrast_limits)) == ("magma", [3, 800])
    assert result.metadata["stain"] == "DAPI"
    assert result.metadata["napari-deblur"] == {"model": "m"}
    assert result.affine is not source.affine

    part = (slice(10, 20), slice(15, 30))
    crop = result_layer(source, np.ones((10, 15), np.float32), name="crop", provenance={}, region=part)
    np.testing.assert_allclose(crop.data_to_world((0, 0)), source.data_to_world((10, 15)))
    np.testing.assert_allclose(crop.data_to_world((9, 14)), source.data_to_world((19, 29)))
    assert source.translate == pytest.approx((5, 7))
