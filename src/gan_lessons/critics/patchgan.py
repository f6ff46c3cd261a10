"""PatchGAN critic (Isola et al. 2017, arXiv:1611.07004): is each patch of the image real?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, pairwise
from typing import Any

import torch
from torch import Tensor, nn

from gan_lessons.critics.base import Critic
from gan_lessons.critics.minibatch import MinibatchDeviation
from gan_lessons.critics.stage import KERNEL, CriticNorm, Padding, make_convolution, make_stage, side_after
from gan_lessons.critics.virtual_norm import VirtualBatchNorm
from gan_lessons.errors import InputError, check_counts


class PatchGAN(Critic):
    """Convolutions with kernel 4 down to a map of scores, each of one patch of ``receptive_field`` pixels a side.

    C64-C128-C256-C512 and a score in the paper's words; 2,765,633 parameters and patches of 70 for RGB. Differences
    from pix2pix's code: no sigmoid, instance norm never keeps running statistics.

    Parameters
    ----------
    in_channels : int
        Of the judged image. A mask critic judges 1 channel under the condition of 3.
    condition_channels : int
        Of what the generator was given, concatenated before the image: 3 in pix2pix.
    width : int
        Channels after the first convolution; doubled at each, at most ``8 * width``.
    depth : int
        Convolutions with stride 2: the patch is 70 with 3, 286 with 5 (DeblurGAN-v2's full critic).
    flat : int
        Convolutions with stride 1 after them, before the one that gives the score. 0 in two tutorials: patch 46, or
        22 with ``depth=2``.
    norm : {"batch", "instance", "layer", "group", "none", "virtual"}
        From the second convolution on. ``"virtual"`` needs `set_reference`.
    bias : bool, optional
        Of convolutions before a norm; by default as pix2pix's code, only where the norm is instance or none. (Before
        an instance norm they do nothing; they are there so that counts and published weights fit.)
    padding : int or "same"
        1 in pix2pix, 2 in pix2pixHD and DeblurGAN-v2, ``"same"`` in Keras.
    spectral : bool
        Spectral norm on every convolution; use ``norm="none"`` with it.
    minibatch_deviation : bool
        Append `MinibatchDeviation` before the score.
    dimensions : {2, 3}

    Shape
    -----
    image (N, in_channels, H, W), condition (N, condition_channels, H, W) → (N, 1, about H / 2^depth, W / 2^depth)

    Raises
    ------
    InputError
        If the image is smaller than ``least_size``, or the channels aren't those.

    >>> PatchGAN(in_channels=1)(torch.zeros(1, 1, 256, 256)).shape
    torch.Size([1, 1, 30, 30])
    """

    reference: Tensor | None

    def __init__(
        self,
        in_channels: int = 3,
        *,
        condition_channels: int = 0,
        width: int = 64,
        depth: int = 3,
        flat: int = 1,
        norm: CriticNorm = "batch",
        bias: bool | None = None,
        padding: Padding = 1,
        spectral: bool = False,
        minibatch_deviation: bool = False,
        dimensions: int = 2,
    ) -> None:
        super().__init__()
        check_counts(in_channels=in_channels, width=width, depth=depth)
        self.in_channels, self.condition_channels, self.dimensions = in_channels, condition_channels, dimensions
        strides = [2] * depth + [1] * flat
        self.receptive_field = _patch(strides)
        self.least_size = _least_size(strides, padding, norm)
        bias = norm in ("instance", "none") if bias is None else bias
        widths = [in_channels + condition_channels, *(width * min(2**level, 8) for level in range(len(strides)))]
        self.stages = nn.ModuleList(
            make_stage(
                *channels,
                norm=norm if level else "none",
                stride=strides[level],
                padding=padding,
                bias=bias or level == 0,
                spectral=spectral,
                dimensions=dimensions,
            )
            for level, channels in enumerate(pairwise(widths))
        )
        self.deviation = MinibatchDeviation() if minibatch_deviation else nn.Identity()
        last_width = widths[-1] + minibatch_deviation
        self.score = make_convolution(last_width, 1, padding=padding, spectral=spectral, dimensions=dimensions)
        self.register_buffer("reference", None)

    def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
        """Score every patch."""
        x = self._behind_reference(self.join(image, condition))  # (references + N, in + condition, H, W)
        for stage in self.stages:
            x = stage(x)  # (…, width·2^level, H / 2^(level + 1), …), then the flat ones, a pixel smaller
        x = x[x.shape[0] - image.shape[0] :]  # (N, 8·width, …)
        return self.score(self.deviation(x))  # (N, 1, H / 2^depth - 2, …)

    def set_reference(self, image: Tensor, condition: Tensor | None = None) -> None:
        """Fix the reference batch of virtual batch norm: real images of the size that will be judged.

        Shape
        -----
        As in ``forward``; the paper takes as many as a batch has.

        Raises
        ------
        InputError
            If the norm isn't ``"virtual"``, or the images don't fit.
        """
        self._keep_reference(self.join(image, condition).detach().clone())

    def _keep_reference(self, reference: Tensor) -> None:
        norms = [layer for layer in self.modules() if isinstance(layer, VirtualBatchNorm)]
        if not norms:
            raise InputError("PatchGAN: a reference batch, but no virtual norm; build it with norm='virtual'")
        self.reference = reference
        for norm in norms:
            norm.references = len(reference)

    def _behind_reference(self, x: Tensor) -> Tensor:
        if self.reference is None:
            return x
        if self.reference.shape[2:] != x.shape[2:]:
            found, expected = tuple(x.shape[2:]), tuple(self.reference.shape[2:])
            raise InputError(f"PatchGAN: images of {found}, the reference batch has {expected}; set one of that size")
        return torch.cat([self.reference, x])

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *args: Any) -> None:
        """Make room for a reference batch that the state has."""
        if (saved := state_dict.get(f"{prefix}reference")) is not None:
            self._keep_reference(torch.empty_like(saved, device=next(self.parameters()).device))
        super()._load_from_state_dict(state_dict, prefix, *args)


def _patch(strides: Sequence[int]) -> int:
    side = KERNEL  # of the convolution that gives the score
    for stride in reversed(strides):
        side = (side - 1) * stride + KERNEL
    return side


def _least_size(strides: Sequence[int], padding: Padding, norm: CriticNorm) -> int:
    """Return the first side that leaves a score; batch and instance norm can't do with a map of a single pixel."""
    normalized = 2 if norm in ("batch", "instance") else 1

    def fits(side: int) -> bool:
        for level, stride in enumerate(strides):
            side = side_after(side, stride, padding)
            if side < (normalized if level else 1):
                return False
        return side_after(side, 1, padding) >= 1

    return next(side for side in count(1) if fits(side))
