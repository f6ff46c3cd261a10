import numpy as np
import pytest
import torch
from skimage import color

from gan_lessons.blocks.lab import lab_to_srgb
from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.generators.in_lab import InLab


def test_the_way_back_is_scikit_images():
    lab = color.rgb2lab(np.random.default_rng(0).random((8, 8, 3)))
    ours = lab_to_srgb(torch.from_numpy(lab).movedim(-1, 0)[None])[0].movedim(0, -1)
    np.testing.assert_allclose(ours.numpy(), color.lab2rgb(lab), atol=2e-4)  # its white has fewer digits


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_a_network_that_changes_nothing_changes_nothing(value_range):
    network = build_generator("unshuffle-unet", in_channels=3, out_channels=3, widths=(4, 8))  # its last layer is zero
    black, white = value_range
    image = black + (white - black) * torch.rand(1, 3, 17, 23)
    torch.testing.assert_close(InLab(network, value_range)(image), image, atol=1e-4, rtol=0)


def test_gray_is_refused():
    with pytest.raises(InputError, match="maps 1 channels to 1; expected planes of 3 and 3"):
        InLab(build_generator("unshuffle-unet"))
