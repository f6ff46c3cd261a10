# %% [markdown]
# # 6 · FPN generator: DeblurGAN-v2
#
# **You will build** DeblurGAN-v2's generator (2019): a classifier's encoder, a feature pyramid on top of it, and heads
# that bring what every level found to one size. With depthwise-separable convolutions it becomes the paper's smallest
# form. You count its weights and multiplications by hand, prove both forms equal to the library's, and train them.
#
# **You need** lessons 1 and 5.
#
# **Time** 2.2 minutes of one processor core and 1.1 GB (measured); no GPU, no download.
#
# `check.hint("fpn")` helps, `check.hint("fpn", 2)` helps more, `check.glossary("feature pyramid")` explains a word.

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
from gan_lessons.generators.backbones import make_backbone
from gan_lessons.lessons.figures import plot, show

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"  # fewer steps, for automatic tests
device = "cuda" if torch.cuda.is_available() else "cpu"
_ = torch.manual_seed(0)

# %% [markdown]
# ## Predict
#
# 1. A 3×3 convolution from 128 to 128 channels is replaced by a depthwise one and a 1×1. How many times fewer
#    multiplications are that: 3, 8.4 or 128? And is it as many times faster?
# 2. Somewhere in the pyramid a map is enlarged once too often, and cut to the size that fits. Is there an error?
#
# ## 1 · What a convolution costs
#
# Count for a map of `side` × `side` pixels that keeps its size, without bias. In `groups`, the input channels are dealt
# out evenly, and each output channel sees those of its group only. A multiply-accumulate (**MAC**) is one
# multiplication with its addition.


# %% tags=["solution"] exercise="conv_cost"
def conv_cost(inputs, outputs, kernel, side, groups=1):
    """Return (weights, MACs) of a convolution of stride 1 that keeps a map of side × side pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * side**2


# %% tags=["check"]
check.conv_cost(conv_cost)

# %% [markdown]
# ## 2 · Depthwise-separable
#
# A 3×3 convolution does two things at once: it looks at neighbors, and it mixes channels. MobileNet takes them apart: a
# **depthwise** 3×3, one filter a channel (`groups=inputs`), then a **pointwise** 1×1 that mixes. Nothing stands between
# them in this network. Only the pointwise one has a bias, if one is asked for.


# %% tags=["solution"] exercise="separable"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1, bias=bias))


# %% tags=["check"]
check.separable(separable)

# %% [markdown]
# The first question, counted and measured. A depthwise convolution does little for every number that it fetches from
# memory, so time often falls less than multiplications do; how much less is your processor's matter.

# %%
from time import process_time


def full(inputs, outputs, bias=False):
    """Return the usual 3×3 convolution."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)


def fastest(network, image):
    """Return the least processor time of nine passes, in seconds."""
    times = []
    for _ in range(9):
        began = process_time()
        network(image)
        times.append(process_time() - began)
    return min(times)


# %%
channels, ratios = [16, 32, 64, 128, 256], {"fewer MACs": [], "less time, measured": []}
for count in channels:
    (_, usual), (_, depth), (_, point) = (conv_cost(count, count, k, 64, g) for k, g in ((3, 1), (3, count), (1, 1)))
    ratios["fewer MACs"].append(usual / (depth + point))
    with torch.inference_mode():
        times = [fastest(make(count, count), torch.rand(4, count, 64, 64)) for make in (full, separable)]
    ratios["less time, measured"].append(times[0] / times[1])
axes = plot({k: (channels, v) for k, v in ratios.items()}, x="channels in and out, map of 64×64", y="times", log="x")
axes.set_xticks(channels, channels)
axes.minorticks_off()
print(f"at 128 channels {ratios['fewer MACs'][3]:.1f} times fewer MACs")

# %% [markdown]
# ## 3 · The encoder, and its laterals
#
# MobileNetV2 was made to classify. Cut into five stages, it gives maps at strides 2 to 32: the finest knows edges, the
# coarsest knows the surroundings. Here it starts untrained. **Laterals**, 1×1 convolutions without bias, bring the five
# maps to the pyramid's width, the finest to half of it.

# %%
camera = torch.from_numpy(data.camera()[::2, ::2] / 127.5 - 1).float()[None, None]  # (1, 1, 256, 256), in [-1, 1]
encoder = make_backbone("mobilenet_v2", 1).encoder
with torch.no_grad():
    maps = encoder(camera)
for x in maps:
    print(f"stride {256 // x.shape[-1]:>2}: {tuple(x.shape)}")
show({f"stride {256 // x.shape[-1]}": x[0].std(0) for x in maps}, unit="scatter of channels", columns=5, side=1.9)

# %% [markdown]
# ## 4 · Top-down
#
# The coarsest map comes first. Each further one is the sum of the lateral and of the level above, enlarged to twice its
# size (nearest neighbor: `F.interpolate(x, scale_factor=2)`), and is then smoothed by a convolution, against the
# blocks. So every level knows what all coarser ones found.


# %% tags=["solution"] exercise="top_down"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        pyramid.append(layers(lateral + F.interpolate(pyramid[-1], scale_factor=2)))
    return pyramid


# %% tags=["check"]
check.top_down(top_down)

# %% [markdown]
# Four levels now lie at strides 32, 16, 8 and 4. A head reads each; what it finds is enlarged to the *finest* level's
# size, by 8, 4, 2 and 1, and concatenated, the coarsest in front. Enlarging happens here: not in the heads, and not
# again afterwards.


# %% tags=["solution"] exercise="join_heads"
def join_heads(pyramid, heads):
    """Return all heads' results at the finest level's size, concatenated; `pyramid` goes from coarse to fine."""
    finest = len(pyramid) - 1
    found = [head(x) for head, x in zip(heads, pyramid, strict=True)]
    return torch.cat([F.interpolate(x, scale_factor=2 ** (finest - level)) for level, x in enumerate(found)], 1)


# %% tags=["check"]
check.join_heads(join_heads)

# %% [markdown]
# ## 5 · The generator
#
# Two kinds of parts are given. All convolutions after the laterals come from `conv`: `separable` for the small form,
# `full` for the usual one. The way of an image, for width 128:
#
# | part | from | gives |
# |---|---|---|
# | laterals | encoder | 64 channels at H/2; 128 at H/4 to H/32 |
# | top-down, three `normalized` | the laterals but the finest | 128 at H/32 to H/4 |
# | four `make_head` | each level | 64, joined to 256 at H/4 |
# | merge (`normalized`) | 256 | 64 at H/4 |
# | refine (`normalized`) | merge, enlarged, plus the finest lateral | 32 at H/2 |
# | last (`conv` with bias) | refine, enlarged | the change, through tanh |
#
# The change is added to the image, and the sum clamped to [-1, 1].

# %% tags=["setup"]
ENCODED = (16, 24, 32, 64, 160)  # channels of the encoder's maps


def normalized(conv, inputs, outputs):
    """Return convolution, instance norm with averaged statistics for evaluation, ReLU."""
    return nn.Sequential(
        conv(inputs, outputs, bias=True), nn.InstanceNorm2d(outputs, track_running_stats=True), nn.ReLU()
    )


def make_head(conv, width):
    """Return two convolutions with ReLU, to half of the width."""
    return nn.Sequential(conv(width, width // 2), nn.ReLU(), conv(width // 2, width // 2), nn.ReLU())


# %% tags=["solution"] exercise="fpn"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + finest)  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(F.interpolate(x, scale_factor=2)))  # (N, channels, H, W)
        return (image + x).clamp(-1, 1)


# %% tags=["check"]
check.fpn(FPN)

# %% [markdown]
# ## Prove: both forms
#
# MobileNet-DSC and MobileNet: weights copied, outputs and the gradients of all weights equal, in training mode.

# %% tags=["prove"]
from gan_lessons.generators import build_generator


def prove_equal(mine, library, image):
    """Copy weights, then compare outputs and gradients."""
    library.load_state_dict(dict(zip(library.state_dict(), mine.state_dict().values(), strict=True)))
    torch.testing.assert_close(mine(image), library(image))
    for network in (mine, library):
        network(image).square().mean().backward()
    for a, b in zip(mine.parameters(), library.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)
    print(f"equal: {sum(p.numel() for p in mine.parameters()):,} weights, their gradients, and the output")


image = torch.rand(2, 3, 96, 64) * 2 - 1
prove_equal(FPN(3), build_generator("fpn-mobilenet_dsc"), image)
prove_equal(FPN(3, conv=full), build_generator("fpn-mobilenet_v2"), image)

# %% [markdown]
# Now count, with your own `conv_cost` at every convolution, and compare with the library's table (docs, *Networks*),
# which torch counted: 1,185,507 weights and 0.667 GMACs, 2,106,627 and 2.71. Batch norm has weights too, but hardly
# multiplies; a stride makes `side` that of the output.


# %%
def count(network, side):
    """Return (weights, MACs) of all convolutions for one image, from each one's shape while it runs."""
    costs, hooks = [], []

    def note(layer, _, output):
        arguments = layer.in_channels, layer.out_channels, layer.kernel_size[0], output.shape[-1], layer.groups
        costs.append(conv_cost(*arguments))

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            hooks.append(layer.register_forward_hook(note))
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return np.sum(costs, axis=0)


for name, conv in (("MobileNet-DSC", separable), ("MobileNet", full)):
    network = FPN(3, conv=conv)
    (weights, macs), (inside, _) = count(network, 256), count(network.encoder, 256)
    every = sum(p.numel() for p in network.parameters())
    print(f"{name:<14}{every:>10,} weights; in convolutions {weights:,}, {inside:,} of them the encoder's;", end=" ")
    print(f"{macs / 1e9:.3f} GMACs")

# %% [markdown]
# ## Use it: restore
#
# The same images as in lesson 1, so that figures compare: drawn specimens, a Gaussian blur of 2 pixels, 100 photons at
# the brightest; the test is on new specimens and on the retina's vessels. Both forms train alike, width 64 instead of
# 128, with L1; the critic that DeblurGAN-v2 adds is lesson 7.

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
def draw_batch(rng, size=4, patch=64):
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
        if step % max(1, steps // 5) == 0:
            watch(losses)
    return losses


# %%
from IPython.display import clear_output

steps, kinds, curves, networks = 8 if FAST else 900, {"separable": separable, "full": full}, {}, {}


def draw_losses(losses):
    """Replace the figure by one of all losses so far."""
    clear_output(wait=True)
    smooth = {k: np.convolve(v, np.ones(8) / 8, "valid") for k, v in {**curves, name: losses}.items()}
    plot({k: (range(len(v)), v) for k, v in smooth.items()}, x="step", y="L1, mean of 8 steps", log="y")
    plt.show()


for name, conv in kinds.items():
    _ = torch.manual_seed(0)
    networks[name] = FPN(1, width=64, conv=conv).to(device)
    nn.init.zeros_(list(networks[name].last.parameters())[-2])  # so that it begins by leaving the image alone
    curves[name] = fit(networks[name], steps, watch=draw_losses)

# %%
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim
from gan_lessons.restoration import richardson_lucy

psf = torch.from_numpy(blur.kernel())


def by_network(network, image):
    """Restore one image (Y, X), its sides multiples of 32."""
    with torch.no_grad():
        return (network.eval()(torch.from_numpy(image * 2 - 1).to(device)[None, None])[0, 0].cpu().numpy() + 1) / 2


def by_richardson_lucy(image, iterations):
    """Restore with the true PSF."""
    return richardson_lucy(torch.from_numpy(image), psf, iterations).numpy()


def mean_psnr(iterations):
    """Return what a number of iterations reaches on ten training images."""
    return np.mean([psnr(by_richardson_lucy(degraded, iterations), sharp, 1.0) for degraded, sharp in train[:10]])


# %%
best = max((5, 8, 12, 20), key=mean_psnr)
methods = {
    "degraded": lambda image: image,
    f"Richardson–Lucy, {best} iterations": lambda image: by_richardson_lucy(image, best),
    "FPN, separable": lambda image: by_network(networks["separable"], image),
    "FPN, full": lambda image: by_network(networks["full"], image),
}
print(f"{'':<32}{'new specimens':<20}retina")
for name, method in methods.items():
    figures = []
    for pairs in (test, retina[None]):
        restored = [(method(degraded), sharp) for degraded, sharp in pairs]
        figures += [np.mean([psnr(*pair, 1.0) for pair in restored]), np.mean([ssim(*pair, 1.0) for pair in restored])]
    print("{:<32}{:.2f} dB, {:.3f}     {:.2f} dB, {:.3f}".format(name, *figures))


# %%
def look(number):
    """Show one test image through all methods; the last is the retina."""
    degraded, sharp = [*test, retina][number]
    seen = {name: method(degraded) for name, method in methods.items()}
    titles = {f"{k}\n{psnr(v, sharp, 1.0):.1f} dB, {ssim(v, sharp, 1.0):.2f}": v for k, v in seen.items()}
    show({**titles, "truth": sharp}, limits=(0, 1), unit="share of the brightest", columns=5, side=2.6)


look(0)
look(len(test))

# %%
import ipywidgets

_ = ipywidgets.interact(look, number=ipywidgets.IntSlider(1, 0, len(test), continuous_update=False))

# %% [markdown]
# Both lose to Richardson–Lucy, in the run that is shown; it was told the PSF, and they were not. The full form gains
# 2.5 dB on new specimens and 3.0 on the retina, the separable one 1.2 and 1.6, Richardson–Lucy 3.9 and 3.6. On the
# retina the full form is 0.5 dB ahead of lesson 1's U-Net, on new specimens 1.0 behind.
#
# Why no more? Most of the weights are the encoder's, which elsewhere begins with what it learned from ImageNet, and
# here at random. Detail of single pixels reaches the output only through the image itself, noise included, and the map
# at half of its size: look at the fine grid in the dim areas, the mark of nearest-neighbor enlargement. The separable
# form also learns more slowly: equal steps aren't equal training.
#
# ## Break it: enlarged twice
#
# A well-known tutorial enlarges a map before it hands it to a function that enlarges it again, then cuts the result to
# the size that fits. The second question: nothing complains. To see what goes wrong, give every level the same scene,
# only coarser, and ask which input pixels one pixel of the result depends on.


# %%
def twice(maps, smooth):
    """Enlarge by 4 where 2 is right, and cut."""
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        height, width = lateral.shape[2:]
        pyramid.append(layers(lateral + F.interpolate(pyramid[-1], scale_factor=4)[..., :height, :width]))
    return pyramid


scene = torch.zeros(1, 1, 256, 256)
scene[..., 56:72, 72:88] = 1
scene.requires_grad_()
results, views = {"scene": scene[0, 0].detach()}, {}
for name, climb in {"enlarged once": top_down, "enlarged twice, and cut": twice}.items():
    levels = [F.avg_pool2d(scene, side) for side in (4, 8, 16, 32)]
    result = climb(levels, [nn.Identity()] * 3)[-1]  # (1, 1, 64, 64)
    (slope,) = torch.autograd.grad(result[0, 0, 40, 40], scene, retain_graph=True)
    results[name] = result[0, 0].detach()
    views[f"{name}:\nwhat pixel (40, 40) depends on"] = (slope[0, 0] + 1e-6).log10()
show(results, limits=(0, 2), unit="sum of all levels", side=2.6)
show(views, limits=(-4, -1), unit="log10 of the weight", side=2.6)

# %% [markdown]
# Once: nested squares around the pixel's place, (160, 160) in the scene. Twice: each coarser level looks at half of the
# coordinates of the finer one, so ghosts lie over the scene, ever larger and farther off. Training hides it, since the
# network learns to lean on the finest level; lost are the surroundings, which the pyramid is for. The test is one
# bright point, or one pixel's gradient.
#
# ## Quiz
#
# <details><summary>Why do the separable form's weights hardly shrink with the width?</summary>
# Most of them are the encoder's, which keeps its channels.</details>
#
# <details><summary>Why does the image itself have to be added at the end?</summary>
# The finest map lies at H/2, and is enlarged by nearest neighbor: detail of single pixels comes from the image.
# </details>
#
# <details><summary>A network has a quarter of the MACs of another. Is it four times faster?</summary>
# Not for sure: depthwise convolutions, norms and activations wait for memory. Measure on the machine that will run it.
# </details>
#
# ## Exercises
#
# 1. *Warm-up.* From how many channels on does `separable` save nine tenths of the multiplications?
# 2. *Core.* Replace nearest-neighbor enlargement by bilinear in `top_down`. Does it change the blocks, or the decibels?
# 3. *Open.* Freeze the encoder for the first quarter of the steps, as DeblurGAN-v2 does with a pretrained one. Here it
#    starts at random: what do you expect, and what happens?
#
# ## References
#
# - O. Kupyn et al., *DeblurGAN-v2*, arXiv:1908.03826
# - T.-Y. Lin et al., *Feature Pyramid Networks*, arXiv:1612.03144
# - M. Sandler et al., *MobileNetV2*, arXiv:1801.04381; A. Howard et al., *MobileNets*, arXiv:1704.04861

# %%
check.progress()
