"""Figures plane by plane: each is that of the plane alone, and the mean along an axis is over the others."""

import dask.array
import numpy as np
import pytest

from gan_lessons.errors import InputError
from gan_lessons.evaluation import examine
from gan_lessons.evaluation.planes import along, plane_table
from gan_lessons.image import Image
from gan_lessons.metrics.full_reference import psnr, ssim


@pytest.fixture(scope="module")
def movie():
    rng = np.random.default_rng(0)
    truth = rng.normal(100, 20, (2, 3, 24, 26))
    return truth, truth + rng.normal(0, np.arange(1, 7).reshape(2, 3, 1, 1), truth.shape)


@pytest.mark.parametrize("lazy", [False, True])
def test_each_row_is_the_plane_by_itself(movie, lazy):
    truth, worse = (dask.array.from_array(one, chunks=(1, 1, 24, 26)) if lazy else one for one in movie)
    images = [Image(one, "TZYX", {"Z": 0.5}, {"Z": "µm"}) for one in (worse, truth)]
    mask = np.zeros((24, 26), bool)
    mask[2:20] = True
    found = examine({"a": images[0]}, reference=images[1], data_range=120.0, mask=mask)
    table = plane_table(found)
    assert table["Z, µm"].tolist() == [0, 0.5, 1] * 2
    for row in table.itertuples():
        image, reference = movie[1][row.T, row.Z], movie[0][row.T, row.Z]
        assert row.psnr == pytest.approx(psnr(image, reference, 120.0, mask=mask))
        assert row.ssim == pytest.approx(ssim(image, reference, 120.0, mask=mask))
    by_time = along(table, "T")
    assert by_time.loc[("a", 1), "psnr"] == pytest.approx(table[table["T"] == 1]["psnr"].mean())


def test_planes_of_a_region_are_counted_in_the_whole(movie):
    found = examine(
        {"a": movie[1][0]},
        reference=movie[0][0],
        data_range=120.0,
        axes="ZYX",
        region=(slice(1, 3), slice(0, 9), slice(4, 12)),
    )
    table = plane_table(found)
    assert table["Z"].tolist() == [1, 2]
    assert table["psnr"][0] == pytest.approx(psnr(movie[1][0, 1, :9, 4:12], movie[0][0, 1, :9, 4:12], 120.0))
    assert table["ssim"].isna().all()  # smaller than a window


def test_without_a_truth_there_is_nothing_to_compare_with(movie):
    with pytest.raises(InputError, match="no reference"):
        plane_table(examine({"raw": movie[1][0]}, axes="ZYX"))
