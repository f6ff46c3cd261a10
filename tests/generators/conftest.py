"""Every registered generator in a size that tests can afford."""

import pytest
import torch

from gan_lessons.generators import build_generator, list_generators

SMALL = {
    "unet": {"width": 4, "depth": 3},
    "unet-double_conv": {"width": 4, "depth": 3},
    "resnet": {"width": 4, "blocks": 1},
    "fpn-inception_resnet_v2": {"width": 8},
    "fpn-mobilenet_v2": {"width": 8},
    "fpn-mobilenet_dsc": {"width": 8},
    "srgan": {"width": 4, "depth": 1, "scale": 2},
    "rrdbnet": {"width": 4, "growth": 2, "depth": 1},
    "zero_dce": {"width": 4},
    "nafnet": {"width": 2, "encoder": (1, 1), "decoder": (1, 1)},
    "unshuffle-unet": {"widths": (8, 12, 16)},
}

TILEABLE = {"resnet": {"norm": "batch"}, "nafnet": {"window": 8}}
"""What makes those generators tileable that by their papers aren't."""

FORMS = [
    *(pytest.param(name, {}, marks=pytest.mark.slow if name.startswith("fpn-") else (), id=name) for name in SMALL),
    *(pytest.param(name, arguments, id=f"{name}-tileable") for name, arguments in TILEABLE.items()),
]
"""For receptive fields and tiles; those of the feature pyramids are large."""

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


SLOW = ("fpn-inception_resnet_v2", "fpn-mobilenet_dsc")
"""Generators that aren't small in any size, or too much like another."""


def mark_slow(names):
    return [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in names]


@pytest.fixture(params=mark_slow(list_generators()))
def name(request):
    return request.param


@pytest.fixture
def averaging():
    """Give a network weights of one sign that average: nothing cancels, dies or saturates, so that no path is cut."""

    def change(network):
        torch.manual_seed(0)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if parameter.ndim > 1:
                    parameter.abs_().clamp_(min=0.01)
                    parameter.div_(parameter.sum() / len(parameter))
                elif name.endswith("bias"):
                    parameter.zero_()
        return network.eval()

    return change


@pytest.fixture
def seen_by(averaging):
    """Measure by autograd how far from a pixel the image matters, over all pixels of a stride: the receptive field."""

    def measure(generator, side: int, *, brightest: float = 1.0) -> int:
        generator = averaging(generator).double()
        image = torch.rand(1, generator.in_channels, generator.stride, side, dtype=torch.float64).mul_(brightest)
        image.requires_grad_()
        row, middle, radius = generator(image)[0, 0, 0], side // 2 // generator.stride * generator.stride, 0
        for pixel in range(middle * generator.scale, (middle + generator.stride) * generator.scale):
            (gradient,) = torch.autograd.grad(row[pixel], image, retain_graph=True)
            reach = gradient.abs().amax((0, 1, 2)).nonzero().flatten()
            assert reach.min() > 0, "the image is too small"
            assert reach.max() < side - 1, "the image is too small"
            center = pixel // generator.scale
            radius = max(radius, center - int(reach.min()), int(reach.max()) - center)
        return 2 * radius + 1

    return measure
