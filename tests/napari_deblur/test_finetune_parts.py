"""What *Fine-tune* is made of, without a window: where a tile lies, points of a curve, the process's limits."""

from __future__ import annotations

import numpy as np
import pytest

from gan_lessons.errors import InputError
from gan_lessons.image import Image
from napari_deblur.finetune_events import Tile
from napari_deblur.finetune_preview import region_of, tile_in_axes
from napari_deblur.finetune_request import BLURRED, MOST_PIXELS, PAIR, FinetuneRequest

pytestmark = pytest.mark.gui  # the forms' files need Qt's libraries


def scene(axes: str) -> Image:
    lengths = {"T": 2, "C": 3, "Z": 5, "Y": 20, "X": 30, "S": 3}
    return Image(np.zeros([lengths[axis] for axis in axes], np.uint8), axes)


@pytest.mark.parametrize("axes", ["YX", "ZYX", "TCZYX", "ZCYX", "YXS", "TYX"])
def test_a_tile_fits_the_part_of_its_layer(axes: str) -> None:
    image = scene(axes)
    values = np.arange(4.0 * 6).reshape(4, 6, 1) * 20
    tile = Tile(values, slice(8, 12), slice(16, 22), time=1, channel=2, plane=3)
    region, pixels = region_of(tile, image), tile_in_axes(tile, image)
    assert image.data[region].shape == pixels.shape
    expected = np.clip(values[..., 0], 0, 255)
    shown = pixels[..., 0] if "S" in axes else pixels.reshape(4, 6)
    np.testing.assert_array_equal(shown, expected)
    at = dict(zip(axes, region, strict=False))
    assert [at[axis].start for axis in "TCZYX" if axis in at] == [
        start for axis, start in zip("TCZYX", (1, 2, 3, 8, 16), strict=True) if axis in at
    ]


@pytest.mark.parametrize("axes", ["YXS", "CYX", "YXC"])
def test_a_tile_of_all_colors_together_keeps_them(axes: str) -> None:
    image = scene(axes)
    colors = np.random.default_rng(0).integers(0, 255, (4, 6, 3)).astype(float)
    tile = Tile(colors, slice(0, 4), slice(0, 6), time=0, channel=0, plane=0)
    pixels = tile_in_axes(tile, image)
    assert image.data[region_of(tile, image)].shape == pixels.shape
    order = ["YXS".find(axis) if axis != "C" else 2 for axis in axes]
    np.testing.assert_array_equal(pixels, colors.transpose(order))


def test_a_curve_is_drawn_with_few_points_whose_mean_is_its_mean() -> None:
    from napari_deblur.finetune_curves import Curve

    curve = Curve("loss")
    values = np.random.default_rng(0).random(1200)
    for step, value in enumerate(values, 1):
        curve.add(step, float(value))
    steps, means = curve.points(100)
    assert len(steps) == 100
    assert means.mean() == pytest.approx(values.mean())
    np.testing.assert_allclose(steps, np.arange(1, 1201).reshape(100, 12).mean(1))
    assert curve.points(5000)[1].tolist() == values.tolist()


def test_too_large_a_lazy_layer_is_refused_before_it_is_read() -> None:
    import dask.array

    from gan_lessons.training.finetuning.views import MOST_PIXELS as THE_LIBRARYS

    assert MOST_PIXELS == THE_LIBRARYS
    lazy = dask.array.full((2, 2**13, 2**12), 1, dtype=np.uint8)
    request = FinetuneRequest(BLURRED, "fluo-2d", "mine", raw=Image(lazy, "ZYX", name="stack"))
    with pytest.raises(InputError, match="stack: 67,108,864 pixels; expected at most 33,554,432"):
        request.in_memory()


def test_a_lazy_layer_is_sent_as_numbers() -> None:
    import dask.array

    pixels = np.arange(12.0).reshape(3, 4)
    given = Image(dask.array.from_array(pixels), "YX")
    sent = FinetuneRequest(PAIR, "fluo-2d", "mine", raw=given, reference=given).in_memory()
    assert isinstance(sent.main.data, np.ndarray)
    np.testing.assert_array_equal(sent.main.data, pixels)
