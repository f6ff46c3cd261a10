"""Classical methods on layers: axes, data types, gaps, progress and cancel."""

import threading

import dask.array
import numpy as np
import pytest
import torch

from gan_lessons.errors import Cancelled
from gan_lessons.image import Geo, Image
from gan_lessons.restoration import Report, deconvolve, richardson_lucy, wiener


@pytest.mark.parametrize("method", ["rl", "rl-tv", "wiener"])
def test_planes_are_deconvolved_by_themselves(method, gaussian, rng):
    image, psf = rng.gamma(2, 20, (2, 3, 30, 31)).astype(np.float32), gaussian(5, 5)
    layer = deconvolve(image, psf, method=method, iterations=4, axes="CZYX")
    plane, kernel = torch.from_numpy(image[1, 2]), torch.from_numpy(psf)
    tv = 0.002 if method == "rl-tv" else 0.0
    expected = wiener(plane, kernel, 0.01) if method == "wiener" else richardson_lucy(plane, kernel, 4, tv=tv)
    np.testing.assert_allclose(layer[1, 2], expected.numpy(), rtol=1e-4, atol=1e-3)


def test_stacks_are_deconvolved_whole(gaussian, rng):
    image, psf = rng.gamma(2, 20, (2, 6, 20, 21)).astype(np.float32), gaussian(3, 5, 5)
    layer = deconvolve(image, psf, iterations=4, axes="TZYX")
    expected = richardson_lucy(torch.from_numpy(image[1]), torch.from_numpy(psf), 4)
    np.testing.assert_allclose(layer[1], expected.numpy(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("psf_sides", [(5, 5), (3, 5, 5)])
def test_lazy_result_equals_the_eager_one(psf_sides, gaussian, rng):
    image, psf = rng.gamma(2, 20, (2, 4, 20, 21)).astype(np.uint16), gaussian(*psf_sides)
    lazy = deconvolve(dask.array.from_array(image, chunks=(1, 1, 20, 21)), psf, iterations=3, axes="TZYX")
    np.testing.assert_array_equal(lazy.compute(), deconvolve(image, psf, iterations=3, axes="TZYX"))


def test_background_stays_in_the_result(gaussian, rng):
    image = rng.poisson(np.full((40, 40), 20.0)) + 100.0
    restored = deconvolve(image, gaussian(5, 5), background=100.0, iterations=5)
    assert restored.min() >= 100
    assert restored.mean() == pytest.approx(image.mean(), rel=0.02)


@pytest.mark.parametrize("method", ["rl", "wiener"])
def test_gaps_stay_and_have_no_say(method, gaussian, rng):
    image = rng.gamma(2, 20, (30, 31)).astype(np.float32)
    image[10:13, 5:9], image[0, 0] = np.nan, np.inf
    restored = deconvolve(image, gaussian(5, 5), method=method)
    np.testing.assert_array_equal(restored[~np.isfinite(image)], image[~np.isfinite(image)])
    assert np.isfinite(restored[np.isfinite(image)]).all()
    marked = np.where(np.isfinite(image), image, -9999.0).astype(np.float32)
    map_ = Image(marked, "YX", geo=Geo("", (1, 0, 0, 0, 1, 0), nodata=-9999.0))
    found = deconvolve(map_, gaussian(5, 5), method=method).data
    np.testing.assert_array_equal(found == -9999.0, ~np.isfinite(image))
    np.testing.assert_array_equal(found[np.isfinite(image)], restored[np.isfinite(image)])


def test_integers_are_rounded_and_clipped_ones_counted(gaussian, rng):
    image = (250 * (rng.random((40, 40)) > 0.7)).astype(np.uint8)
    report = Report()
    restored = deconvolve(image, gaussian(5, 5), report=report)
    exact = np.rint(deconvolve(image, gaussian(5, 5), dtype="float32"))
    assert restored.dtype == np.uint8
    assert np.array_equal(restored, np.clip(exact, 0, 255))
    assert report.clipped == np.sum(exact > 255) > 0
    assert report.method == "rl"


def test_a_channel_without_psf_stays_as_it_is(gaussian, rng):
    image = rng.gamma(2, 20, (2, 20, 21)).astype(np.float32)
    restored = deconvolve(image, {1: gaussian(5, 5)}, axes="CYX")
    np.testing.assert_array_equal(restored[0], image[0])
    assert not np.array_equal(restored[1], image[1])


def test_progress_counts_iterations_and_cancel_stops_between_them(gaussian, rng):
    seen, cancel = [], threading.Event()

    def progress(done, total):
        seen.append((done, total))
        if done == 3:
            cancel.set()

    with pytest.raises(Cancelled):
        deconvolve(rng.random((2, 20, 20)), gaussian(3, 3), axes="ZYX", progress=progress, cancel=cancel, iterations=5)
    assert seen == [(1, 10), (2, 10), (3, 10)]
