"""Every registered generator in a size that tests can afford."""

import pytest
import torch

from gan_lessons.generators import build_generator, list_generators

SMALL = {
    "unet": {"width": 4, "depth": 3},
    "unet-double_conv": {"width": 4, "depth": 3},
    "resnet": {"width": 4, "blocks": 1},
    "unshuffle-unet": {"widths": (8, 12, 16)},
}

TILEABLE = {"resnet": {"norm": "batch"}}
"""What makes a generator tileable that by its paper isn't."""

VOLUMES = ("unet", "unet-double_conv", "resnet")
"""Generators with ``dimensions=3``."""


def small(name, **arguments):
    """Build a small generator whose weights are all awake: none is zero, as some are at first."""
    torch.manual_seed(0)
    generator = build_generator(name, **{**SMALL[name], **arguments})
    with torch.no_grad():
        for parameter in generator.parameters():
            if not parameter.any():
                parameter.normal_(std=0.05)
    return generator.eval()


def inputs(generator, *shape, seed=1):
    """Draw an image, and guides where the generator takes some."""
    rng = torch.Generator().manual_seed(seed)
    image = torch.rand(shape[0], generator.in_channels, *shape[1:], generator=rng)
    if not generator.guides:
        return (image,)
    return image, torch.rand(shape[0], generator.out_channels * generator.guides, *shape[1:], generator=rng)


@pytest.fixture(params=list_generators())
def name(request):
    return request.param
