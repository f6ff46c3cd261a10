# %% [markdown]
# # 7 · Dual critics
#
# **You will build** what DeblurGAN-v2 learns from: two critics, one for patches and one for the whole, and a
# *relativistic* loss that asks whether a restored image looks more real than real ones do on average. You prove both
# equal to the library's, and compare no critic, one, and two on specimens whose truth is known.
#
# **You need** lessons 2 and 5.
#
# **Time** 1.2 minutes of one processor core and 1.3 GB (measured); no GPU, no download.
#
# `check.hint("dual_step")` helps, `check.hint("dual_step", 2)` helps more, `check.glossary("relativistic")` explains a
# word.

# %% tags=["setup"]
import copy
import os

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy import ndimage
from skimage import data
from torch import nn

from gan_lessons import check
from gan_lessons.lessons.figures import plot, show

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"  # fewer steps, for automatic tests
device = "cuda" if torch.cuda.is_available() else "cpu"
_ = torch.manual_seed(0)

# %% [markdown]
# ## Predict
#
# 1. One critic gives 35×35 scores, the other 11×11. All of them are put into one mean. How much does the second count?
# 2. With critics, does the restored image come closer to the truth (PSNR), or does it only look sharper? And is what is
#    added there?
#
# ## 1 · A patch, and the whole
#
# This is lesson 2's PatchGAN with instance norm and padding 2: `depth` convolutions of stride 2, one of stride 1, and
# one that gives scores. The deeper it is, the larger the patch that a score judges.


# %% tags=["setup"]
def make_critic(in_channels, width, depth):
    """Return a PatchGAN: (N, in_channels, H, W) → (N, 1, about H / 2**depth, W / 2**depth)."""
    widths = [width * min(2**level, 8) for level in range(depth + 1)]
    layers = [nn.Conv2d(in_channels, width, 4, 2, 2), nn.LeakyReLU(0.2)]
    for level in range(1, depth + 1):
        conv = nn.Conv2d(widths[level - 1], widths[level], 4, 2 if level < depth else 1, 2)
        layers += [conv, nn.InstanceNorm2d(widths[level]), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 1, 2))


# %% [markdown]
# How large? Ask which pixels have a gradient from the score in the middle. In the paper, crops have 256 pixels a side:
# the patch critic sees 70, the full one 286. For a short training ours are smaller, alike in proportion: crops of 64,
# critics of 16 and 70.

# %%
side, patches = 320, {}
for depth in (1, 3, 5):
    critic = make_critic(1, 4, depth)
    for weights in critic.parameters():
        nn.init.constant_(weights, 0.05)
    image = torch.rand(1, 1, side, side, requires_grad=True)
    scores = nn.Sequential(*[x for x in critic if not isinstance(x, nn.InstanceNorm2d)])(image)  # the norm sees all
    (slope,) = torch.autograd.grad(scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2], image)
    extent = int((slope[0, 0].abs().sum(1) > 0).sum())
    patches[f"depth {depth}: {extent} pixels,\n{scores.shape[2]}×{scores.shape[3]} scores"] = slope[0, 0] > 0
show(patches, limits=(0, 1), unit="1: this score sees it", side=2.3)

# %% [markdown]
# The dual critic holds one of each. Both look at the same whole image, with weights of their own; the scores come as a
# list, the patch critic's first.


# %% tags=["solution"] exercise="dual_critic"
class DualCritic(nn.Module):
    """Map (N, in_channels, H, W) to two maps of scores: of a shallow critic, and of a deep one."""

    def __init__(self, in_channels, width=64, depths=(3, 5)):
        super().__init__()
        self.patch = make_critic(in_channels, width, depths[0])
        self.full = make_critic(in_channels, width, depths[1])

    def forward(self, image):
        return [self.patch(image), self.full(image)]


# %% tags=["check"]
check.dual_critic(DualCritic)

# %% [markdown]
# ## 2 · Relative to what?
#
# A usual critic is asked: is this real? Once restored images convince it, it scores them like real ones, and nobody
# tells it that it can't be *all* of them. A **relativistic** critic is asked: is this one more real than the others
# are on average? With *r* the scores of sharp images, *f* those of restored ones and means E, it wants
#
# r − E f = +1, f − E r = −1,
#
# and pays ½ [E(r − E f − 1)² + E(f − E r + 1)²]. That is DeblurGAN-v2's RaGAN-LS. The generator wants the opposite, so
# it pays the same with the kinds **exchanged**: real images count for it too. Not the critic's loss, and not minus it.


# %% tags=["solution"] exercise="relativistic_losses"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()) / 2

    return loss(real, fake), loss(fake, real)


# %% tags=["check"]
check.relativistic_losses(relativistic_losses)

# %% [markdown]
# What is a score's pull? Let sharp images score 1, and restored ones *f*. The usual least squares only look at *f*; the
# relativistic generator also pulls the sharp images' scores *down*. And minus the critic's loss has no floor: the
# generator would run away from the mark, on either side of it.

# %%
marks = torch.linspace(-2, 4, 61)
one = torch.ones(4)
pairs = [relativistic_losses(one, one * f) for f in marks]
lines = {
    "critic": (marks, [float(critic_loss) for critic_loss, _ in pairs]),
    "generator": (marks, [float(generator_loss) for _, generator_loss in pairs]),
    "minus the critic's": (marks, [-float(critic_loss) for critic_loss, _ in pairs]),
}
_ = plot(lines, x="score of restored images, where sharp ones have 1", y="relativistic loss")

# %% [markdown]
# ## 3 · Two maps, one loss
#
# Each critic's loss is the mean over *its* scores; then the critics are averaged. Put all scores into one mean instead,
# and the critic with more of them drowns the other: with 35² and 11² scores, as the paper's crops and ours give, the
# full critic would count 9 %. That answers the first question.


# %% tags=["solution"] exercise="dual_losses"
def dual_losses(real, fake):
    """Return (critic's, generator's), averaged over critics; `real` and `fake` are lists of score maps."""
    losses = [relativistic_losses(*maps) for maps in zip(real, fake, strict=True)]
    critic_losses, generator_losses = zip(*losses, strict=True)
    return sum(critic_losses) / len(losses), sum(generator_losses) / len(losses)


# %% tags=["check"]
check.dual_losses(dual_losses)

# %% [markdown]
# ## 4 · A step of both
#
# Restore once. The critic learns first, from the detached result. Then the generator, judged by the critic as it is
# *now*: scores from before its step belong to other weights. DeblurGAN-v2 minimizes 0.5 · MSE + 0.006 · VGG19 +
# 0.01 · adversarial; without VGG's weights, ours is L1 + `weight` · adversarial.


# %% tags=["solution"] exercise="dual_step"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% tags=["check"]
check.dual_step(dual_step)

# %% [markdown]
# ## Prove: DeblurGAN-v2's critics and loss
#
# At the paper's size, 14 million weights: both losses equal the library's, and so do all gradients of the critic's, and
# the gradient that reaches the restored image.

# %% tags=["prove"]
from gan_lessons.critics import build_critic
from gan_lessons.losses import build_objective

mine, library, objective = DualCritic(3), build_critic("dual"), build_objective("ragan-ls")
library.load_state_dict(dict(zip(library.state_dict(), mine.state_dict().values(), strict=True)))
sharp = torch.rand(2, 3, 128, 128) * 2 - 1
restored = [(sharp * 0.5).requires_grad_() for _ in range(2)]

losses = dual_losses(mine(sharp), mine(restored[0]))
scores = library(sharp), library(restored[1])
expected = [make(*scores, library.weights) for make in (objective.critic_loss, objective.generator_loss)]
torch.testing.assert_close(list(losses), expected)
losses[0].backward(retain_graph=True)
expected[0].backward(retain_graph=True)
for a, b in zip(mine.parameters(), library.parameters(), strict=True):
    torch.testing.assert_close(a.grad, b.grad)
slopes = [torch.autograd.grad(loss, image)[0] for loss, image in zip((losses[1], expected[1]), restored, strict=True)]
torch.testing.assert_close(*slopes)
print(f"equal: {sum(p.numel() for p in mine.parameters()):,} weights, their gradients, and both losses")

# %% [markdown]
# ## Use it: none, one, two
#
# Lesson 1's images: drawn specimens, blurred by a Gaussian of 2 pixels, 100 photons at the brightest. One U-Net is
# trained with L1. Then four copies go on, with the same patches and steps: L1 alone, and L1 with the patch critic, with
# the full one, with both.

# %%
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian

blur, noise = GaussianBlur((2.0, 2.0)), PoissonGaussian(electrons_per_unit=100)


def make_pair(sharp, rng):
    """Return (degraded, sharp), float32 in [0, 1], noise aside."""
    sharp = np.clip(sharp, 0, 1).astype(np.float32)
    return noise.apply(blur.apply(sharp), rng), sharp


rng, drawn = np.random.default_rng(1), 12 if FAST else 160
train = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(drawn)])  # (drawn, 2, 128, 128)
test = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(4 if FAST else 12)])
binned = (255.0 - data.retina()[500:884, 300:684, 1]).reshape(192, 2, 192, 2).mean((1, 3))
vessels = np.clip(binned - ndimage.gaussian_filter(binned, 8), 0, None)  # as in lesson 0
retina = np.stack(make_pair(vessels / np.percentile(vessels, 99.9), rng))


# %%
def draw_batch(rng, size=8, patch=64):
    """Cut patches at random places: two tensors (size, 1, patch, patch) in [-1, 1]."""
    places = zip(rng.integers(len(train), size=size), rng.integers(0, 128 - patch + 1, (size, 2)), strict=True)
    patches = [train[one][:, y : y + patch, x : x + patch] for one, (y, x) in places]
    both = torch.from_numpy(np.stack(patches) * 2 - 1).to(device)
    return both[:, :1], both[:, 1:]


# %% [markdown]
# PSNR says how near a restoration is to the truth. Two more numbers look at what is finer than about four pixels:
# **detail** is its contrast as a share of the truth's; **agreement** its correlation with the truth's. Much detail with
# little agreement is invented.

# %%
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim


def by_network(network, image):
    """Restore one image (Y, X), its sides multiples of 16."""
    with torch.no_grad():
        return (network.eval()(torch.from_numpy(image * 2 - 1).to(device)[None, None])[0, 0].cpu().numpy() + 1) / 2


def measure(method, pairs):
    """Return mean PSNR in dB, SSIM, detail, agreement."""
    found = []
    for degraded, sharp in pairs:
        restored = method(degraded)
        fine = [image - ndimage.gaussian_filter(image, 1.0) for image in (restored, sharp)]
        agreement = np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1]
        found.append((psnr(restored, sharp, 1.0), ssim(restored, sharp, 1.0), fine[0].std() / fine[1].std(), agreement))
    return np.mean(found, axis=0)


# %%
class Single(nn.Module):
    """One critic, its scores as a list of one."""

    def __init__(self, depth):
        super().__init__()
        self.critic = make_critic(1, 8, depth)

    def forward(self, image):
        return [self.critic(image)]


class Indifferent(nn.Module):
    """No critic: it scores everything 0."""

    def __init__(self):
        super().__init__()
        self.score = nn.Parameter(torch.zeros(1))

    def forward(self, image):
        return [0 * self.score.expand(len(image))]


# %%
def fit(generator, critic, steps, *, rate, step=dual_step, weight=0.02, watch=lambda log: None):
    """Train with falling rates; return (step, PSNR, detail) on two test specimens, ten times."""
    rng, log = np.random.default_rng(1), []
    optimizers = [
        torch.optim.Adam(generator.parameters(), rate, betas=(0.5, 0.999)),
        torch.optim.Adam(critic.parameters(), 5e-4, betas=(0.5, 0.999)),
    ]
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizers[0], steps)
    for number in range(1, steps + 1):
        generator.train()
        step(generator, critic, optimizers, *draw_batch(rng), weight)
        schedule.step()
        if number % max(1, steps // 10) == 0:
            decibels, _, detail, _ = measure(lambda image: by_network(generator, image), test[:2])
            log.append((number, decibels, detail))
            watch(log)
    return log


# %%
from IPython.display import clear_output

from gan_lessons.generators import build_generator


def draw_log(log):
    """Replace the figure by one of the PSNR so far."""
    clear_output(wait=True)
    numbers, decibels, _ = zip(*log, strict=True)
    plot({"U-Net, L1": (numbers, decibels)}, x="step", y="PSNR of two test specimens (dB)").set_xlim(0, first)
    plt.show()


first, more = (20, 10) if FAST else (700, 150)
_ = torch.manual_seed(0)
start = build_generator("unet", in_channels=1, width=16, depth=4, dropout=0.0, bottom_norm=True).to(device)
_ = fit(start, Indifferent().to(device), first, rate=1e-3, watch=draw_log)

# %%
critics = {
    "no critic": Indifferent,
    "patch critic": lambda: Single(1),
    "full critic": lambda: Single(3),
    "dual critic": lambda: DualCritic(1, width=8, depths=(1, 3)),
}
networks, logs, trained = {}, {}, {}
for name, make in critics.items():
    _ = torch.manual_seed(0)
    networks[name], trained[name] = copy.deepcopy(start), make().to(device)
    logs[name] = fit(networks[name], trained[name], more, rate=5e-4)
lines = {name: [[row[k] for row in log] for k in (0, 2)] for name, log in logs.items()}
_ = plot(lines, x="step after L1 alone", y="detail of two test specimens (truth: 1)")

# %%
from gan_lessons.restoration import richardson_lucy

psf = torch.from_numpy(blur.kernel())
methods = {
    "degraded": lambda image: image,
    "Richardson–Lucy, 12": lambda image: richardson_lucy(torch.from_numpy(image), psf, 12).numpy(),
    **{name: lambda image, network=network: by_network(network, image) for name, network in networks.items()},
}
for title, pairs in {"new specimens": test, "retina": retina[None]}.items():
    print(f"{title:<22}{'PSNR':<11}{'SSIM':<7}{'detail':<8}agreement")
    for name, method in methods.items():
        print("  {:<20}{:.2f} dB   {:.3f}  {:.2f}    {:.2f}".format(name, *measure(method, pairs)))


# %%
def look(number, y, x):
    """Show 96×96 pixels of a test image through all methods; the last is the retina."""
    degraded, sharp = [*test, retina][number]
    crop = np.s_[y : y + 96, x : x + 96]
    seen = {name: method(degraded)[crop] for name, method in methods.items()}
    titles = {f"{k}\n{psnr(v, sharp[crop], 1.0):.1f} dB, {ssim(v, sharp[crop], 1.0):.2f}": v for k, v in seen.items()}
    show({**titles, "truth": sharp[crop]}, limits=(0, 1), unit="share of the brightest")


look(0, 16, 16)
look(len(test), 40, 60)

# %%
import ipywidgets

places = [ipywidgets.IntSlider(16, 0, 32, 8, continuous_update=False) for _ in "yx"]
number = ipywidgets.IntSlider(1, 0, len(test), continuous_update=False)
_ = ipywidgets.interact(look, number=number, y=places[0], x=places[1])

# %% [markdown]
# The second question: PSNR falls, from 27.0 dB without a critic to 26.9 with both and 26.4 with the full one alone, in
# the run that is shown. Detail rises, from 0.43 of the truth's to 0.63 and 0.77. But agreement falls, from 0.31 to 0.27
# and 0.25, so part of what the critics add isn't there: look for the dots in rows in the full critic's images, which no
# specimen has. The patch critic changes little in 150 steps; averaged with it, the full one does less harm. (The
# degraded image's detail of 2.23 is noise, as its agreement tells.)
#
# Richardson–Lucy, told the PSF, is ahead in decibels, and its detail is right more often: 0.43. On drawn specimens the
# networks have the better SSIM, 0.80 against 0.78; on the retina, of which they saw nothing, they lose by 3 dB.
#
# ## What the critics see
#
# Each score, minus the mean score of sharp images, at its place: dark is where a critic finds the restored image least
# real.

# %%
degraded, sharp = test[0]
restored = by_network(networks["dual critic"], degraded)
with torch.no_grad():
    scores = [trained["dual critic"](torch.from_numpy(x * 2 - 1)[None, None].to(device)) for x in (restored, sharp)]
maps = {}
for name, fake, real in zip(("patch critic (16 pixels)", "full critic (70 pixels)"), *scores, strict=True):
    maps[f"{name}\n{fake.shape[2]}×{fake.shape[3]} scores"] = (fake - real.mean())[0, 0].cpu()
show({"restored, dual critic": restored, "truth": sharp}, limits=(0, 1), unit="share of the brightest")
show(maps, limits=(-2, 2), unit="score, relative to sharp")

# %% [markdown]
# The patch critic judges places: the bright rim convinces it, the dark flat region below doesn't. The full critic's map
# is coarse and nearly even, since each score sees most of the image. The frame around the patch critic's map comes from
# padding with zeros: no image tells it what lies beyond the border.
#
# ## Break it: the critic's sign
#
# A tutorial hands the generator the critic's relativistic loss. All runs; the generator learns to be *found out*.


# %%
def wrong_step(generator, critic, optimizers, degraded, sharp, weight):
    """Do as `dual_step`, but give the generator the critic's loss."""
    restored = generator(degraded)
    losses = []
    for optimizer, image in zip(reversed(optimizers), (restored.detach(), restored), strict=True):
        critic_loss, _ = dual_losses(critic(sharp), critic(image))
        loss = critic_loss if image is not restored else (restored - sharp).abs().mean() + weight * critic_loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


_ = torch.manual_seed(0)
astray = copy.deepcopy(start)
logs["wrong sign"] = fit(astray, DualCritic(1, width=8, depths=(1, 3)).to(device), more, rate=5e-4, step=wrong_step)
lines = {name: [[row[k] for row in logs[name]] for k in (0, 2)] for name in ("dual critic", "wrong sign", "no critic")}
_ = plot(lines, x="step after L1 alone", y="detail of two test specimens (truth: 1)")
pair = {"dual critic": by_network(networks["dual critic"], degraded), "wrong sign": by_network(astray, degraded)}
titled = {f"{k}\n{psnr(v, sharp, 1.0):.1f} dB, {ssim(v, sharp, 1.0):.2f}": v for k, v in pair.items()}
show({**titled, "truth": sharp}, limits=(0, 1), unit="share of the brightest")

# %% [markdown]
# The wrong sign costs no decibels. On the specimen below the curves it even has more, 31.3 dB against 30.8, because
# smooth is safe: which is why it goes unnoticed. What gives it away is what the critics are for: detail stays where it
# is without any critic.
#
# ## Quiz
#
# <details><summary>Why does the "full" critic still give a map, not a single score?</summary>
# It is a PatchGAN, only with a patch larger than the crop: every score sees all, from its own place.</details>
#
# <details><summary>The relativistic critic scores everything 3 higher. What changes?</summary>
# Nothing: only differences to the other kind's mean count.</details>
#
# <details><summary>Would you measure vessel widths in an image that a critic has sharpened?</summary>
# Not before you know its error on such images: contrast that looks right may lie in the wrong place. Lesson 9 tests it.
# </details>
#
# ## Exercises
#
# 1. *Warm-up.* Work out both losses by hand for two sharp images that score 1 and 3 and two restored ones that score 0.
# 2. *Core.* Weight the critics 0.8 : 0.2 instead of 0.5 : 0.5. Which column of the table moves?
# 3. *Open.* DeblurGAN-v2's code takes E f over the last 50 restored batches. Why could that help with batches of one?
#
# ## References
#
# - O. Kupyn et al., *DeblurGAN-v2*, arXiv:1908.03826
# - A. Jolicoeur-Martineau, *The relativistic discriminator*, arXiv:1807.00734
# - P. Isola et al., *Image-to-Image Translation with Conditional Adversarial Networks*, arXiv:1611.07004

# %%
check.progress()
