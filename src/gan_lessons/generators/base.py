"""What every generator is and says of itself."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_lessons.blocks import describe_network
from gan_lessons.errors import InputError, check_counts


class Generator(nn.Module):
    """A network that maps an image of any size to an image.

    It pads what it needs by replication and crops the result. In evaluation the items of a batch don't influence each
    other. A subclass's constructor fills in the attributes below `dimensions`.

    Parameters
    ----------
    in_channels : int
    out_channels : int, optional
        As many as come in.
    dimensions : {2, 3}
    **counts
        The subclass's own whole numbers, such as width and depth: from 1 on, or `InputError` names the one that isn't.

    Attributes
    ----------
    in_channels, out_channels : int
    guides : int
        Filtered copies of each output channel that ``forward`` takes besides the image (`UnshuffleUNet`).
    dimensions : {2, 3}
        Planes (N, C, H, W) or volumes (N, C, D, H, W).
    scale : int
        Output pixels per input pixel along a side.
    stride : int
        Tiles that start on multiples of it give the same result as the whole image.
    receptive_field : int or None
        Side of the input square, in pixels, outside which nothing changes an output pixel in evaluation. None: the
        whole image counts (attention, pooling or a norm over space).
    halo : int
        Rows and columns, a multiple of the stride, that a tile has to see on each side to give what the whole gives.
        Where the receptive field is None, those that the convolutions alone need.

    Shape
    -----
    (N, in_channels, H, W) → (N, out_channels, scale·H, scale·W), any H and W from 1.
    """

    guides: int = 0
    scale: int = 1
    stride: int = 1
    receptive_field: int | None = None
    halo: int = 0

    def __init__(
        self, in_channels: int, out_channels: int | None = None, *, dimensions: int = 2, **counts: int
    ) -> None:
        super().__init__()
        self.in_channels, self.dimensions = in_channels, dimensions
        self.out_channels = in_channels if out_channels is None else out_channels
        check_counts(in_channels=in_channels, out_channels=self.out_channels, **counts)

    @property
    def tileable(self) -> bool:
        """Whether tiles with a halo give what the whole image gives."""
        return self.receptive_field is not None

    def checked(self, image: Tensor) -> Tensor:
        """Return the image; raise `InputError` if the network has no use for its axes, channels, size or type."""
        if torch.jit.is_tracing():  # type: ignore[attr-defined]  # where sizes aren't numbers
            return image
        axes = "(N, C, H, W)" if self.dimensions == 2 else "(N, C, D, H, W)"
        if image.ndim != self.dimensions + 2 or 0 in image.shape:
            raise InputError(
                f"{type(self).__name__}: an image of {tuple(image.shape)}, expected {axes}, none of them 0"
            )
        if image.shape[1] != self.in_channels:
            raise InputError(
                f"{type(self).__name__}: an image of {image.shape[1]} channels, expected {self.in_channels}; "
                f"give in_channels={image.shape[1]} when it is built"
            )
        if not image.is_floating_point():
            raise InputError(f"{type(self).__name__}: an image of {image.dtype}, expected floating point")
        return image

    def describe(self, side: int = 256) -> str:
        """Return one line: name, parameters, multiplications and memory for a square image, receptive field."""
        return describe_network(self, self.receptive_field, (1, self.in_channels, *[side] * self.dimensions))
