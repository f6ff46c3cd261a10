"""Networks that look at the whole plane are given it, or a warning says what the tiles cost."""

import dask.array
import numpy as np
import pytest
import torch

from gan_lessons.errors import InputError, InputWarning
from gan_lessons.generators import build_generator
from gan_lessons.restoration import Report, restore
from gan_lessons.zoo import Card, Model

ARGUMENTS = {"in_channels": 1, "out_channels": 1, "width": 4, "blocks": 1}


def resnet(**arguments):
    torch.manual_seed(0)
    arguments = {**ARGUMENTS, **arguments}
    return Model(build_generator("resnet", **arguments).eval(), Card("small", "", "resnet", arguments, "YX"))


@pytest.fixture(scope="module")
def scene():
    """Bright on the left, dark on the right: tiles of it have statistics of their own."""
    rng = np.random.default_rng(0)
    return (rng.random((90, 200)) + np.linspace(4, 0, 200)).astype(np.float32)


def test_the_plane_is_restored_in_one_piece(scene):
    report = Report()
    with pytest.warns(InputWarning, match=r"image: model small looks at the whole plane .* restored in one piece"):
        restored = restore(scene, resnet(), report=report)
    assert report.settings["tile"][1:] == [200, 200]
    with pytest.warns(InputWarning, match="one piece"):
        lazy = restore(dask.array.from_array(scene, chunks=32), resnet()).compute(scheduler="synchronous")
    np.testing.assert_array_equal(lazy, restored)


def test_tiles_are_told_of(scene):
    with pytest.warns(InputWarning, match="one piece"):
        whole = restore(scene, resnet())
    with pytest.warns(InputWarning, match="tiles of 64 pixels are restored apart and may not match"):
        tiled = restore(scene, resnet(), tile=64)
    assert np.abs(tiled - whole).max() > 0.01 * np.ptp(scene), "if this holds no more, the warning is needless"


def test_a_norm_over_batches_makes_it_tileable(scene):
    model = resnet(norm="batch")
    whole, tiled = restore(scene, model), restore(scene, model, tile=64)
    assert np.abs(whole - tiled).max() <= 1e-5 * np.ptp(scene)


def test_volumes_are_refused(scene):
    with pytest.raises(InputError, match="small has convolutions over volumes, but restore feeds planes"):
        restore(scene, resnet(dimensions=3))
