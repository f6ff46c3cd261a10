# %% [markdown]
# # Lab 5 · A residual generator and a Wasserstein step
#
# You build a small DeblurGAN that differs from the lesson's; your numbers say how. Each answer is graded with hidden
# inputs and hidden weights, by exact values, so names and order of the layers matter.
#
# When graded, your code runs without this library, without network and files, for 20 seconds a task. What you need is
# imported below.

# %% tags=["given"]

import torch
from torch import nn

# %% tags=["numbers"]
BLOCKS = 2
WIDTH = 4
SCALE = 0.2
DRIFT = 0.05
WEIGHT = 5.0

# %% [markdown]
# ## 1 · A residual block (5 points)
#
# `self.first`: a 3×3 convolution without bias. `self.norm`: `nn.InstanceNorm2d` with `affine=True`. `self.activation`:
# `nn.PReLU()`. `self.second`: a 3×3 convolution with bias. They run in this order, both convolutions keep size and
# channels and pad by reflection (`padding_mode="reflect"`). `SCALE` times what comes out is added to the input.


# %% task="ResidualBlock"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect", bias=False)
        self.norm = nn.InstanceNorm2d(channels, affine=True)
        self.activation = nn.PReLU()
        self.second = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")

    def forward(self, x):
        return x + SCALE * self.second(self.activation(self.norm(self.first(x))))

    ### END SOLUTION


# %% check="ResidualBlock"
assert ResidualBlock(4)(torch.zeros(1, 4, 8, 9)).shape == (1, 4, 8, 9)

# %% [markdown]
# ## 2 · The generator (7 points)
#
# `self.head`: a 5×5 convolution to `WIDTH` channels. `self.blocks`: an `nn.Sequential` of `BLOCKS` residual blocks.
# `self.tail`: a 5×5 convolution back to `channels`. Both have a bias, keep the size and pad by reflection. The
# hyperbolic tangent of what comes out of the tail is added to the image, and the sum clamped to [-1, 1].


# %% task="Restorer"
class Restorer(nn.Module):
    """Map (N, channels, H, W) to the same, in [-1, 1]."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.head = nn.Conv2d(channels, WIDTH, 5, padding=2, padding_mode="reflect")
        self.blocks = nn.Sequential(*[ResidualBlock(WIDTH) for _ in range(BLOCKS)])
        self.tail = nn.Conv2d(WIDTH, channels, 5, padding=2, padding_mode="reflect")

    def forward(self, x):
        return (x + torch.tanh(self.tail(self.blocks(self.head(x))))).clamp(-1, 1)

    ### END SOLUTION


# %% check="Restorer"
assert Restorer(1)(torch.zeros(1, 1, 8, 9)).shape == (1, 1, 8, 9)

# %% [markdown]
# ## 3 · The critic's loss (3 points)
#
# The Wasserstein loss that the *critic* minimizes, and `DRIFT` times the mean square of the real judgements, which
# keeps them near zero.


# %% task="critic_loss"
def critic_loss(real, fake):
    """Return the loss; `real` and `fake` are judgements of any shape."""
    ### BEGIN SOLUTION
    return fake.mean() - real.mean() + DRIFT * real.square().mean()
    ### END SOLUTION


# %% check="critic_loss"
assert critic_loss(torch.zeros(3, 1), torch.zeros(3, 1)) == 0

# %% [markdown]
# ## 4 · One step of the critic (7 points)
#
# Improve the critic once: the loss above, and `WEIGHT` times the gradient penalty of the lesson (two-sided, about 1, at
# `mix * real + (1 - mix) * fake`, the length for each image of the batch, the mean over the batch). The optimizer is
# the critic's. `fake` comes straight from a generator, which must not get any gradient from this.


# %% task="critic_step"
def critic_step(critic, optimizer, real, fake, mix):
    """Change the critic's weights by one step; `mix` is of shape (N, 1, 1, 1)."""
    ### BEGIN SOLUTION
    fake = fake.detach()
    between = (mix * real + (1 - mix) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    loss = critic_loss(critic(real), critic(fake)) + WEIGHT * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ### END SOLUTION


# %% check="critic_step"
critic = nn.Sequential(nn.Flatten(), nn.Linear(16, 1))
critic_step(critic, torch.optim.SGD(critic.parameters(), 0.1), *torch.randn(2, 3, 1, 4, 4), torch.rand(3, 1, 1, 1))
