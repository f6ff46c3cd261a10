import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from gan_lessons.errors import InputError
from gan_lessons.losses.grid import grid


@pytest.mark.parametrize(("period", "shape"), [(2, (16, 24)), (2, (25, 40)), (4, (7, 34)), (3, (3, 3))])
def test_equals_a_loop_over_the_places_of_a_period(period, shape):
    x, y = np.random.default_rng(0).random((2, 1, 2, *shape))
    values = []
    for channel in (x - y)[0]:
        whole = channel[: shape[0] // period * period, : shape[1] // period * period]
        means = np.array([whole[a::period, b::period].mean() for a in range(period) for b in range(period)])
        values += list(abs(means - means.mean()))
    ours = grid(torch.from_numpy(x), torch.from_numpy(y), period)
    assert ours.item() == pytest.approx(np.mean(values), rel=1e-9)


@given(period=st.integers(2, 5), seed=st.integers(0, 9), strength=st.floats(1e-3, 1))
def test_only_what_repeats_at_the_period_is_seen(period, seed, strength):
    random = torch.Generator().manual_seed(seed)
    truth = torch.rand((1, 2, 8 * period, 6 * period), generator=random, dtype=torch.float64)
    pattern = torch.rand((1, 2, period, period), generator=random, dtype=torch.float64)
    drawn = strength * pattern.repeat(1, 1, 8, 6)
    expected = strength * (pattern - pattern.mean((2, 3), keepdim=True)).abs().mean()
    torch.testing.assert_close(grid(truth + drawn, truth, period)[0], expected)
    blocks = F.interpolate(torch.rand((1, 2, 8, 6), generator=random, dtype=torch.float64), scale_factor=period)
    assert grid(truth + blocks, truth, period).item() == pytest.approx(0, abs=1e-12)


def test_a_period_of_one_pixel_is_refused():
    with pytest.raises(InputError, match="expected at least 2 pixels"):
        grid(torch.zeros(1, 1, 16, 16), torch.zeros(1, 1, 16, 16), 1)
