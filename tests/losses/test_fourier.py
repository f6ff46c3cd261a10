import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.losses.fourier import fourier_magnitude


@pytest.mark.parametrize("shape", [(7, 6), (6, 7), (1, 1), (1, 2), (4, 5, 3)])
def test_equals_numpy(shape):
    """The whole transform of numpy, no half of it left out."""
    x, y = np.random.default_rng(0).random((2, 2, 3, *shape))
    axes = tuple(range(2, x.ndim))
    theirs = np.abs(np.abs(np.fft.fftn(x, axes=axes, norm="ortho")) - np.abs(np.fft.fftn(y, axes=axes, norm="ortho")))
    ours = fourier_magnitude(torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(ours, theirs.reshape(2, -1).mean(1), atol=1e-12)


@given(down=st.integers(0, 9), right=st.integers(0, 9), height=st.integers(1, 9), width=st.integers(1, 9))
def test_a_circular_shift_is_not_seen(down, right, height, width):
    image = torch.rand(1, 2, height, width, dtype=torch.float64)
    shifted = image.roll((down, right), (2, 3))
    assert fourier_magnitude(image, shifted).item() == pytest.approx(0, abs=1e-12)


def test_an_offset_changes_one_frequency():
    """Unitary: an offset d moves the zero frequency alone, by d·√pixels; over the pixels it is d / √pixels."""
    image = torch.rand(1, 1, 4, 9, dtype=torch.float64)
    assert fourier_magnitude(image + 0.6, image).item() == pytest.approx(0.6 / 6)
