# %% [markdown]
# # 1 · The U-Net generator
#
# **You will build** the U-Net of pix2pix: an encoder that halves, a decoder that doubles, skips that hand each level
# across. You prove it equal to the library's, in a tutorial's small form and in the paper's with 54 million weights,
# and train it to restore blurred, noisy images beside Richardson–Lucy.
#
# **You need** lesson 0 and first steps in PyTorch.
#
# **Time** 0.9 minutes of one processor core and 2.0 GB (measured); no GPU, no download.
#
# `check.hint("unet")` helps, `check.hint("unet", 2)` helps more, `check.glossary("skip")` explains a word.

# %% tags=["setup"]
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
# 1. A network halves an image four times and doubles it four times, without skips. What can't it draw?
# 2. Two levels of 4×4 convolutions with stride 2, and back: how wide is the square of input pixels that can change one
#    output pixel? 8, 18 or 70?
#
# Both are measured below.

# %% [markdown]
# ## 1 · How a convolution changes the size
#
# A kernel slides along a padded line and stops at every `stride`-th place. How many places are there?


# %% tags=["solution"] exercise="conv_side"
def conv_side(side, kernel, stride, padding):
    """Return how many pixels a convolution leaves along a side."""
    return (side + 2 * padding - kernel) // stride + 1


# %% tags=["check"]
check.conv_side(conv_side)

# %% [markdown]
# pix2pix takes kernel 4, stride 2, padding 1 everywhere. It halves even sides exactly, and the stride divides the
# kernel, which will matter on the way up. Eight levels bring 256 pixels to a single one:

# %%
sides = [256]
while sides[-1] > 1:
    sides.append(conv_side(sides[-1], kernel=4, stride=2, padding=1))
print(" → ".join(map(str, sides)))

# %% [markdown]
# ## 2 · Down
#
# One level of the encoder: LeakyReLU of slope 0.2, the convolution, batch norm. The activation comes *first*, so that
# what is handed across isn't cut yet. Batch norm subtracts each channel's mean and adds an offset of its own, so a bias
# before it would do nothing: `bias=False`. The bottom level of the paper's form has no norm, hence the switch.


# %% tags=["solution"] exercise="down"
def down(in_channels, out_channels, norm=True):
    """Return the layers of one encoder level.

    (N, in_channels, H, W) → (N, out_channels, H/2, W/2), for even H and W.
    """
    level = nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False))
    if norm:
        level.append(nn.BatchNorm2d(out_channels))
    return level


# %% tags=["check"]
check.down(down)

# %% [markdown]
# Untrained filters are random, yet the maps already show edges and shading at half the size:

# %%
camera = torch.from_numpy(data.camera()[::2, ::2] / 127.5 - 1).float()[None, None]  # (1, 1, 256, 256), in [-1, 1]
with torch.no_grad():
    maps = down(1, 3)(camera)[0]  # (3, 128, 128)
show({"camera (scikit-image)": camera[0, 0]}, unit="intensity", limits=(-1, 1), side=2.2)
show({f"map {k}": one for k, one in enumerate(maps)}, unit="after batch norm", limits=(-2, 2), side=2.2)

# %% [markdown]
# ## 3 · Up
#
# One level of the decoder: ReLU, a *transposed* convolution, batch norm, and in the paper's deepest levels dropout.
# Transposed means run backwards: every pixel puts down a 4×4 stamp, the stamps lie two pixels apart, overlaps add.


# %% tags=["solution"] exercise="up"
def up(in_channels, out_channels, dropout=0.0):
    """Return the layers of one decoder level.

    (N, in_channels, H, W) → (N, out_channels, 2H, 2W). Dropout is left out where it is 0.
    """
    level = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False))
    level.append(nn.BatchNorm2d(out_channels))
    if dropout:
        level.append(nn.Dropout(dropout))
    return level


# %% tags=["check"]
check.up(up)

# %% [markdown]
# Why 4 and not 3? Count how many stamps reach each pixel. With a kernel of 3 and stride 2 it is 1, 2 or 4 by turns: a
# **checkerboard** before anything is learned. With 4 it is the same everywhere inside.

# %%
ones, stamps = torch.ones(1, 1, 6, 6), {}
for kernel in (3, 4):
    layer = nn.ConvTranspose2d(1, 1, kernel, stride=2, padding=1, bias=False)
    nn.init.ones_(layer.weight)
    stamps[f"kernel {kernel}"] = layer(ones)[0, 0].detach()
show(stamps, unit="stamps on a pixel", limits=(0, 4), side=2.4)

# %% [markdown]
# ## 4 · The U-Net
#
# Channels start at `width` and double at each level, to 8 times at most. The first level is a bare convolution: the
# image needs no activation, and pix2pix gives it no norm. The last is ReLU, a transposed convolution with a bias, Tanh.
#
# On the way up each level gets **two** things: what comes from below, and the encoder's map of the same size. They are
# concatenated, the skip in front, so the next level has twice the channels to read.
#
# Build the layers in the order they run; the proof below copies weights in that order.


# %% tags=["solution"] exercise="unet"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([skips.pop(), level(x)], 1)
        return self.last(x)


# %% tags=["check"]
check.unet(UNet)


# %%
def trace(network, x):
    """Print the shape after each level."""
    for name, part in network.named_modules():
        if name == "last" or (name.startswith(("encoder.", "decoder.")) and name.count(".") == 1):
            part.register_forward_hook(lambda _, __, y, name=name: print(f"{name:<12}{tuple(y.shape)}"))
    network(x)


trace(UNet(3, 3, depth=4), torch.zeros(1, 3, 256, 256))

# %% [markdown]
# ## 5 · How far it sees
#
# The **receptive field** can be measured: which input pixels have a gradient from one output pixel? That answers the
# second question. (The library states the side of a square *centered* on the output pixel, for tiles: 19 and 43.)


# %%
def receptive_field(network, side):
    """Return |d output / d input| for the output pixel that sees most, and the side of the square that isn't zero."""
    for weights in network.parameters():
        nn.init.constant_(weights, 0.01)  # all alike and positive, so that no path cancels or stops at a ReLU
    image = torch.ones(1, 1, side, side, requires_grad=True)
    result, widest, seen = network.eval()(image), 0, None
    for place in range(side // 2, side // 2 + 8):
        (slope,) = torch.autograd.grad(result[0, 0, place, place], image, retain_graph=True)
        rows = slope[0, 0].abs().sum(1).nonzero()
        if (extent := int(rows.max() - rows.min()) + 1) > widest:
            widest, seen = extent, slope[0, 0].abs()
    return widest, seen


fields = {}
for depth in (2, 3):
    widest, seen = receptive_field(UNet(1, 1, width=8, depth=depth), 96)
    fields[f"depth {depth}: {widest} pixels"] = (seen > 0).float() + (seen > seen.max() / 100)
show(fields, unit="0 no path, 1 through the bottom, 2 strong", limits=(0, 2), side=2.8)

# %% [markdown]
# ## Prove: the same network
#
# The library's U-Net in the form of a well-known Keras tutorial: two levels, one skip. Copy your weights into it; in
# training mode, outputs and the gradients of all weights must be equal.

# %% tags=["prove"]
from gan_lessons.generators import build_generator


def prove_equal(mine, library, image):
    """Copy weights, then compare outputs and gradients."""
    names, weights = library.state_dict(), mine.state_dict().values()
    library.load_state_dict(dict(zip(names, weights, strict=True)))
    torch.testing.assert_close(mine(image), library(image))
    for network in (mine, library):
        network(image).square().mean().backward()
    for a, b in zip(mine.parameters(), library.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)
    print(f"equal: {sum(p.numel() for p in mine.parameters()):,} weights, their gradients, and the output")


library = build_generator("unet", preset="keras-unet")
prove_equal(UNet(3, 3, width=64, depth=2), library, torch.randn(2, 3, 64, 64))

# %% [markdown]
# And the paper's, eight levels deep: your class builds it with other arguments. Dropout is random, so the comparison is
# in evaluation mode.

# %% tags=["prove"]
mine = UNet(3, 3, width=64, depth=8, bottom_norm=False, dropout=0.5)
prove_equal(mine.eval(), build_generator("unet").eval(), torch.randn(1, 3, 256, 256))
del mine

# %% [markdown]
# ## Use it: restore
#
# Training needs pairs. Sharp ones are drawn: `make_specimen` makes filaments, membranes, nuclei, vesicles. Then lesson
# 0's physics: a Gaussian blur of 2 pixels, 100 photons at the brightest. The test is on new specimens *and* on the
# retina's vessels, of which the network sees nothing in training.

# %%
from gan_lessons.data.specimens import make_specimen
from gan_lessons.degradations import GaussianBlur, PoissonGaussian

blur, noise = GaussianBlur((2.0, 2.0)), PoissonGaussian(electrons_per_unit=100)


def make_pair(sharp, rng):
    """Return (degraded, sharp), float32 in [0, 1], noise aside."""
    sharp = np.clip(sharp, 0, 1).astype(np.float32)
    return noise.apply(blur.apply(sharp), rng), sharp


rng = np.random.default_rng(1)
count = 12 if FAST else 160
train = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(count)])  # (count, 2, 128, 128)
test = np.stack([make_pair(make_specimen((128, 128), rng), rng) for _ in range(4 if FAST else 12)])
green = 255.0 - data.retina()[500:884, 300:684, 1]
binned = green.reshape(192, 2, 192, 2).mean((1, 3))
vessels = np.clip(binned - ndimage.gaussian_filter(binned, 8), 0, None)  # as in lesson 0
retina = np.stack(make_pair(vessels / np.percentile(vessels, 99.9), rng))
show({"degraded": train[0, 0], "sharp": train[0, 1]}, limits=(0, 1), unit="share of white")
show({"retina, degraded": retina[0], "retina": retina[1]}, limits=(0, 1), unit="share of white")

# %% [markdown]
# The loss is the mean absolute difference, **L1**: it asks for the median of all images that could have been, and blurs
# less than squared differences do. The critic that asks for more comes in lesson 2. Images go in and come out in
# [-1, 1].


# %%
def draw_batch(rng, size=8, patch=64):
    """Cut patches at random places, flipped at random: two tensors (size, 1, patch, patch) in [-1, 1]."""
    patches = []
    for _ in range(size):
        (y, x), pair = rng.integers(0, 128 - patch + 1, 2), train[rng.integers(len(train))]
        cut = pair[:, y : y + patch, x : x + patch]
        patches.append(np.flip(cut, axis=-1) if rng.random() < 0.5 else cut)
    both = torch.from_numpy(np.stack(patches) * 2 - 1).to(device)
    return both[:, :1], both[:, 1:]


# %%
def fit(network, steps, *, rate=1e-3, watch=lambda losses: None):
    """Train in place with Adam and a falling rate; show the losses to `watch` now and then, and return them."""
    rng, losses = np.random.default_rng(0), []
    optimizer = torch.optim.Adam(network.train().parameters(), rate, betas=(0.5, 0.999))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(1, steps + 1):
        degraded, sharp = draw_batch(rng)
        loss = (network(degraded) - sharp).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % (steps // 5) == 0:
            watch(losses)
    return losses


# %%
from IPython.display import clear_output


def draw_losses(losses):
    """Replace the figure by one of all losses so far."""
    smooth = np.convolve(losses, np.ones(8) / 8, "valid")
    clear_output(wait=True)
    axes = plot({"U-Net": (range(len(smooth)), smooth)}, x="step", y="L1, mean of 8 steps", log="y")
    axes.set_xlim(0, steps)
    plt.show()


steps = 40 if FAST else 900
_ = torch.manual_seed(0)
unet = UNet(1, 1, width=16, depth=4).to(device)
losses = fit(unet, steps, watch=draw_losses)

# %% [markdown]
# The baseline is lesson 0's: Richardson–Lucy, told the true PSF, with the number of iterations that is best on training
# images. The network was told neither.

# %%
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim
from gan_lessons.restoration import richardson_lucy

psf = torch.from_numpy(blur.kernel())


def by_network(network, image):
    """Restore one image (Y, X), its sides multiples of 16."""
    with torch.no_grad():
        return (network.eval()(torch.from_numpy(image * 2 - 1).to(device)[None, None])[0, 0].cpu().numpy() + 1) / 2


def by_richardson_lucy(image, iterations):
    """Restore with the true PSF."""
    return richardson_lucy(torch.from_numpy(image), psf, iterations).numpy()


# %%
def mean_psnr(iterations):
    """Return what a number of iterations reaches on ten training images."""
    return np.mean([psnr(by_richardson_lucy(degraded, iterations), sharp, 1.0) for degraded, sharp in train[:10]])


best = max((3, 5, 8, 12, 20, 30), key=mean_psnr)
methods = {
    "degraded": lambda image: image,
    f"Richardson–Lucy, {best} iterations": lambda image: by_richardson_lucy(image, best),
    "U-Net": lambda image: by_network(unet, image),
}

# %%
print(f"{'':<32}{'new specimens':<20}retina")
for name, method in methods.items():
    figures = []
    for pairs in (test, retina[None]):
        restored = [(method(degraded), sharp) for degraded, sharp in pairs]
        figures += [np.mean([psnr(*pair, 1.0) for pair in restored]), np.mean([ssim(*pair, 1.0) for pair in restored])]
    print("{:<32}{:.2f} dB, {:.3f}     {:.2f} dB, {:.3f}".format(name, *figures))

# %%
crop = np.s_[40:136, 60:156]
seen = {name: method(retina[0])[crop] for name, method in methods.items()}
truth = retina[1][crop]


def with_figures(images):
    """Put PSNR and SSIM into the titles of images of the crop."""
    return {f"{k}\n{psnr(v, truth, 1.0):.1f} dB, SSIM {ssim(v, truth, 1.0):.2f}": v for k, v in images.items()}


show({**with_figures(seen), "truth": truth}, limits=(0, 1), unit="share of the brightest")

# %% [markdown]
# The network loses: by 0.5 dB on new specimens and 1.1 dB on the retina, in the run that is shown. It beats the
# degraded image by 3.5 and 2.5 dB, without being told the PSF, after a minute of training. Why does it lose? It has to
# learn the blur from 160 drawn images, and no vessels were among them; Richardson–Lucy was told. Look at the dim areas
# of the figure below: the network's are smoother, Richardson–Lucy's grainy. The library's own blind model, trained far
# longer, is level with a Richardson–Lucy that knows the true PSF.

# %%
import ipywidgets


def look(number):
    """Show one test image through all methods."""
    degraded, sharp = test[number]
    show({**{name: method(degraded) for name, method in methods.items()}, "truth": sharp}, limits=(0, 1))


_ = ipywidgets.interact(look, number=ipywidgets.IntSlider(0, 0, len(test) - 1, continuous_update=False))
# %% [markdown]
# ## Break it: no skips
#
# The answer to the first question. The same network without skips has to squeeze all positions through the bottleneck,
# where a pixel stands for 16×16 of the image.

# %%
_ = torch.manual_seed(0)
plain = build_generator("unet", in_channels=1, width=16, depth=4, skips=False, dropout=0.0, bottom_norm=True).to(device)
fit(plain, steps)
pair = {"with skips": by_network(unet, retina[0])[crop], "without": by_network(plain, retina[0])[crop]}
show({**with_figures(pair), "truth": truth}, limits=(0, 1), unit="share of the brightest", side=3.0)

# %% [markdown]
# ## Quiz
#
# <details><summary>Where would you look first if a U-Net's output had a faint grid of 2×2 pixels?</summary>
# At the last transposed convolution: its four phases are separate filters, and training has to make them agree.
# </details>
#
# <details><summary>Why has the paper's U-Net no norm at its bottom?</summary>
# At 256×256 the bottom is one pixel. With a batch of one, batch norm would subtract it from itself.</details>
#
# <details><summary>The retina scores lower than new specimens. What does that tell?</summary>
# A network restores what its training images were like. Other images are a test of what it learned beyond them.
# </details>
#
# ## Exercises
#
# 1. *Warm-up.* Count the weights of `UNet(3, 3, depth=2)` by hand, then with PyTorch.
# 2. *Core.* Replace the transposed convolutions by nearest-neighbor enlargement and a 3×3 convolution. What does it
#    change in the picture, and what does it cost?
# 3. *Open.* Let the network add its output to the input (a global residual). What changes in the first 100 steps, and
#    on the retina?
#
# ## References
#
# - O. Ronneberger et al., *U-Net*, arXiv:1505.04597
# - P. Isola et al., *Image-to-Image Translation with Conditional Adversarial Networks*, arXiv:1611.07004
# - A. Odena et al., *Deconvolution and Checkerboard Artifacts*, doi:10.23915/distill.00003

# %%
check.progress()
