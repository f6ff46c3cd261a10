# %% [markdown]
# # 2 · The PatchGAN critic
#
# **You will build** the critic of pix2pix: a network that looks at an image, patch by patch, and says how real each
# patch is. You work out which pixels a score sees, measure it, prove your critic equal to the library's in two forms,
# and teach it to judge specimens.
#
# **You need** lesson 1.
#
# **Time** 0.6 minutes of one processor core and 1.0 GB (measured); no GPU, no download.
#
# `check.hint("patchgan")` helps, `check.hint("patchgan", 2)` helps more, `check.glossary("patch")` explains a word.

# %% tags=["setup"]
import os

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
# Lesson 1 ended with smooth pictures: mean absolute differences don't punish a lack of fine structure much. A critic
# does: it is *trained* to find what is wrong with restored images, and the generator learns from its verdict.
#
# 1. All kernels have 4×4 pixels, and there are five layers of them. How wide is the square that one score sees: 20, 34
#    or 70?
# 2. You show the critic a perfectly sharp image of *another* specimen. Will it object?
#
# Both are measured below.

# %% [markdown]
# ## 1 · Which pixels a score sees
#
# A score doesn't judge the whole image, only its **patch**: the pixels that can change it. Walk back from the score to
# the image. A kernel at place `index` begins at pixel `index · stride - padding` of what comes in, and ends
# `kernel - 1` further on. Those are places that the layer before has to give, so ask it the same.


# %% tags=["solution"] exercise="patch_span"
def patch_span(index, layers):
    """Return the first and the last input pixel that score `index` sees along a side.

    layers: (kernel, stride, padding) of each, from the image to the score. Padding has pixels too: -1, -2, …
    """
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + kernel - 1
    return first, last


# %% tags=["check"]
check.patch_span(patch_span)

# %% [markdown]
# So strides multiply: a few cheap layers see far. The side of the patch is the critic's **receptive field**. pix2pix
# tried several; with 70 pixels its pictures were sharp and free of tiles.

# %%
halve, keep = (4, 2, 1), (4, 1, 1)
forms = {
    "pix2pix: 3 with stride 2, 2 without": [halve] * 3 + [keep] * 2,
    "a Keras tutorial's: 3 and 1": [halve] * 3 + [keep],
    "a mask critic's: 2 and 1": [halve] * 2 + [keep],
    "DeblurGAN-v2's full critic: 5 and 2": [halve] * 5 + [keep] * 2,
}
for name, layers in forms.items():
    first, last = patch_span(0, layers)
    print(f"{name:<38}patches of {last - first + 1} pixels, {np.prod([stride for _, stride, _ in layers])} apart")

# %% [markdown]
# ## 2 · A stage
#
# Convolution, batch norm, LeakyReLU of slope 0.2, in this order. Plain ReLU would stop the gradient wherever it gives
# zero, and this gradient is all that the generator learns from. The first stage has no norm, as it would hide how
# bright the image is; without a norm the convolution needs its bias.


# %% tags=["solution"] exercise="stage"
def stage(in_channels, out_channels, stride=2, norm=True):
    """Return a critic's stage: (N, in_channels, H, W) → (N, out_channels, H/2, W/2), or a pixel less at stride 1."""
    conv = nn.Conv2d(in_channels, out_channels, 4, stride, 1, bias=not norm)
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(conv, *norms, nn.LeakyReLU(0.2))


# %% tags=["check"]
check.stage(stage)

# %% [markdown]
# ## 3 · The critic
#
# `depth` stages of stride 2, `flat` ones of stride 1, and a convolution to one channel: the scores. A score is any real
# number, high for real. **No sigmoid**: the loss has one.
#
# A **conditional** critic is shown the blurred image too, concatenated *in front*. It can then ask more than "is this
# sharp?": is this a sharp version *of that*?


# %% tags=["solution"] exercise="patchgan"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined))


# %% tags=["check"]
check.patchgan(PatchGAN)

# %%
critic, x = PatchGAN(3, condition_channels=3), torch.zeros(1, 6, 256, 256)
for number, part in enumerate([*critic.stages, critic.score]):
    x = part(x)
    print(f"stage {number + 1}   {tuple(x.shape)}")
print(f"{sum(weights.numel() for weights in critic.parameters()):,} weights")

# %% [markdown]
# 30×30 scores, each for 70×70 pixels, 8 pixels apart: neighbors overlap. Here are some on a photograph. Those at the
# border look into the padding, where there is nothing to see.


# %%
camera = data.camera()[::2, ::2] / 255.0  # (256, 256)


def draw_patches(places):
    """Draw the patches of scores (row, column) of pix2pix's critic on the photograph."""
    _, ax = plt.subplots(figsize=(4, 3.8), layout="constrained", dpi=80)
    ax.imshow(camera, cmap="gray", extent=(0, 256, 256, 0))
    for (row, column), color in zip(places, COLORS, strict=False):
        (top, bottom), (left, right) = (patch_span(place, forms[next(iter(forms))]) for place in (row, column))
        size = right - left + 1, bottom - top + 1
        ax.add_patch(plt.Rectangle((left, top), *size, fill=False, color=color, linewidth=2, label=f"{row}, {column}"))
    ax.set(xlim=(-35, 291), ylim=(291, -35), xlabel="pixels", ylabel="pixels")
    ax.legend(title="score", loc="lower left", frameon=True, fontsize=8)
    plt.show()


draw_patches([(0, 0), (8, 12), (9, 12), (29, 20)])

# %%
import ipywidgets

row, column = (ipywidgets.IntSlider(12, 0, 29, continuous_update=False) for _ in range(2))
_ = ipywidgets.interact(lambda row, column: draw_patches([(row, column)]), row=row, column=column)

# %% [markdown]
# ## 4 · Measured, not believed
#
# Arithmetic can err. Autograd doesn't: an input pixel that changes a score has a gradient. Which have?


# %%
def slopes_of(critic, place, side=128):
    """Return |d score / d pixel| (side, side) for the score at (place, place), summed over channels."""
    x = torch.randn(1, 1, side, side, requires_grad=True)
    critic(x)[0, 0, place, place].backward()
    return x.grad[0, 0].abs()


def extent(slopes):
    """Return the first and last row that isn't zero."""
    rows = slopes.sum(1).nonzero()
    return int(rows.min()), int(rows.max())


seen = {}
for depth, flat in ((3, 1), (3, 0), (2, 0)):
    layers, place = [halve] * depth + [keep] * (flat + 1), 2 ** (5 - depth)
    critics = [PatchGAN(1, width=16, depth=depth, flat=flat).eval() for _ in range(10)]  # random weights: a mean of ten
    slopes = torch.stack([slopes_of(critic, place) for critic in critics]).mean(0)
    first, last = extent(slopes)
    print(f"computed {patch_span(place, layers)}, measured {(first, last)}: {last - first + 1} pixels")
    shown = (slopes / slopes.max()).sqrt()
    seen[f"{last - first + 1} pixels"] = shown[:96, :96]
show(seen, unit="√ of |gradient|, peak at 1", limits=(0, 1), side=2.6)

# %% [markdown]
# Exactly as computed; yet the rim of a patch hardly counts, as many more paths lead through the middle.
#
# One trap: that was `.eval()`. In training, batch norm subtracts the mean over *all* pixels, so every pixel changes
# every score, a little:

# %%
slopes = {mode: slopes_of(PatchGAN(1, width=16).train(mode == "training"), 4) for mode in ("evaluation", "training")}
for mode, one in slopes.items():
    first, last = extent(one)
    print(f"{mode:<12}{last - first + 1:>4} pixels; outside of the patch {one[first + 70 :].sum() / one.sum():.1%}")

# %% [markdown]
# ## Prove: the same critic
#
# Copy your weights into the library's class: pix2pix's conditional critic, then the mask critic of a PyTorch tutorial
# (patches of 22, one channel under a condition of three, no norm).

# %% tags=["prove"]
from gan_lessons.critics import build_critic


def prove_equal(mine, library, *images):
    """Copy weights, then compare scores and gradients, those of the image too: the generator learns from them."""
    library.load_state_dict(dict(zip(library.state_dict(), mine.state_dict().values(), strict=True)))
    slopes = []
    for critic in (mine, library):
        image, condition = (one.clone().requires_grad_() for one in images)
        scores = critic(image, condition)
        scores.square().mean().backward()
        slopes.append([scores, image.grad, condition.grad, *(weights.grad for weights in critic.parameters())])
    torch.testing.assert_close(*slopes)
    count = sum(weights.numel() for weights in mine.parameters())
    print(
        f"equal: scores {tuple(scores.shape)}, {count:,} weights, all gradients; patches of {library.receptive_field}"
    )


photo, other = torch.randn(2, 3, 128, 128), torch.randn(2, 3, 128, 128)
prove_equal(PatchGAN(3, 3), build_critic("patchgan", condition_channels=3), photo, other)
mask_critic = build_critic("patchgan", preset="torch-segmentation")
prove_equal(PatchGAN(1, 3, depth=2, flat=0, norm=False), mask_critic, photo[:, :1], other)

# %% [markdown]
# Readers who come from Keras: its `padding="same"` adds a pixel before and *two* after a kernel of 4 at stride 1, so
# the map has 32×32 scores for 256² pixels. `build_critic("patchgan", preset="keras-unet")` is that critic, with
# patches of 46.
#
# ## Use it: judge specimens
#
# Lesson 1's specimens, blurred and recorded with 100 photons. The critic is shown three kinds of image beside the
# recorded one, and should score the first above the others:
#
# - the **truth**;
# - the recorded image itself, as if a lazy generator had **done nothing**;
# - the sharp image of **another** specimen.

# %%
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian
from gan_lessons.restoration import richardson_lucy

blur, noise = GaussianBlur((2.0, 2.0)), PoissonGaussian(electrons_per_unit=100)
psf = torch.from_numpy(blur.kernel())


def make_pair(sharp, rng):
    """Return (recorded, sharp), float32 in [-1, 1], noise aside."""
    sharp = np.clip(sharp, 0, 1).astype(np.float32)
    return np.stack([noise.apply(blur.apply(sharp), rng), sharp]) * 2 - 1


rng = np.random.default_rng(1)
count = 8 if FAST else 100
train = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(count)])  # (count, 2, 128, 128)
test = np.stack([make_pair(make_specimen((64, 64), rng), rng) for _ in range(8 if FAST else 60)])
test = torch.from_numpy(test).to(device)[:, :, None]  # (60, 2, 1, 64, 64)
kinds = {"recorded": test[0, 0, 0], "truth": test[0, 1, 0], "another's": test[1, 1, 0]}
show({name: one.cpu() for name, one in kinds.items()}, unit="intensity", limits=(-1, 1), side=2.4)

# %% [markdown]
# The loss is binary cross-entropy: `softplus(-score)` for images that are real, `softplus(score)` for those that aren't
# (lesson 3 takes it apart). All three kinds go through in one batch, so that batch norm can't tell them apart by their
# statistics.


# %%
def judge(critic, image, condition):
    """Score images, beside the condition if the critic takes one."""
    joint = critic.stages[0][0].in_channels == 2
    return critic(image, condition if joint else None)


def fit(critic, steps, squash=lambda scores: scores):
    """Train a critic in place; return its losses. `squash` is what a wrong critic does to its scores."""
    rng, losses = np.random.default_rng(0), []
    optimizer = torch.optim.Adam(critic.train().parameters(), 1e-3, betas=(0.5, 0.999))
    for _ in range(steps):
        chosen, (y, x) = rng.choice(len(train), 8, replace=False), rng.integers(0, 65, 2)
        cut = torch.from_numpy(train[chosen][:, :, None, y : y + 64, x : x + 64]).to(device)
        recorded, sharp = cut[:, 0], cut[:, 1]  # (8, 1, 64, 64)
        images = torch.cat([sharp, recorded, sharp.roll(1, 0)])
        real, lazy, other = squash(judge(critic, images, recorded.repeat(3, 1, 1, 1))).chunk(3)
        loss = F.softplus(-real).mean() + (F.softplus(lazy).mean() + F.softplus(other).mean()) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %%
def smooth(losses):
    """Return (steps, means of 10 steps) for a plot."""
    means = np.convolve(losses, np.ones(10) / 10, "valid")
    return range(10, 10 + len(means)), means


steps = 30 if FAST else 300
curves, critics = {}, {}
for name, channels in {"conditional": 1, "unconditional": 0}.items():
    _ = torch.manual_seed(0)
    critics[name] = PatchGAN(1, channels, width=16, depth=2).to(device)  # patches of 34 pixels
    curves[name] = smooth(fit(critics[name], steps))
axes = plot(curves, x="step", y="cross-entropy, mean of 10 steps")
axes.axhline(2 * np.log(2), color="gray", linewidth=1)
_ = axes.annotate("can't tell: 2 ln 2", (steps, 2 * np.log(2)), ha="right", va="bottom", color="gray")

# %% [markdown]
# How often does the truth score higher than a rival, on 60 new specimens? Guessing gives 50 %. The third rival is one
# that no critic was trained on: the Richardson–Lucy result of lesson 0. The baseline is a single number, the mean
# difference of neighboring pixels; whether more or less of it is better is read off the training images.

# %%
recorded, truth = test[:, 0], test[:, 1]
counts = (recorded[:, 0].cpu() + 1) / 2
estimate = richardson_lucy(counts, psf, 12)[:, None].to(device) * 2 - 1
rivals = {"recorded": recorded, "another's": truth.roll(1, 0), "Richardson–Lucy": estimate}


def roughness(image, condition):
    """Return the baseline's number of each image, (N, 1)."""
    return image.diff(dim=-1).abs().mean((1, 2, 3), keepdim=True)


learned = torch.from_numpy(train).to(device)[:, :, None]
sign = (roughness(learned[:, 1], None) - roughness(learned[:, 0], None)).mean().sign()
judges = {"roughness": lambda *images: sign * roughness(*images)}
judges |= {name: lambda *images, one=one: judge(one.eval(), *images) for name, one in critics.items()}
print(f"{'truth above …':<16}" + "".join(f"{name:>18}" for name in rivals))
for name, score in judges.items():
    with torch.no_grad():
        margins = [(score(truth, recorded) - score(rival, recorded)).flatten(1).mean(1) for rival in rivals.values()]
    print(f"{name:<16}" + "".join(f"{(margin > 0).float().mean():>18.0%}" for margin in margins))

# %% [markdown]
# In the run that is shown, both critics always know a recorded image from the truth. Only the conditional one objects
# to another's, the answer to the second question: the other guesses (52 %).
#
# And the honest column is the last. The conditional critic prefers the truth in 77 % of pairs, though it never met
# such an image. Roughness does so in 8 %: Richardson–Lucy's grain is rougher than any specimen. Told that, it would be
# right in 92 %, and better than our critic. **A critic knows the faults that it was shown.** That is why a GAN trains
# it at every step on what the generator does *now*.
#
# Where does it look? Pictures of three bands: the truth, the recorded image, the truth of *another* place. First a new
# specimen, then a real retina's vessels (scikit-image, public domain), of which training had none.


# %%
def show_maps(pair, elsewhere):
    """Show bands of truth, record and another place, and what both critics think of them."""
    bands = np.concatenate([pair[1, :, :64], pair[0, :, 64:128], elsewhere[:, 128:]], 1)
    images = [torch.from_numpy(one.copy())[None, None].to(device) for one in (bands, pair[0])]
    show({"recorded": pair[0], "truth | recorded | another": bands}, unit="intensity", limits=(-1, 1), side=2.6)
    maps = {}
    for name, critic in critics.items():
        with torch.no_grad():
            scores = judge(critic.eval(), *images)[0, 0].cpu()
        maps[name] = np.kron(torch.sigmoid(scores).numpy(), np.ones((4, 4)))  # scores lie 4 pixels apart
    show(maps, unit="probability: real", limits=(0, 1), side=2.6)


first, second = (make_pair(make_specimen((192, 192), rng), rng) for _ in range(2))
show_maps(first, second[1])

# %%
green = 255.0 - data.retina()[500:884, 300:684, 1]
binned = green.reshape(192, 2, 192, 2).mean((1, 3))
vessels = np.clip(binned - ndimage.gaussian_filter(binned, 8), 0, None)  # as in lessons 0 and 1
retina = make_pair(vessels / np.percentile(vessels, 99.9), rng)
show_maps(retina, retina[1, ::-1])

# %% [markdown]
# The conditional critic's map has the bands' borders to within a patch, on the retina too, whose like it never saw. The
# unconditional one's is gray all over: its differences are small, enough to rank whole images, not to point at a place.
#
# ## Break it: three channels, called with six
#
# A published tutorial builds its critic for three channels and then hands it two images of three. It stops:

# %%
for make in (lambda: PatchGAN(3), lambda: build_critic("patchgan")):
    try:
        make()(photo, other)
    except Exception as error:
        print(f"{type(error).__name__}: {' '.join(str(error).split())[:150]}\n")

# %% [markdown]
# The quick repair is to leave the condition out. It runs, and trains, and its loss falls. It is the unconditional
# critic of the table above: any sharp image will do, and a generator that always paints the same pretty specimen
# pleases it. The right repair is `condition_channels=3`.
#
# ## Break it: sigmoid twice
#
# Another one: the critic ends in a sigmoid, and the loss has one inside. Scores between 0 and 1 mean probabilities
# between 0.50 and 0.73: the critic can't say "certainly not", however well it knows. Its loss has a floor far from
# zero.

# %%
_ = torch.manual_seed(0)
twice = PatchGAN(1, 1, width=16, depth=2).to(device)
curves = {"scores": curves["conditional"], "sigmoid of scores": smooth(fit(twice, steps, squash=torch.sigmoid))}
floor = float(F.softplus(torch.tensor(-1.0)) + F.softplus(torch.tensor(0.0)))
axes = plot(curves, x="step", y="cross-entropy, mean of 10 steps")
axes.axhline(floor, color="gray", linewidth=1)
_ = axes.annotate(f"floor {floor:.3f}", (steps, floor), ha="right", va="top", color="gray")

# %% [markdown]
# ## Quiz
#
# <details><summary>Why not one score for the whole image?</summary>
# It takes more weights, fits one image size, and gives the generator one number where a map tells it where to improve.
# </details>
#
# <details><summary>Patches of 1 pixel: what can such a critic teach?</summary>
# The histogram: colors and brightness, no structure. pix2pix tried it.</details>
#
# <details><summary>Would 286 pixels be better than 70, as they see more?</summary>
# Not in pix2pix's tests: many more weights to train, and fewer independent patches to learn from.</details>
#
# ## Exercises
#
# 1. *Warm-up.* Which patch has a critic with three stages of stride 2 and kernels of 3?
# 2. *Core.* Replace batch norm by instance norm. What happens to the truth's margin over the recorded image, and why?
# 3. *Open.* Train the critic on Richardson–Lucy results too. How far up does that row of the table go, and what does
#    the critic look at?
#
# ## References
#
# - P. Isola et al., *Image-to-Image Translation with Conditional Adversarial Networks*, arXiv:1611.07004
# - C. Li, M. Wand, *Precomputed Real-Time Texture Synthesis with Markovian GANs*, arXiv:1604.04382
# - W. Luo et al., *Understanding the Effective Receptive Field*, arXiv:1701.04128

# %%
check.progress()
