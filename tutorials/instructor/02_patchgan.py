# %% [markdown]
# # Lab 2 · A critic of patches
#
# You build a PatchGAN critic that is shown how an image *differs* from its degraded one, and a loss that leaves patches
# out. Your numbers say how. Each answer is graded with hidden inputs and hidden weights, by exact values.
#
# When graded, your code runs without this library, without network and files, for 20 seconds a task. What you need is
# imported below.

# %% tags=["given"]

import torch
import torch.nn.functional as F
from torch import nn

# %% tags=["numbers"]
KERNEL = 3
LEVELS = 2
WIDTH = 4
SLOPE = 0.1
REAL = 0.9

# %% [markdown]
# ## 1 · How far a judgement sees (4 points)
#
# First come `strided` convolutions of stride 2, then `plain` ones of stride 1, all with the same kernel and without
# padding. How many input pixels along a side can change one judgement?


# %% task="field_side"
def field_side(kernel, strided, plain):
    """Return the side of a judgement's receptive field."""
    ### BEGIN SOLUTION
    side = 1 + plain * (kernel - 1) * 2**strided
    return side + sum((kernel - 1) * 2**level for level in range(strided))
    ### END SOLUTION


# %% check="field_side"
assert field_side(4, 0, 1) == 4

# %% [markdown]
# ## 2 · How many judgements (3 points)
#
# Your critic has `LEVELS` convolutions of stride 2 and one of stride 1, with kernel `KERNEL` and padding 1. How many
# judgements does it give along a side of the image?


# %% task="patches"
def patches(side):
    """Return the number of judgements along a side."""
    ### BEGIN SOLUTION
    for stride in [2] * LEVELS + [1]:
        side = (side + 2 - KERNEL) // stride + 1
    return side
    ### END SOLUTION


# %% check="patches"
assert isinstance(patches(64), int)

# %% [markdown]
# ## 3 · The critic (8 points)
#
# `self.layers` is an `nn.Sequential`, all convolutions with kernel `KERNEL` and padding 1:
#
# - a convolution of stride 2 to `WIDTH` channels, with bias; LeakyReLU with slope `SLOPE`;
# - `LEVELS - 1` times: a convolution of stride 2 to twice the channels, without bias; `nn.InstanceNorm2d` with
#   `affine=True`; LeakyReLU with slope `SLOPE`;
# - a convolution of stride 1 to one channel, with bias.
#
# `forward` gives them the degraded image and, after it, the image *minus* the degraded one, concatenated along
# channels.


# %% task="PatchCritic"
class PatchCritic(nn.Module):
    """Judge patches: `PatchCritic(channels)(image, degraded)`, two of (N, channels, H, W) → (N, 1, h, w)."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        wide = WIDTH
        layers = [nn.Conv2d(2 * channels, wide, KERNEL, 2, 1), nn.LeakyReLU(SLOPE)]
        for _ in range(LEVELS - 1):
            layers += [nn.Conv2d(wide, 2 * wide, KERNEL, 2, 1, bias=False)]
            layers += [nn.InstanceNorm2d(2 * wide, affine=True), nn.LeakyReLU(SLOPE)]
            wide *= 2
        self.layers = nn.Sequential(*layers, nn.Conv2d(wide, 1, KERNEL, 1, 1))

    def forward(self, image, degraded):
        return self.layers(torch.cat([degraded, image - degraded], 1))

    ### END SOLUTION


# %% check="PatchCritic"
assert PatchCritic(1)(torch.zeros(2, 1, 32, 32), torch.zeros(2, 1, 32, 32)).shape[:2] == (2, 1)

# %% [markdown]
# ## 4 · A loss that leaves patches out (5 points)
#
# `real`, `fake` and `mask` are of shape (N, 1, h, w). The first two are judgements *before* any sigmoid. Where `mask`
# is 1 a patch counts, where it is 0 (an empty part of the image) it doesn't. For each patch that counts, take the
# binary cross-entropy of the real judgement against `REAL`, and of the fake one against 0. The loss is half the sum of
# the two means over the patches that count.


# %% task="critic_loss"
def critic_loss(real, fake, mask):
    """Return the loss, a tensor without dimensions."""
    ### BEGIN SOLUTION
    on_real = F.binary_cross_entropy_with_logits(real, torch.full_like(real, REAL), reduction="none")
    on_fake = F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake), reduction="none")
    return ((on_real + on_fake) * mask).sum() / (2 * mask.sum())
    ### END SOLUTION


# %% check="critic_loss"
assert critic_loss(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2)).shape == ()
