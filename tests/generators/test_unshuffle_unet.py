import pytest
import torch

from gan_lessons.generators import build_generator
from tests.generators.conftest import inputs, small

FORMS = [{"in_channels": 3, "out_channels": 3}, {"in_channels": 5, "guides": 3}, {"in_channels": 2, "out_channels": 2}]


def test_untrained_returns_the_middle_of_its_input():
    fresh = build_generator("unshuffle-unet", in_channels=5, out_channels=1, guides=3)
    image = torch.rand(1, 5, 20, 24)
    torch.testing.assert_close(fresh(image), image[:, 2:3])


@pytest.mark.parametrize("form", FORMS)
def test_gain_passes_through(form):
    generator = small("unshuffle-unet", **form)
    image = inputs(generator, 1, 40, 40)
    torch.testing.assert_close(generator(*(7 * x for x in image)), 7 * generator(*image), rtol=1e-4, atol=1e-4)


def test_without_guides_the_image_stands_in():
    network = small("unshuffle-unet", guides=3)
    image = torch.rand(1, 1, 24, 24)
    torch.testing.assert_close(network(image), network(image, image.repeat(1, 3, 1, 1)))


def test_tiles_with_guides_equal_the_whole():
    network = small("unshuffle-unet", in_channels=5, guides=3)
    halo = network.halo
    image, guides = inputs(network, 1, 16, 2 * halo + 64)
    tile = network(image[..., 32:], guides[..., 32:])
    torch.testing.assert_close(tile[..., halo:], network(image, guides)[..., 32 + halo :], rtol=0, atol=1e-5)
