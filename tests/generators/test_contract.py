"""One contract for every generator: any size, every parameter alive, alone as in a batch, tiled as whole."""

import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.generators import GENERATORS, build_generator

FORMS = [
    {"in_channels": 1, "out_channels": 1},
    {"in_channels": 3, "out_channels": 3},
    {"in_channels": 7, "out_channels": 7},
]
FORMS += [{"in_channels": 5, "out_channels": 1, "guides": 3}, {"in_channels": 2, "out_channels": 2, "guides": 3}]


def awake(name: str, **arguments):
    """Build a generator whose last layer isn't zero any more."""
    torch.manual_seed(0)
    generator = build_generator(name, **arguments)
    with torch.no_grad():
        for parameter in generator.parameters():
            if not parameter.any():
                parameter.normal_(std=0.05)
    return generator.eval()


def inputs(generator, *shape: int):
    torch.manual_seed(1)
    guides = torch.rand(shape[0], generator.out_channels * generator.guides, *shape[1:]) if generator.guides else None
    return torch.rand(shape[0], generator.in_channels, *shape[1:]), guides


@pytest.fixture(params=[(name, i) for name in GENERATORS for i in range(len(FORMS))], ids=str)
def generator(request):
    name, form = request.param
    return awake(name, **FORMS[form])


@pytest.mark.parametrize("size", [(1, 1), (1, 17), (33, 65), (64, 40)])
def test_any_size_comes_back(generator, size):
    image, guides = inputs(generator, 2, *size)
    assert generator(image, guides).shape == (2, generator.out_channels, *size)


def test_every_parameter_learns(generator):
    image, guides = inputs(generator, 1, 48, 48)
    generator(image, guides).square().sum().backward()
    dead = [name for name, p in generator.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_alone_as_in_a_batch(generator):
    image, guides = inputs(generator, 3, 40, 56)
    together = generator(image, guides)
    alone = torch.cat([generator(image[i : i + 1], None if guides is None else guides[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_untrained_returns_the_middle_of_its_input(generator):
    fresh = build_generator("unshuffle-unet", in_channels=5, out_channels=1, guides=3)
    image = torch.rand(1, 5, 20, 24)
    torch.testing.assert_close(fresh(image), image[:, 2:3])


def test_gain_passes_through(generator):
    image, guides = inputs(generator, 1, 40, 40)
    scaled = generator(7 * image, None if guides is None else 7 * guides)
    torch.testing.assert_close(scaled, 7 * generator(image, guides), rtol=1e-4, atol=1e-4)


def test_nothing_beyond_the_receptive_field_matters(generator):
    """Shift one far pixel after another along a row: no effect outside, some effect well inside."""
    radius, stride = generator.receptive_field // 2, generator.stride
    side = 2 * (radius // stride + 3) * stride
    image, guides = inputs(generator, 1, stride, side)
    target = side // 2
    image.requires_grad_()
    for pixel in range(target, target + stride):
        (gradient,) = torch.autograd.grad(generator(image, guides)[0, 0, 0, pixel], image)
        reach = gradient.abs().amax((0, 1, 2)).nonzero().flatten()
        assert pixel - radius <= reach.min()
        assert reach.max() <= pixel + radius
        assert reach.max() - reach.min() > radius / 2


def test_a_tile_on_the_grid_equals_the_whole(generator):
    halo = generator.halo
    image, guides = inputs(generator, 1, 16, 2 * halo + 64)
    whole = generator(image, guides)
    tile = generator(image[..., 32:], None if guides is None else guides[..., 32:])
    torch.testing.assert_close(tile[..., halo:], whole[..., 32 + halo :], rtol=0, atol=1e-5)


def test_without_guides_the_image_stands_in():
    network = awake("unshuffle-unet", guides=3)
    image = torch.rand(1, 1, 24, 24)
    torch.testing.assert_close(network(image), network(image, image.repeat(1, 3, 1, 1)))


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(InputError, match="did you mean 'unshuffle-unet'"):
        build_generator("unshufle-unet")
