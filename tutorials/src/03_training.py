# %% [markdown]
# # 3 · Training a GAN
#
# **You will build** the loop that trains a generator and a critic against each other, in the form of pix2pix:
# cross-entropy and 100 times L1, first the generator alone, then both. You prove five steps of it equal to the
# library's training, see three ways in which GANs fail, and measure what a critic gives, and what it takes.
#
# **You need** lessons 1 and 2.
#
# **Time** 1.5 minutes of one processor core and 1.1 GB (measured); no GPU, no download.
#
# `check.hint("gan_step")` helps, `check.hint("gan_step", 2)` helps more, `check.glossary("detach")` explains a word.

# %% tags=["setup"]
import copy
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import ndimage
from skimage import data
from torch import nn
from torch.nn import functional as F

from gan_lessons import check
from gan_lessons.lessons.figures import COLORS, plot, show

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"  # fewer steps, for automatic tests
device = "cuda" if torch.cuda.is_available() else "cpu"
_ = torch.manual_seed(0)

# %% [markdown]
# ## Predict
#
# Two networks with opposite wishes: the critic learns to tell restored images from sharp ones, the generator learns to
# be taken for sharp.
#
# 1. If the critic becomes perfect, does the generator learn faster, or not at all?
# 2. A generator trained with a critic, beside the same one trained with L1 alone: which has the higher PSNR?
#
# ## 1 · What the critic wants
#
# It classifies: label 1 for scores of real images, 0 for those of restored ones, cross-entropy, the two added. Scores
# have no sigmoid (lesson 2), so take the loss that has one inside.


# %% tags=["solution"] exercise="critic_loss"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    return real_part + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))


# %% tags=["check"]
check.critic_loss(critic_loss)

# %% [markdown]
# A critic that can't decide scores 0 everywhere: $2 \ln 2 = 1.386$. Remember that number, it is the sea level of all
# curves below.
#
# ## 2 · What the generator wants
#
# To be taken for real: its scores with label **1**. And to be near the truth: `weight` times the mean absolute
# difference, 100 in pix2pix. The critic makes fine structure worth painting; L1 keeps it in place.


# %% tags=["solution"] exercise="generator_loss"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    return taken_for_real + weight * (restored - sharp).abs().mean()


# %% tags=["check"]
check.generator_loss(generator_loss)

# %% [markdown]
# Why not simply the critic's loss with its sign turned (*minimax*)? Look at the slopes. Where the critic is sure of a
# fake (score far below 0), minimax is flat: the worse the generator, the less it learns. Label 1 is steep just there.

# %%
scores = torch.linspace(-8, 8, 161, requires_grad=True)
losses = {"label 1 (this lesson)": F.softplus(-scores), "minimax": -F.softplus(scores)}
slopes = {name: torch.autograd.grad(loss.sum(), scores)[0].abs() for name, loss in losses.items()}
lines = {name: (scores.detach(), slope) for name, slope in slopes.items()}
_ = plot(lines, x="score of the restored image", y="|slope| of the generator's loss")

# %% [markdown]
# ## 3 · The critic's step
#
# Forget the old gradients, compute, go backward, step. The restored image comes from the generator, and gradients would
# run back into it, to make it *worse*. `detach()` cuts that way.


# %% tags=["solution"] exercise="critic_step"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(sharp, degraded), critic(restored.detach(), degraded))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% tags=["check"]
check.critic_step(critic_step)

# %% [markdown]
# ## 4 · The generator's step
#
# Now nothing is detached: the gradient comes from the scores *through* the critic into the generator. Only the
# generator's optimizer steps. On the way gradients pile up in the critic's weights; its next step begins with
# `zero_grad`, which is why that line is there.


# %% tags=["solution"] exercise="generator_step"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, degraded), restored, sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% tags=["check"]
check.generator_step(generator_step)

# %% [markdown]
# ## 5 · Together, in two stages
#
# Restore once; the critic looks, then the generator hears its verdict. In a first stage (`joint=False`) the generator
# learns alone: an untrained generator is so easily found out, and an untrained critic so wrong, that neither would
# learn much from the other.


# %% tags=["solution"] exercise="gan_step"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True, weight=100):
    """Step both, the critic first, or the generator alone; return the critic's loss (or None) and the generator's."""
    restored = generator(degraded)
    said = critic_step(critic, critic_optimizer, degraded, sharp, restored) if joint else None
    return said, generator_step(critic if joint else None, generator_optimizer, degraded, sharp, restored, weight)


# %% tags=["check"]
check.gan_step(gan_step)

# %% [markdown]
# ## Specimens
#
# As in lesson 1: drawn ones, a blur of 2 pixels, 100 photons at the brightest; the retina's vessels to see what is
# learned beyond them. The class is what the library's training takes: it has a length, and cuts a patch of a pair.

# %%
from gan_lessons.data.pair import Pair
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian

blur, noise = GaussianBlur((2.0, 2.0)), PoissonGaussian(electrons_per_unit=100)


def make_pair(sharp, rng):
    """Return (degraded, sharp), float32 in [0, 1], noise aside."""
    sharp = np.clip(sharp, 0, 1).astype(np.float32)
    return np.stack([noise.apply(blur.apply(sharp), rng), sharp])


class Specimens:  # pairs of 128×128 pixels
    def __init__(self, count, seed):
        rng = np.random.default_rng(seed)
        self.pairs = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(count)])

    def __len__(self):
        return len(self.pairs)

    def draw(self, index, patch, rng):
        y, x = rng.integers(0, 129 - patch, 2)
        return Pair(*torch.from_numpy(self.pairs[index, :, None, y : y + patch, x : x + patch].copy()))


# %%
train, test = Specimens(8 if FAST else 100, seed=1), Specimens(4 if FAST else 12, seed=2)
green = 255.0 - data.retina()[500:884, 300:684, 1]
binned = green.reshape(192, 2, 192, 2).mean((1, 3))
vessels = np.clip(binned - ndimage.gaussian_filter(binned, 8), 0, None)  # as in lesson 0
retina = make_pair(vessels / np.percentile(vessels, 99.9), np.random.default_rng(3))
show({"degraded": test.pairs[0, 0], "sharp": test.pairs[0, 1]}, limits=(0, 1), unit="share of white", side=2.4)
show({"retina, degraded": retina[0], "retina": retina[1]}, limits=(0, 1), unit="share of white", side=2.4)

# %% [markdown]
# ## Prove: a step of the library's training
#
# A recipe of pix2pix's kind: two steps of L1 alone, three of both. The library trains by it and writes a model file.
# Your loop starts from the same weights, gets the same batches, and must end with the same weights.

# %% tags=["prove"]
from gan_lessons.training import Recipe, fit
from gan_lessons.training.networks import build_networks
from gan_lessons.training.order import Batches, Order
from gan_lessons.zoo import load_model

adam = {"name": "adam", "betas": [0.5, 0.999]}
critic = {"architecture": "patchgan", "arguments": {"width": 8, "depth": 2}, "conditional": True, "objective": "bce"}
unet = {"in_channels": 1, "out_channels": 1, "width": 8, "depth": 3, "dropout": 0.0}
step = {"batch": 4, "patch": 64, "rate": 2e-4, "precision": "float32"}
recipe = Recipe.model_validate(
    {"name": "two-stage", "purpose": "To be compared.", "axes": "YX", "value_range": [-1, 1], "content": {"l1": 100}}
    | {"generator": {"architecture": "unet", "arguments": unet}, "critics": [critic | {"optimizer": adam}]}
    | {"optimizer": adam, "clip": None, "ema": 0}
    | {"phases": [step | {"steps": 2, "train": "generator"}, step | {"steps": 3, "train": "both"}]}
)

# %% tags=["prove"]
mine, (critic,) = build_networks(recipe)  # from the recipe's seed
optimizers = [torch.optim.Adam(network.parameters(), 2e-4, betas=(0.5, 0.999)) for network in (mine, critic)]
batches = Batches(train, Order(recipe.phases, len(train), recipe.seed))
for number in range(5):
    batch = batches[number].shifted(-1, 1)  # images of [0, 1] in the networks' range
    gan_step(mine, critic, *optimizers, batch.image, batch.truth, joint=number >= 2)
with tempfile.TemporaryDirectory() as folder:
    library = load_model(fit(recipe, train, Path(folder) / "run")).generator
torch.testing.assert_close(dict(mine.state_dict()), dict(library.state_dict()))
moved = sum(weights.numel() for weights in mine.parameters())
print(f"equal after 2 steps alone and 3 of both: {moved:,} weights of the generator, and its statistics")

# %% [markdown]
# ## Use it: what a critic gives, and what it takes
#
# 600 steps of L1, then 150 more: of L1 alone, or with a critic (two stages), at a weight of 100 and of 10. Beside them,
# a generator that had its critic from the first of 300 steps, which takes about as long. To be quick
# it is the library's own kind: a small U-Net without norm, at half the image's size, that adds a correction to what it
# is given.


# %%
def draw_batch(rng, size=4):
    """Return (degraded, sharp), each (size, 1, 64, 64) in [-1, 1]."""
    pairs = [train.draw(rng.integers(len(train)), 64, rng) for _ in range(size)]
    degraded, sharp = (torch.stack([getattr(one, name) for one in pairs]) for name in ("degraded", "sharp"))
    return degraded.to(device) * 2 - 1, sharp.to(device) * 2 - 1


def train_gan(generator, steps, joint, weight=100, rate=1e-3):
    """Return a copy of a generator after so many steps, with a new critic or without, and the critic's losses."""
    _, rng, losses = torch.manual_seed(0), np.random.default_rng(steps), []
    generator = copy.deepcopy(generator).train()
    critic = build_critic("patchgan", in_channels=1, condition_channels=1, width=16, depth=2).to(device)
    optimizers = [torch.optim.Adam(one.parameters(), rate, betas=(0.5, 0.999)) for one in (generator, critic)]
    for number in range(steps):
        optimizers[0].param_groups[0]["lr"] = rate * (1 - number / steps)
        said, _ = gan_step(generator, critic, *optimizers, *draw_batch(rng), joint=joint, weight=weight)
        losses.append(said.item() if joint else float("nan"))
    return generator.eval(), losses


# %%
from gan_lessons.critics import build_critic
from gan_lessons.generators import build_generator

_, share = torch.manual_seed(0), 0.02 if FAST else 1
new = build_generator("unshuffle-unet", widths=[24, 48, 96]).to(device)
first, _ = train_gan(new, int(600 * share), joint=False, rate=2e-3)
plans = {"L1 alone": (False, 100), "two stages": (True, 100), "two stages, weight 10": (True, 10)}
trained = {name: train_gan(first, int(150 * share), *plan) for name, plan in plans.items()}
trained["joint from the start"] = train_gan(new, int(300 * share), True, rate=2e-3)

span = 2 if FAST else 20
smooth = {name: np.convolve(losses, np.ones(span) / span, "valid") for name, (_, losses) in trained.items()}
lines = {name: (range(span, span + len(means)), means) for name, means in smooth.items() if name != "L1 alone"}
axes = plot(lines, x="step with the critic", y=f"critic's loss, mean of {span} steps")
axes.axhline(2 * np.log(2), color="gray", linewidth=1)
place = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "bottom"}  # at the right end, whatever the steps
_ = axes.text(0.99, 2 * np.log(2), "can't decide: 2 ln 2", color="gray", **place)

# %% [markdown]
# The baseline is Richardson–Lucy with the true PSF, which the networks weren't told. Beside PSNR and SSIM, two figures
# for **fine structure**, the band of 0.1 to 0.25 cycles a pixel: how much of it there is, compared with the truth, and
# how much of it is *right*, its correlation with the truth's. Painting raises the first alone.

# %%
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim
from gan_lessons.restoration import richardson_lucy

psf = torch.from_numpy(blur.kernel())


def fine(image):
    """Return the band of 0.1 to 0.25 cycles a pixel."""
    frequency = np.hypot(np.fft.fftfreq(image.shape[0])[:, None], np.fft.fftfreq(image.shape[1]))
    return np.fft.ifft2(np.fft.fft2(image) * ((frequency > 0.1) & (frequency < 0.25))).real


def measure(image, truth):
    """Return PSNR (dB), SSIM, fine structure's amount and its correlation with the truth's."""
    mine, right = fine(image), fine(truth)
    amount, correlation = mine.std() / right.std(), np.corrcoef(mine.ravel(), right.ravel())[0, 1]
    return psnr(image, truth, 1.0), ssim(image, truth, 1.0), amount, correlation


def by_network(generator, image):
    """Restore one image (Y, X) of [0, 1]."""
    with torch.no_grad():
        return (generator(torch.from_numpy(image * 2 - 1).to(device)[None, None])[0, 0].cpu().numpy() + 1) / 2


# %%
methods = {"degraded": lambda image: image}
methods["Richardson–Lucy, 12 iterations"] = lambda image: richardson_lucy(torch.from_numpy(image), psf, 12).numpy()
methods |= {name: lambda image, one=one: by_network(one, image) for name, (one, _) in trained.items()}
for title, pairs in {"new specimens": test.pairs, "retina": retina[None]}.items():
    print(f"{title:<32}{'PSNR':>8}{'SSIM':>8}{'amount':>9}{'right':>8}")
    for name, method in methods.items():
        told = np.mean([measure(method(degraded), sharp) for degraded, sharp in pairs], axis=0)
        print("{:<32}{:>5.2f} dB{:>8.3f}{:>9.0%}{:>8.2f}".format(name, *told))
    print()

# %%
crop = np.s_[40:136, 60:156]
seen = {name: method(retina[0])[crop] for name, method in methods.items()}
truth = retina[1][crop]
titled = {f"{name}\n{psnr(one, truth, 1.0):.1f} dB, {ssim(one, truth, 1.0):.2f}": one for name, one in seen.items()}
show({**titled, "truth": truth}, limits=(0, 1), unit="share of the brightest", side=2.5)

# %% [markdown]
# What it gives: **fine structure**. At a weight of 10 there is as much of it as in the truth (97 %, on the retina
# 104 %), where L1 alone leaves a quarter out. What it takes: PSNR falls by 0.6 dB, the answer to the second question,
# and the share that is right doesn't rise (0.81 after 0.82). The critic asks for structure, it doesn't know where it
# belongs; L1 prefers to leave out what it can't place. In a micrograph, what is added without being right is
# **invented**. Lesson 9 hunts for it.
#
# At pix2pix's weight of 100 so short a second stage changes next to nothing. Both networks from the start are behind
# two stages by 0.7 dB in about the same time.
#
# And the baseline wins: Richardson–Lucy is 0.6 dB ahead of the best network on new specimens, 0.3 dB on the retina. It
# was told the PSF; the networks had to learn blur and noise from a hundred drawn images in a minute.

# %%
import ipywidgets


def look(number):
    """Show one test specimen through all methods."""
    degraded, sharp = test.pairs[number]
    show({**{name: method(degraded) for name, method in methods.items()}, "truth": sharp}, limits=(0, 1), side=2.5)


_ = ipywidgets.interact(look, number=ipywidgets.IntSlider(1, 0, len(test) - 1, continuous_update=False))

# %% [markdown]
# ## Break it, first: a critic that won
#
# The first question, on a GAN that trains in a second: eight spots on a ring are the truth, a generator at rest throws
# points somewhere in the middle, and a critic trains against it. How long is the gradient that reaches the points?

# %%
angles = torch.arange(8) * np.pi / 4
spots = 2 * torch.stack([angles.cos(), angles.sin()], 1)


def layers(outputs):
    """Return a small network of points (N, 2)."""
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, outputs))


def watch_gradients(steps):
    """Train a critic against a generator at rest; return both gradients' lengths after each step."""
    _, rows, points = torch.manual_seed(0), [], layers(2)(torch.randn(256, 2)).detach().requires_grad_()
    critic = layers(1)
    optimizer = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.999))
    for _ in range(steps):
        optimizer.zero_grad()
        critic_loss(critic(spots[torch.randint(8, (256,))] + 0.05 * torch.randn(256, 2)), critic(points)).backward()
        optimizer.step()
        losses = F.softplus(-critic(points)).mean(), -F.softplus(critic(points)).mean()
        rows.append([torch.autograd.grad(loss, points)[0].norm().item() for loss in losses])
    return np.array(rows)


# %%
rows = watch_gradients(20 if FAST else 300)
lines = {name: (range(1, len(rows) + 1), rows[:, number]) for number, name in enumerate(("label 1", "minimax"))}
_ = plot(lines, x="steps that the critic is ahead", y="length of the generator's gradient", log="y")

# %% [markdown]
# Up to 40 steps both grow: a better critic teaches more. Then it is sure of itself, and under minimax nothing reaches
# the points any more, a hundredth and less of what label 1 still gives. So the answer depends on the loss.
#
# ## Break it, second: chasing each other
#
# The smallest GAN there is has two numbers (Mescheder et al. 2018). The truth is 0, the generator gives `g`, the critic
# scores `c · x`. Each step goes downhill, exactly, and yet they circle and hardly come nearer: the critic pushes, the
# generator flees past the truth, the critic turns. A penalty on the critic's slope (R1: γ/2 · c²) lets them settle.


# %%
def chase(penalty, steps=400, rate=0.1):
    """Return the path (g, c) of the smallest GAN."""
    g, c, path = 1.0, 0.0, []
    for _ in range(steps):
        c -= rate * (g / (1 + np.exp(-c * g)) + penalty * c)  # slope of softplus(c · g), and of the penalty
        g += rate * c / (1 + np.exp(c * g))  # slope of softplus(-c · g), downhill
        path.append((g, c))
    return np.array(path)


_, (phase, time) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained", dpi=80)
for name, penalty, color, dash in (("no penalty", 0.0, COLORS[0], "-"), ("R1, γ = 0.3", 0.3, COLORS[1], "--")):
    path = chase(penalty)
    phase.plot(*path.T, dash, color=color, linewidth=2)
    time.plot(path[:, 0], dash, color=color, linewidth=2, label=name)
phase.plot(0, 0, "k+", markersize=12)
phase.set(xlabel="generator g (truth: 0)", ylabel="critic c", aspect="equal")
time.set(xlabel="step", ylabel="generator g")
time.legend(frameon=False, loc="upper right")
plt.show()

# %% [markdown]
# ## Break it, third: collapse
#
# The ring again, and now both play: the generator turns random numbers into points. Without a condition and without L1,
# one spot is enough to please: all points go there, the critic learns to refuse it, and all move on to the next.


# %%
def play_ring(steps, beta, penalty):
    """Train small networks on the ring; return points after a half, after all, and the losses of the last step."""
    _, kept = torch.manual_seed(0), []
    generator, critic = layers(2), layers(1)
    optimizers = [torch.optim.Adam(network.parameters(), 1e-3, betas=(beta, 0.999)) for network in (critic, generator)]
    for number in range(1, steps + 1):
        real = (spots[torch.randint(8, (256,))] + 0.05 * torch.randn(256, 2)).requires_grad_()
        scores, points = critic(real), generator(torch.randn(256, 2))
        (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
        losses = []
        for optimizer in optimizers:
            said = critic_loss(scores, critic(points.detach())) if not losses else F.softplus(-critic(points)).mean()
            optimizer.zero_grad()
            (said + (0 if losses else penalty / 2 * slope.square().sum(1).mean())).backward()
            optimizer.step()
            losses.append(said.item())
        if number in (steps // 2, steps):
            kept.append(generator(torch.randn(1000, 2)).detach())
    return kept, losses


# %%
plays = {"no penalty, β₁ = 0.9": (0.9, 0.0), "R1, γ = 0.1, β₁ = 0.5": (0.5, 0.1)}
figure, axes = plt.subplots(1, 4, figsize=(11, 3.1), layout="constrained", dpi=80, sharex=True, sharey=True)
half = 20 if FAST else 400
for (name, settings), row in zip(plays.items(), axes.reshape(2, 2), strict=True):
    kept, losses = play_ring(2 * half, *settings)
    for points, steps, ax in zip(kept, (half, 2 * half), row, strict=True):
        distance, nearest = torch.cdist(points, spots).min(1)
        found = (torch.bincount(nearest[distance < 0.3], minlength=8) > 20).sum()
        ax.plot(*spots.T, "o", color="0.75", markersize=14)
        ax.plot(*points.T, ".", color=COLORS[0], markersize=2)
        ax.set(title=f"{name}\nstep {steps}: {found} of 8 spots", aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
        ax.title.set_fontsize(9)
    print("{}: at the end the critic's loss is {:.2f}, the generator's {:.2f}".format(name, *losses))
plt.show()

# %% [markdown]
# The trap: the collapsed play's losses look as harmless as the healthy one's. Curves don't show collapse; samples of
# *different* inputs do. What to read where:
#
# | sign | what it is | what helps |
# |---|---|---|
# | critic near 0, generator rising | the critic won; minimax: no gradient | label 1, noise, slower critic, penalty |
# | both swing, in turns | they chase each other | lower rates, β₁ = 0.5 or 0, R1 |
# | both calm, outputs alike | collapse | a condition, L1, R1 |
# | critic's loss at 1.386 for long | it doesn't learn, or nothing is left to find | look at the images |
#
# Every training of the library watches for the first three, and writes a warning (`gan_lessons.training.health`).
#
# ## Quiz
#
# <details><summary>You forget detach() in the critic's step, yet the result is the same. Why?</summary>
# The generator's own step begins with `zero_grad`, which throws those gradients away. It cost a backward pass, and it
# breaks as soon as gradients are accumulated or one optimizer steps both.</details>
#
# <details><summary>The critic's loss stays at 1.386. What are the two possibilities?</summary>
# Restored images can't be told from sharp ones, or the critic doesn't learn: look at its gradient, and at the images.
# </details>
#
# <details><summary>Why is the critic's batch made of the generator's newest images?</summary>
# A critic knows the faults that it was shown (lesson 2), and the generator changes them all the time.</details>
#
# ## Exercises
#
# 1. *Warm-up.* Train with a weight of 1 and of 1000 on L1. Which column of the table moves most?
# 2. *Core.* Give the critic two steps for each of the generator. What do its curve and the table say?
# 3. *Open.* Stop before PSNR falls: which measure, known without the truth, would tell you when?
#
# ## References
#
# - I. Goodfellow et al., *Generative Adversarial Nets*, arXiv:1406.2661
# - P. Isola et al., *Image-to-Image Translation with Conditional Adversarial Networks*, arXiv:1611.07004
# - L. Mescheder et al., *Which Training Methods for GANs do actually Converge?*, arXiv:1801.04406
# - Y. Blau, T. Michaeli, *The Perception-Distortion Tradeoff*, arXiv:1711.06077

# %%
check.progress()
