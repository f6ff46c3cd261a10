# %% [markdown]
# # Lab 1 · A U-Net of your own
#
# You build a U-Net that differs from the lesson's in four ways, and your numbers say how. Write your answers where it
# says so; cells of your own may stand before them. Each answer is graded with hidden inputs and hidden weights, by
# exact values, so names and order of the layers matter.
#
# When graded, your code runs without this library, without network and files, for 20 seconds a task. What you need is
# imported below.

# %% tags=["given"]

import torch
from torch import nn

# %% tags=["numbers"]
KERNEL = 3
GROUPS = 2
SLOPE = 0.1
WIDTHS = (6, 10, 16)
MERGE = "mean"

# %% [markdown]
# ## 1 · Dilation (3 points)
#
# A dilated convolution leaves `dilation - 1` pixels out between two taps of its kernel. How many pixels does it leave
# along a side?


# %% task="conv_side"
def conv_side(side, kernel, stride, padding, dilation):
    """Return how many pixels a convolution leaves along a side."""
    ### BEGIN SOLUTION
    reach = dilation * (kernel - 1) + 1
    return (side + 2 * padding - reach) // stride + 1
    ### END SOLUTION


# %% check="conv_side"
assert conv_side(9, kernel=3, stride=1, padding=1, dilation=1) == 9

# %% [markdown]
# ## 2 · Down (4 points)
#
# An `nn.Sequential` of: a convolution with kernel `KERNEL`, stride 2 and padding `KERNEL // 2`, without bias; group
# norm with `GROUPS` groups; LeakyReLU with slope `SLOPE`. In this order.


# %% task="down"
def down(in_channels, out_channels):
    """(N, in_channels, H, W) → (N, out_channels, ceil(H/2), ceil(W/2))."""
    ### BEGIN SOLUTION
    convolution = nn.Conv2d(in_channels, out_channels, KERNEL, stride=2, padding=KERNEL // 2, bias=False)
    return nn.Sequential(convolution, nn.GroupNorm(GROUPS, out_channels), nn.LeakyReLU(SLOPE))
    ### END SOLUTION


# %% check="down"
assert down(2, 3 * GROUPS)(torch.zeros(1, 2, 8, 12)).shape == (1, 3 * GROUPS, 4, 6)

# %% [markdown]
# ## 3 · Up (4 points)
#
# No transposed convolution here: `nn.Upsample(scale_factor=2)`, which repeats pixels; then a convolution with kernel
# `KERNEL`, stride 1 and padding `KERNEL // 2`, without bias; group norm with `GROUPS` groups; LeakyReLU with slope
# `SLOPE`.


# %% task="up"
def up(in_channels, out_channels):
    """(N, in_channels, H, W) → (N, out_channels, 2H, 2W)."""
    ### BEGIN SOLUTION
    convolution = nn.Conv2d(in_channels, out_channels, KERNEL, padding=KERNEL // 2, bias=False)
    norm = nn.GroupNorm(GROUPS, out_channels)
    return nn.Sequential(nn.Upsample(scale_factor=2), convolution, norm, nn.LeakyReLU(SLOPE))
    ### END SOLUTION


# %% check="up"
assert up(5, GROUPS)(torch.zeros(1, 5, 4, 6)).shape == (1, GROUPS, 8, 12)

# %% [markdown]
# ## 4 · The U-Net (10 points)
#
# - `self.encoder`: an `nn.ModuleList` of three `down` levels, with `WIDTHS` channels after each.
# - `self.decoder`: an `nn.ModuleList` of two `up` levels, back to `WIDTHS[1]` and `WIDTHS[0]` channels.
# - After each of them the encoder's map of the same size is merged, and nothing is concatenated. `MERGE` says how:
#   `"mean"` of the two, `"difference"` (what comes from below minus the skip), or the elementwise `"maximum"`.
# - `self.last`: an `nn.Sequential` of `nn.Upsample(scale_factor=2)` and a 3×3 convolution with padding 1 and bias, to
#   `out_channels`. No activation after it.


# %% task="UNet"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W); H and W multiples of 8."""

    ### BEGIN SOLUTION
    def __init__(self, in_channels, out_channels):
        super().__init__()
        first, second, third = WIDTHS
        self.encoder = nn.ModuleList([down(in_channels, first), down(first, second), down(second, third)])
        self.decoder = nn.ModuleList([up(third, second), up(second, first)])
        self.last = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(first, out_channels, 3, padding=1))

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()
        for level in self.decoder:
            x = level(x)
            skip = skips.pop()
            x = {"mean": (x + skip) / 2, "difference": x - skip, "maximum": torch.maximum(x, skip)}[MERGE]
        return self.last(x)

    ### END SOLUTION


# %% check="UNet"
assert UNet(1, 2)(torch.zeros(1, 1, 16, 24)).shape == (1, 2, 16, 24)

# %% [markdown]
# ## 5 · How far it sees (4 points)
#
# Convolutions follow each other, each with its kernel and its stride, without padding. How many input pixels along a
# side can change one output pixel?


# %% task="field_side"
def field_side(kernels, strides):
    """Return the side of the receptive field of a chain of convolutions."""
    ### BEGIN SOLUTION
    side, step = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        side += (kernel - 1) * step
        step *= stride
    return side
    ### END SOLUTION


# %% check="field_side"
assert field_side([3, 3], [1, 1]) == 5
