"""How a network's last features become an image."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor, nn

from gan_lessons.errors import InputError

Activation = Literal["tanh", "sigmoid", "none"]


def make_activation(kind: Activation) -> nn.Module:
    """Return what bounds an output: to [-1, 1], to [0, 1], or not at all."""
    layers: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}
    if kind not in layers:
        raise InputError(f"unknown activation {kind!r}; expected one of {', '.join(get_args(Activation))}")
    return layers[kind]()


def middle_channels(image: Tensor, channels: int) -> Tensor:
    """Return the channels that a residual is added to: all of a color image, the central of neighboring planes."""
    return image.narrow(1, (image.shape[1] - channels) // 2, channels)


def check_residual(in_channels: int, out_channels: int) -> None:
    """Raise `InputError` unless `middle_channels` finds the channels that a residual is added to."""
    if out_channels > in_channels or (in_channels - out_channels) % 2:
        raise InputError(
            f"a residual for {out_channels} channels has no {out_channels} middle ones among {in_channels} to be added "
            "to; expected as many, or fewer by an even number"
        )
