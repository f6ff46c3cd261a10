import numpy as np
import pytest

from gan_lessons.restoration import restore
from gan_lessons.restoration.report import Report

TURNS = {
    1: [lambda x: x],
    2: [lambda x: x, lambda x: x[::-1, ::-1]],
    4: [lambda x: x, lambda x: x[::-1, ::-1], lambda x: x[:, ::-1], lambda x: x[::-1]],
}  # each its own inverse


def photograph(rng, *shape):
    return rng.gamma(0.5, 100, shape).astype(np.float32)


@pytest.mark.parametrize("size", TURNS)
def test_it_is_the_mean_of_single_runs(plane_model, rng, size):
    image = photograph(rng, 96, 64)  # multiples of the network's stride
    expected = np.mean([turn(restore(turn(image).copy(), plane_model)) for turn in TURNS[size]], axis=0)
    found = restore(image, plane_model, self_ensemble=size)
    np.testing.assert_allclose(found, expected, atol=1e-4 * image.max())


def test_of_eight_positions_none_is_preferred(plane_model, rng):
    image = photograph(rng, 64, 80)
    turned = np.rot90(restore(np.rot90(image).copy(), plane_model, self_ensemble=8), -1)
    np.testing.assert_allclose(restore(image, plane_model, self_ensemble=8), turned, atol=1e-4 * image.max())
    assert np.abs(restore(image, plane_model) - np.rot90(restore(np.rot90(image).copy(), plane_model), -1)).max() > 1


@pytest.mark.parametrize("size", [2, 4, 8])
def test_tiles_equal_the_whole(iterated_model, gaussian, rng, size):
    """On sides that no stride divides: turned, the network's grid must lie where it lies in the whole image."""
    image = photograph(rng, 131, 117)
    options = {"psf": gaussian(7, 7), "self_ensemble": size}
    whole, tiled = (restore(image, iterated_model, tile=tile, **options) for tile in (1024, 48))
    assert np.abs(whole - tiled).max() <= 1e-5 * np.percentile(image, 99.9)


@pytest.mark.parametrize(("model", "known", "expected"), [("iterated_model", True, 4), ("iterated_model", False, 1)])
def test_by_default_it_is_as_long_as_the_deconvolution(request, gaussian, rng, model, known, expected):
    image, report = photograph(rng, 40, 40), Report()
    model = request.getfixturevalue(model)
    plain = restore(image, model, psf=gaussian(5, 5) if known else None, report=report)
    assert report.settings["self_ensemble"] == expected
    again = restore(image, model, psf=gaussian(5, 5) if known else None, self_ensemble=expected)
    np.testing.assert_array_equal(plain, again)
