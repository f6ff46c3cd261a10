# %% [markdown]
# # Lab 4 · Losses with numbers of your own
#
# Five losses, each a little different from the lesson's; your numbers say how. Each answer is graded with hidden
# inputs, by exact values, and by gradients: a loss that stops them trains nothing.
#
# When graded, your code runs without this library, without network and files, for 20 seconds a task. What you need is
# imported below.

# %% tags=["given"]

import torch
import torch.nn.functional as F

# %% tags=["numbers"]
MARGIN = 1.5
TARGET = 0.5
CENTER = 0.8
EPSILON = 0.02
WINDOW = 7

# %% [markdown]
# ## 1 · Hinge (3 points)
#
# The *critic's* hinge loss: real judgements cost what they lack to `MARGIN`, fake ones what they lie above `-MARGIN`.
# The sum of the two means.


# %% task="hinge"
def hinge(real, fake):
    """Return the critic's loss; `real` and `fake` are judgements of any shape."""
    ### BEGIN SOLUTION
    return F.relu(MARGIN - real).mean() + F.relu(MARGIN + fake).mean()
    ### END SOLUTION


# %% check="hinge"
assert hinge(torch.full((2, 1), 9.0), torch.full((2, 1), -9.0)) == 0

# %% [markdown]
# ## 2 · Relativistic least squares (4 points)
#
# The *critic's* loss: real judgements should lie `TARGET` above the mean of the fake ones, and fake judgements `TARGET`
# below the mean of the real ones. Half the sum of the two mean squares.


# %% task="relativistic"
def relativistic(real, fake):
    """Return the critic's loss."""
    ### BEGIN SOLUTION
    above = real - fake.mean() - TARGET
    below = fake - real.mean() + TARGET
    return (above.square().mean() + below.square().mean()) / 2
    ### END SOLUTION


# %% check="relativistic"
assert relativistic(torch.zeros(2, 1), torch.full((2, 1), -TARGET)) == 0

# %% [markdown]
# ## 3 · A one-sided gradient penalty (5 points)
#
# Between real and fake images lie `mix * real + (1 - mix) * fake`. Take the gradient of the critic's judgements there,
# with respect to the image, and its length for each image of the batch. Lengths above `CENTER` cost the square of what
# they are above; shorter ones cost nothing. The mean over the batch.


# %% task="penalty"
def penalty(critic, real, fake, mix):
    """Return the penalty; `critic` maps (N, C, H, W) to N judgements, `mix` is of shape (N, 1, 1, 1)."""
    ### BEGIN SOLUTION
    between = (mix * real + (1 - mix) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return F.relu(slope.flatten(1).norm(dim=1) - CENTER).square().mean()
    ### END SOLUTION


# %% check="penalty"
assert penalty(lambda x: 0 * x.sum((1, 2, 3)), *torch.zeros(2, 1, 1, 4, 4), torch.zeros(1, 1, 1, 1)) == 0

# %% [markdown]
# ## 4 · Total variation, smoothed (3 points)
#
# For each pixel that has a neighbor below and one to the right: the root of (difference to the one below)² +
# (difference to the one at the right)² + `EPSILON`². The mean over all these pixels, channels and images.


# %% task="total_variation"
def total_variation(x):
    """Return the total variation of (N, C, H, W)."""
    ### BEGIN SOLUTION
    down = x[..., 1:, :-1] - x[..., :-1, :-1]
    right = x[..., :-1, 1:] - x[..., :-1, :-1]
    return (down**2 + right**2 + EPSILON**2).sqrt().mean()
    ### END SOLUTION


# %% check="total_variation"
assert total_variation(torch.zeros(1, 1, 4, 4)).shape == ()

# %% [markdown]
# ## 5 · SSIM with a flat window (5 points)
#
# Structural similarity with a window of `WINDOW` × `WINDOW` pixels that all weigh the same, only where it lies inside
# the image; variances without Bessel's correction; constants (0.01 · range)² and (0.03 · range)². The mean over all
# windows, channels and images.


# %% task="ssim"
def ssim(x, y, data_range):
    """Return the mean structural similarity of two of (N, C, H, W)."""
    ### BEGIN SOLUTION
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    a, b = F.avg_pool2d(x, WINDOW, 1), F.avg_pool2d(y, WINDOW, 1)
    xx = F.avg_pool2d(x * x, WINDOW, 1) - a * a
    yy = F.avg_pool2d(y * y, WINDOW, 1) - b * b
    xy = F.avg_pool2d(x * y, WINDOW, 1) - a * b
    return ((2 * a * b + c1) * (2 * xy + c2) / ((a * a + b * b + c1) * (xx + yy + c2))).mean()
    ### END SOLUTION


# %% check="ssim"
assert abs(ssim(torch.ones(1, 1, 16, 16), torch.ones(1, 1, 16, 16), 1.0) - 1) < 1e-6
