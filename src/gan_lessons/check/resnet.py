"""Lesson 5: DeblurGAN's generator, from a residual block to the global residual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lessons.check.exercise import array_of, compare, exercise, require
from gan_lessons.check.networks import convolutions, copy_weights, layers, require_network, require_shape
from gan_lessons.generators import ResNetGenerator

Answer = Callable[..., Any]
OTHER_NORMS = (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)


@exercise
def residual_block(answer: Answer) -> str:
    """Check ``ResidualBlock(channels, dropout=0.5)``, which maps (N, channels, H, W) to the same shape."""
    block = require_network("residual_block", answer(6, dropout=0.3))
    require_shape("residual_block", block, (2, 6, 12, 10), (2, 6, 12, 10), "3×3 convolutions of padding 1")
    found = convolutions(block)
    require(len(found) == 2, f"residual_block: it has {len(found)} convolutions; expected two.")
    shares = [part.p for part in layers(block, nn.Dropout)]
    require(shares == [0.3], f"residual_block: dropout is {shares} where one of 0.3 was asked for.")
    _refuse_other_norms("residual_block", block)
    torch.manual_seed(0)
    image = torch.randn(2, 6, 12, 10)
    with torch.no_grad():
        result = array_of("residual_block", block.eval()(image), tuple(image.shape))

        def body(mode: str = "reflect", *, norm: bool = True) -> Tensor:
            x = _convolve(image, found[0], mode)
            x = F.relu(F.instance_norm(x) if norm else x)
            x = _convolve(x, found[1], mode)
            return F.instance_norm(x) if norm else x

        mistakes = {
            "the shortcut is missing: return x + what the convolutions find.": body(),
            "the border is padded with zeros: padding_mode='reflect'.": image + body("constant"),
            "a ReLU stands after the sum: then a block could only add light. Nothing comes after it.": F.relu(
                image + body()
            ),
            "a ReLU stands after the second norm: then a block could only add. It stands between.": image
            + F.relu(body()),
            "there is no norm behind the convolutions.": image + body(norm=False),
        }
        compare("residual_block", result, (image + body()).double().numpy(), _as_arrays(mistakes))
    return "x + what two convolutions find; reflection at the border, nothing after the sum."


@exercise
def resnet(answer: Answer) -> str:
    """Check ``ResNet(channels, width=64, blocks=9, dropout=0.5)``, (N, channels, H, W) in [-1, 1] to the same."""
    torch.manual_seed(0)
    network = require_network("resnet", answer(2, width=4, blocks=2, dropout=0.5)).eval()
    image = torch.rand(1, 2, 24, 32) * 1.8 - 0.9
    for up in layers(network, nn.ConvTranspose2d):
        odd = "resnet: a transposed convolution makes 2n - 1 pixels of n; output_padding=1 makes it 2n."
        require(up.kernel_size != (3, 3) or up.output_padding == (1, 1), odd)
    require_shape("resnet", network, (1, 2, 24, 32), (1, 2, 24, 32), "two halvings and two doublings")
    _require_global_residual(network, image)
    _refuse_other_norms("resnet", network)
    require(bool(layers(network, nn.InstanceNorm2d)), "resnet: there is no instance norm behind the convolutions.")
    count = len(convolutions(network))
    require(count == 10, f"resnet: it has {count} convolutions with 2 blocks; expected 10: 3 down, 2 a block, 3 up.")
    library = ResNetGenerator(2, width=4, blocks=2).eval()
    copy_weights(
        "resnet",
        network,
        library,
        "Every convolution has a bias, instance norm has no weights.",
        "Channels are width, 2·width, 4·width and back; layers are built in the order they run.",
    )
    with torch.no_grad():
        result = array_of("resnet", network(image), tuple(image.shape))
        right = library(image).double().numpy()
        mistakes = {
            "the 7×7 convolutions pad with zeros: padding_mode='reflect' for both.": _with_zeros(library, image, 7),
            "the blocks' convolutions pad with zeros: padding_mode='reflect'.": _with_zeros(library, image, 3),
        }
        compare("resnet", result, right, mistakes)
    weights = sum(one.numel() for one in network.parameters())
    return f"{weights:,} weights at width 4 with 2 blocks; it adds to the image, within [-1, 1]."


def _require_global_residual(network: nn.Module, image: Tensor) -> None:
    """Look at the result of weights that are zero, where nothing is added, and of large ones, where much is."""
    before = nn.utils.parameters_to_vector(network.parameters()).detach().clone()
    with torch.no_grad():
        nn.utils.vector_to_parameters(before * 0, network.parameters())
        still = array_of("resnet", network(image), tuple(image.shape))
        nn.utils.vector_to_parameters(before * 100, network.parameters())
        dark = torch.rand_like(image) * 0.2 - 1
        change, bright = network(dark) - dark, network(image)
        nn.utils.vector_to_parameters(before, network.parameters())
    still_tanh = image.double().tanh().numpy()
    mistakes = {
        "with all weights 0 the result is 0: the image isn't added.": np.zeros_like(still),
        "with all weights 0 the result has half the image's contrast: that is (image + tanh) / 2; add without "
        "halving.": image.double().numpy() / 2,
        "with all weights 0 the result is tanh of the image: Tanh comes before the sum, clamp after.": still_tanh,
    }
    compare("resnet", still, image.double().numpy(), mistakes)
    require(float(change.max()) < 1.01, f"resnet: it adds up to {float(change.max()):.3g}; Tanh is missing.")
    most = float(bright.abs().max())
    require(most <= 1.001, f"resnet: the result reaches {most:.2f}; clamp the sum to [-1, 1].")


def _refuse_other_norms(name: str, network: nn.Module) -> None:
    other = next((part for part in network.modules() if isinstance(part, OTHER_NORMS)), None)
    require(
        other is None,
        f"{name}: it has {type(other).__name__}; DeblurGAN takes instance norm, each image by itself.",
    )


def _convolve(x: Tensor, layer: Any, mode: str) -> Tensor:
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode=mode), layer.weight, layer.bias)


def _with_zeros(library: nn.Module, image: Tensor, kernel: int) -> np.ndarray:
    """Return what the library's network gives when its convolutions of that kernel and stride 1 pad with zeros."""
    changed = [part for part in layers(library, nn.Conv2d) if part.padding_mode == "reflect"]
    changed = [part for part in changed if part.kernel_size[0] == kernel]
    for part in changed:
        part.padding_mode = "zeros"
    result: np.ndarray = library(image).double().numpy()
    for part in changed:
        part.padding_mode = "reflect"
    return result


def _as_arrays(tensors: dict[str, Tensor]) -> dict[str, np.ndarray]:
    return {sentence: tensor.detach().double().numpy() for sentence, tensor in tensors.items()}
