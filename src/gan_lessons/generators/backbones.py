"""Encoders that were made for classification, cut into the five stages of a feature pyramid."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from gan_lessons.blocks import Interval, through_conv
from gan_lessons.errors import InputError, suggest

STRIDES = (2, 4, 8, 16, 32)


class Window(NamedTuple):
    """The convolution or pooling that reaches farthest of those that stand side by side."""

    kernel: int
    stride: int = 1
    padding: int = 1


Margin = tuple[int, int]
_DOWN, _SAME, _VALID = Window(3, 2), Window(3), Window(3, 2, 0)


@dataclass(frozen=True)
class Backbone:
    """What a feature pyramid has to know of an encoder.

    Parameters
    ----------
    encoder : Module
        From an image to five feature maps, at strides 2 to 32.
    channels : sequence of int
        Of the five maps.
    path : sequence of sequence of Window
        What each stage sees, for the receptive field; empty: it isn't known, or is the whole image.
    margins : sequence of (int, int)
        Rows and columns that a map lacks before and after, because convolutions aren't padded.
    least : int
        Side of the smallest image.
    """

    encoder: nn.Module
    channels: Sequence[int]
    path: Sequence[Sequence[Window]] = ()
    margins: Sequence[Margin] = ((0, 0),) * 5
    least: int = 64

    def back(self, seen: Interval, level: int) -> Interval:
        """Return the pixels that a map depends on, its margins filled; of an unknown path, as five 3×3 of stride 2."""
        margin = self.margins[level][0]
        seen = seen[0] - margin, seen[1] - margin
        stages = (self.path or ((_DOWN,),) * 5)[: level + 1]
        for window in reversed([window for stage in stages for window in stage]):
            seen = through_conv(seen, *window)
        return seen


class Stages(nn.Module):
    """Run modules one after another and keep the result after each stage; the modules keep their published names."""

    def __init__(self, stages: Sequence[Mapping[str, nn.Module]], published: str = "") -> None:
        super().__init__()
        self.published = published  # what stands before a layer's name in the published weights
        self.stages = nn.ModuleList(nn.Sequential(OrderedDict(stage)) for stage in stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return a feature map a stage."""
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def load_published(self, weights: Mapping[str, Tensor]) -> None:
        """Take the classifier's weights, by their published names, and pass over the layers that aren't run here."""
        names = {f"{self.published}{name.split('.', 2)[2]}": name for name in self.state_dict()}
        missing = [name for name in names if name not in weights and not name.endswith("num_batches_tracked")]
        if missing:
            raise InputError(f"the backbone's weights lack {missing[0]} and {len(missing) - 1} others")
        found = {names[name]: tensor.float() for name, tensor in weights.items() if name in names}
        first = next(iter(self.state_dict()))
        found[first] = fit_channels(found[first], self.state_dict()[first].shape[1])
        try:
            self.load_state_dict(found, strict=False)
        except RuntimeError as error:
            raise InputError(f"the backbone's weights don't fit: {str(error).splitlines()[-1].strip()}") from error


def fit_channels(weight: Tensor, in_channels: int) -> Tensor:
    """Fit the first convolution of an RGB network to images of other channels, so that a gray image gives the same.

    One channel gets the sum of the three; more repeat them in turn, scaled by 3 / in_channels (as timm does).

    >>> fit_channels(torch.ones(8, 3, 3, 3), 1).unique()
    tensor([3.])
    """
    published = weight.shape[1]
    if in_channels == 1:
        return weight.sum(1, keepdim=True)
    return weight[:, torch.arange(in_channels) % published] * (published / in_channels)


def make_backbone(name: str, in_channels: int = 3) -> Backbone:
    """Build an encoder with random weights; nothing is downloaded.

    Parameters
    ----------
    name : str
        ``mobilenet_v2`` (Sandler et al. 2018, arXiv:1801.04381; torchvision's, up to its fifteenth block),
        ``inception_resnet_v2`` (Szegedy et al. 2017, arXiv:1602.07261; timm's, up to ``mixed_7a``), or any name in timm
        whose features come at strides 2, 4, 8, 16 and 32.

    Raises
    ------
    InputError
        If timm doesn't know the name, or the features come at other strides.
    """
    if name == "mobilenet_v2":
        return _mobilenet_v2(in_channels)
    if name == "inception_resnet_v2":
        return _inception_resnet_v2(in_channels)
    return _timm(name, in_channels)


def _mobilenet_v2(in_channels: int) -> Backbone:
    from torchvision.models import mobilenet_v2

    features = mobilenet_v2(weights=None).features
    features[0][0] = nn.Conv2d(in_channels, 32, 3, 2, 1, bias=False)
    nn.init.kaiming_normal_(features[0][0].weight, mode="fan_out")  # as torchvision
    return Backbone(
        Stages(_cut(features.named_children(), "1", "3", "6", "10", "15"), "features."),
        channels=(16, 24, 32, 64, 160),
        path=(
            (_DOWN, _SAME),
            (_DOWN, _SAME),
            (_DOWN, _SAME, _SAME),
            (_DOWN, *[_SAME] * 3),
            (*[_SAME] * 3, _DOWN, _SAME),
        ),
    )


def _inception_resnet_v2(in_channels: int) -> Backbone:
    import timm

    network = timm.create_model("inception_resnet_v2", pretrained=False, in_chans=in_channels)
    ends = ("conv2d_1a", "maxpool_3a", "maxpool_5a", "mixed_6a", "mixed_7a")
    return Backbone(
        Stages(_cut(network.named_children(), *ends)),
        channels=(32, 64, 192, 1088, 2080),
        path=(
            (_VALID,),
            (Window(3, 1, 0), _SAME, _VALID),
            (Window(3, 1, 0), _VALID),
            (*[Window(5, 1, 2)] * 11, _SAME, _VALID),
            (*[Window(7, 1, 3)] * 20, _SAME, _VALID),
        ),
        margins=((0, 1), (1, 1), (1, 2), (1, 1), (1, 1)),
        least=128,
    )


def _timm(name: str, in_channels: int) -> Backbone:
    import timm

    try:
        network: Any = timm.create_model(name, pretrained=False, features_only=True, in_chans=in_channels)
    except (RuntimeError, AttributeError) as error:
        known = ["mobilenet_v2", "inception_resnet_v2", *timm.list_models()]
        raise InputError(f"backbone {name!r}: {error}; {suggest(name, known)}") from error
    strides = tuple(network.feature_info.reduction())
    if strides != STRIDES:
        raise InputError(f"backbone {name!r} has features at strides {strides}; a pyramid needs {STRIDES}")
    return Backbone(network, network.feature_info.channels())


def _cut(children: Iterable[tuple[str, nn.Module]], *ends: str) -> list[dict[str, nn.Module]]:
    """Put the modules up to each end into a stage; those behind the last end are dropped."""
    stages: list[dict[str, nn.Module]] = [{}]
    for name, module in children:
        stages[-1][name] = module
        if name in ends:
            stages.append({})
    return stages[: len(ends)]
