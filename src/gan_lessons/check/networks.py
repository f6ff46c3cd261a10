"""Questions that checks ask of a learner's network, whatever its attributes are called."""

from __future__ import annotations

from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from gan_lessons.check.exercise import array_of, require

Layer = TypeVar("Layer", bound=nn.Module)


def layers(network: nn.Module, kind: type[Layer]) -> list[Layer]:
    """Return all layers of a kind, in the order they were built."""
    return [part for part in network.modules() if isinstance(part, kind)]


def convolutions(network: nn.Module) -> list[Any]:
    """Return plain and transposed convolutions, in the order they were built."""
    return [part for part in network.modules() if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d))]


def first_layer(block: nn.Module) -> nn.Module:
    """Return the first module without parts."""
    return next(part for part in block.modules() if not list(part.children()))


def require_network(name: str, module: Any) -> nn.Module:
    """Return the module; raise `NotYet` unless it is one and has weights."""
    require(module is not None and module is not ..., f"{name}: it returns nothing yet.")
    require(isinstance(module, nn.Module), f"{name}: it is a {type(module).__name__}; expected an nn.Module.")
    require(any(True for _ in module.parameters()), f"{name}: it has no layers yet; build them.")
    return module


def require_shape(
    name: str, network: nn.Module, given: tuple[int, ...], expected: tuple[int, ...], need: str
) -> Tensor:
    """Return what the network makes of noise; raise `NotYet`, with what is needed, unless its shape is right."""
    with torch.no_grad():
        result = network(torch.randn(given))
    array_of(name, result, getattr(result, "shape", ()))
    found = tuple(result.shape)
    require(found == expected, f"{name}: {given} becomes {found}; expected {expected}. That takes {need}.")
    return result


def require_range(name: str, network: nn.Module, image: Tensor) -> None:
    """Raise `NotYet` unless the network ends with one Tanh, judged by what weights 20 times as large give."""
    before = nn.utils.parameters_to_vector(network.parameters()).detach().clone()
    with torch.no_grad():
        nn.utils.vector_to_parameters(before * 20, network.parameters())
        extreme = network(image * 100)
        nn.utils.vector_to_parameters(before, network.parameters())
    low, high = float(extreme.min()), float(extreme.max())
    require(max(high, -low) <= 1.001, f"{name}: outputs reach {max(high, -low):.3g}; Tanh at the end is missing.")
    require(low < -0.01, f"{name}: no output is negative; images are in [-1, 1]: end with Tanh, and nothing after it.")
    require(max(high, -low) > 0.9, f"{name}: outputs end at ±{max(high, -low):.2f}: Tanh is taken twice.")


def joined_channels(network: nn.Module, image: Tensor) -> list[int]:
    """Return how many channels each transposed convolution is given, in the order they run."""
    seen: list[int] = []

    def note(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        seen.append(given[0].shape[1])

    hooks = [part.register_forward_pre_hook(note) for part in layers(network, nn.ConvTranspose2d)]
    try:
        with torch.no_grad():
            network(image)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def severed(network: nn.Module, image: Tensor, layer: nn.Module) -> bool:
    """Tell whether the output still depends on the image when a layer gives zeros."""
    hook = layer.register_forward_hook(lambda _, __, result: torch.zeros_like(result))
    try:
        with torch.no_grad():
            return not torch.equal(network(image), network(image.flip(-1) + 1))
    finally:
        hook.remove()


def copy_weights(name: str, network: nn.Module, library: nn.Module, which: str, order: str) -> None:
    """Load the learner's weights, in their order, into the library's network.

    Parameters
    ----------
    which, order : str
        Sentences for a wrong number of weights, and for a wrong shape.
    """
    mine, theirs = network.state_dict(), library.state_dict()
    require(
        len(mine) == len(theirs),
        f"{name}: it has {len(mine)} weights and statistics, expected {len(theirs)}: is a norm or a bias too many or "
        f"too few? {which}",
    )
    for (found, weights), expected in zip(mine.items(), theirs.values(), strict=True):
        require(
            weights.shape == expected.shape,
            f"{name}: {found} has the shape {tuple(weights.shape)}; expected {tuple(expected.shape)} there. {order}",
        )
    library.load_state_dict(dict(zip(theirs, mine.values(), strict=True)))
