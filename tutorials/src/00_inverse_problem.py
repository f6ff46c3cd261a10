# %% [markdown]
# # 0 · Blur, noise and the inverse problem
#
# **You will build** a point spread function, a convolution, a Wiener filter and Richardson–Lucy deconvolution, each in
# a few lines of numpy, and prove them equal to the library's. They are the baselines that every network of the later
# lessons has to beat.
#
# **You need** numpy and the idea of a Fourier transform.
#
# **Time** 0.3 minutes of one processor core and 1.1 GB (measured); no GPU, no download.
#
# Cells that begin with a function to write are followed by a check. It says what is wrong in a sentence;
# `check.hint("convolve")` helps, `check.hint("convolve", 2)` helps more, `check.glossary("PSF")` explains a word.

# %% tags=["setup"]
import os

import numpy as np
import torch
from scipy import ndimage
from scipy.special import ndtr
from skimage import data

from gan_lessons import check
from gan_lessons.lessons.figures import plot, show
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"  # fewer iterations, for automatic tests
rng = np.random.default_rng(0)

# %% [markdown]
# ## Predict
#
# A microscope blurs an image and the camera counts photons. You know the blur exactly.
#
# 1. Dividing the image's spectrum by the blur's undoes the blur. Why does nobody do it?
# 2. Richardson–Lucy improves its estimate at every iteration. Should you run 10, 100 or 10 000?
#
# Write your answers down; both are tested below.

# %% [markdown]
# ## The specimen
#
# The vessels of a real retina (public domain, from scikit-image), bright on dark as a dye would show them: the smooth
# glow between them is taken off. Values are expected photons a pixel: we pretend to know the truth, so that every
# restoration can be measured against it.

# %%
green = 255.0 - data.retina()[500:884, 300:684, 1]  # vessels are dark in green light
binned = green.reshape(192, 2, 192, 2).mean((1, 3))  # 2×2 pixels to one: the photograph's own noise goes
vessels = np.clip(binned - ndimage.gaussian_filter(binned, 8), 0, None)
truth = 4 + 200 * vessels / np.percentile(vessels, 99.9)  # the brightest expect 200 photons, the dark 4
show({"truth": truth}, unit="photons", side=3.6)

# %% [markdown]
# ## 1 · A point becomes a spot
#
# The image of a single point is the **point spread function**, PSF. A Gaussian is a fair model of a microscope's in
# focus. A pixel isn't a point, though: it collects all the light on its area, from its left edge to its right one.
# For a Gaussian that integral is `ndtr(x / sigma)`, the share of the light to the left of `x`.


# %% tags=["solution"] exercise="gaussian_psf"
def gaussian_psf(sigma, side):
    """Return the light that each pixel collects from a Gaussian spot on the middle pixel.

    sigma: standard deviation in pixels; side: odd number of pixels.
    Returns float64, (side, side), sum 1.
    """
    edges = np.arange(side + 1) - side / 2  # of the pixels along one axis
    line = np.diff(ndtr(edges / sigma))
    psf = np.outer(line, line)
    return psf / psf.sum()


# %% tags=["check"]
check.gaussian_psf(gaussian_psf)

# %%
spots = {f"sigma {sigma} pixels": gaussian_psf(sigma, 17) for sigma in (0.6, 1.2, 2.0)}
show({title: spot / spot.max() for title, spot in spots.items()}, unit="share of the peak", limits=(0, 1), side=2.2)
print({title: f"peak {spot.max():.3f} of all light" for title, spot in spots.items()})

# %% [markdown]
# ## 2 · An image is many points
#
# Each point of the truth becomes a spot; where spots overlap, their light adds. That sum is the **convolution** with
# the PSF. Written by shifts: every PSF pixel contributes one copy of the image, moved by its place and weighted by its
# value.
#
# What lies beyond the border? Nothing (`"constant"`, dark) or a mirror image (`"symmetric"`): `np.pad` knows both.


# %% tags=["solution"] exercise="convolve"
def convolve(image, psf, border):
    """Convolve an image (Y, X) with a PSF (odd, centered).

    border: "constant" (dark beyond it) or "symmetric" (mirror image), as np.pad calls them.
    Returns float64, (Y, X).
    """
    height, width = image.shape
    half = psf.shape[0] // 2
    padded = np.pad(image, half, mode=border)
    blurred = np.zeros(image.shape)
    for (i, j), weight in np.ndenumerate(psf):
        y, x = 2 * half - i, 2 * half - j  # PSF pixel (i, j) moves the image by (i - half, j - half)
        blurred += weight * padded[y : y + height, x : x + width]
    return blurred


# %% tags=["check"]
check.convolve(convolve)

# %% [markdown]
# A convolution that turned the PSF around would pass every test with a symmetric one. The check uses a lopsided PSF;
# so does this picture, of five points:

# %%
points = np.zeros((41, 41))
points[[8, 8, 20, 32, 32], [8, 32, 20, 8, 32]] = 1
comet = np.zeros((9, 9))
comet[4, 4:] = [1, 0.7, 0.45, 0.25, 0.1]  # a tail to the right
show({"points": points, "with a tail": convolve(points, comet, "constant")}, unit="share of a point", limits=(0, 1))

# %% [markdown]
# ## 3 · The camera counts
#
# Photons arrive at random: a pixel that expects $N$ of them records $N \pm \sqrt N$. Dark regions look quiet, but
# relative to their light they are the noisiest. This **shot noise** is what makes the inverse problem hard.

# %%
psf = gaussian_psf(2.0, 17)
blurred = convolve(truth, psf, "symmetric")
recorded = rng.poisson(blurred).astype(float)
show({"truth": truth, "blurred": blurred, "recorded": recorded}, unit="photons", side=3.0)
near_50 = np.abs(blurred - 50) < 2
print(f"where 50 photons are expected, the record deviates by {(recorded - blurred)[near_50].std():.1f}")

# %% [markdown]
# ## 4 · Blur, seen by frequency
#
# In Fourier space convolution is multiplication: $\hat y = H \hat x$. $H$, the transform of the PSF, is the **OTF**: it
# says how much of each spatial frequency the optics let through. Mind the origin: the FFT puts it at index (0, 0), and
# the PSF has it in its middle.


# %% tags=["solution"] exercise="transfer"
def transfer(psf, shape):
    """Return the OTF on the FFT's grid: complex, of the given shape, 1 at index (0, 0)."""
    grid = np.zeros(shape)
    grid[: psf.shape[0], : psf.shape[1]] = psf
    half = psf.shape[0] // 2
    return np.fft.fft2(np.roll(grid, (-half, -half), (0, 1)))


# %% tags=["check"]
check.transfer(transfer)

# %% [markdown]
# Now the whole drama in one figure. The blur pushes fine detail below the noise, whose power is the same at all
# frequencies. To the right of the crossing, the record holds noise only.

# %%
frequency = np.hypot(np.fft.fftfreq(192)[:, None], np.fft.fftfreq(192)[None])
ring = np.digitize(frequency, np.linspace(0, 0.5, 49))


def power(image):
    """Return the mean power in rings of equal frequency."""
    squares = np.abs(np.fft.fft2(image - image.mean())) ** 2 / image.size
    return [squares[ring == number].mean() for number in range(1, 49)]


along = (np.arange(48) + 0.5) / 96
spectra = {"truth": power(truth), "blurred": power(blurred), "noise": power(recorded - blurred)}
lines = {name: (along, values) for name, values in spectra.items()}
_ = plot(lines, x="spatial frequency (cycles a pixel)", y="power (photons²)", log="y", title="What the noise drowns")

# %% [markdown]
# ## 5 · Break it: divide by H
#
# The answer to the first question. Without noise division would be perfect. With it, noise is divided too, by numbers
# near zero.

# %%
h = transfer(psf, truth.shape)
divided = np.fft.ifft2(np.fft.fft2(recorded) / h).real
print(f"smallest |H|: {np.abs(h).min():.1e}; the result reaches {np.abs(divided).max():.1e} photons, the truth 200")
show({"recorded": recorded, "divided by H": divided}, unit="photons", side=3.0)

# %% [markdown]
# ## 6 · Wiener: divide where it pays
#
# The cure is to stop dividing where noise outweighs signal. The linear filter with the least squared error is
#
# $$G = \frac{\bar H}{|H|^2 + r}$$
#
# with $r$ the ratio of the powers of noise and signal. Where $|H|^2 \gg r$ it divides, where $|H|^2 \ll r$ it gives
# nothing. One detail: at frequency 0, where $H = 1$, it would darken the image by $1 / (1 + r)$. Filter the image
# without its mean, and add the mean afterwards.


# %% tags=["solution"] exercise="wiener"
def wiener(image, psf, noise_to_signal):
    """Filter an image (Y, X), taken as periodic, by Wiener's gain; the mean stays as it is. Returns float64, (Y, X)."""
    h = transfer(psf, image.shape)
    gain = h.conj() / (np.abs(h) ** 2 + noise_to_signal)
    mean = image.mean()
    return np.fft.ifft2(np.fft.fft2(image - mean) * gain).real + mean


# %% tags=["check"]
check.wiener(wiener)


# %%
def score(image):
    """Return the PSNR against the truth, in decibels, over 200 photons."""
    return psnr(image, truth, 200.0)


filtered = {f"r = {ratio:g}": wiener(recorded, psf, ratio) for ratio in (0.3, 0.01, 0.0003)}
titled = {f"{name}, {score(image):.1f} dB": image for name, image in filtered.items()}
show({f"recorded, {score(recorded):.1f} dB": recorded, **titled}, unit="photons")

# %% [markdown]
# Too large an $r$ leaves blur, too small a one leaves grain. Move the slider and find the best by eye; then compare
# with what the truth says below.

# %%
import ipywidgets


def look(exponent):
    """Show Wiener's result for r = 10 ** exponent."""
    image = wiener(recorded, psf, 10**exponent)
    show({f"r = {10**exponent:.1e}, {score(image):.2f} dB": image, "truth": truth}, unit="photons", limits=(0, 200))


_ = ipywidgets.interact(look, exponent=ipywidgets.FloatSlider(-1.5, min=-4, max=0, step=0.25, continuous_update=False))

# %% [markdown]
# ## 7 · Richardson–Lucy: photons are positive
#
# Wiener doesn't know that light is never negative, nor that bright pixels are noisier. Richardson and Lucy asked which
# image makes the recorded counts most probable under shot noise, and climb there by multiplication:
#
# $$x \leftarrow x \cdot H^\top\!\left(\frac{y}{H x}\right)$$
#
# Blur the estimate, compare by a ratio, send the ratio back to where its light came from ($H^\top$: convolution with
# the PSF turned around), multiply. Nothing can become negative. Start flat, at the mean; dark beyond the border.


# %% tags=["solution"] exercise="richardson_lucy"
def richardson_lucy(image, psf, iterations):
    """Return the estimate (Y, X) after so many iterations, from a constant image; the border is dark."""
    estimate = np.full(image.shape, image.mean())
    for _ in range(iterations):
        ratio = image / convolve(estimate, psf, "constant")
        estimate = estimate * convolve(ratio, psf[::-1, ::-1], "constant")
    return estimate


# %% tags=["check"]
check.richardson_lucy(richardson_lucy)

# %%
steps = (1, 5, 30, 60) if FAST else (1, 5, 30, 300)
estimates = {count: richardson_lucy(recorded, psf, count) for count in steps}
titled = {f"after {count}, {score(image):.1f} dB": image for count, image in estimates.items()}
show(titled, unit="photons", limits=(0, 200))

# %% [markdown]
# ## Prove
#
# The library's functions are faster and take volumes, GPUs and missing pixels. In the plain case they give your
# numbers.

# %% tags=["prove"]
from gan_lessons import restoration
from gan_lessons.degradations import GaussianBlur
from gan_lessons.degradations import convolve as library_convolve

kernel = GaussianBlur((2.0, 2.0)).kernel()
np.testing.assert_allclose(gaussian_psf(2.0, len(kernel)), kernel, atol=1e-7)
np.testing.assert_allclose(convolve(truth, psf, "symmetric"), library_convolve(truth, psf), atol=1e-3)
image, psf_tensor = torch.from_numpy(recorded), torch.from_numpy(psf)
filtered = restoration.wiener(image, psf_tensor, 0.03, boundary="periodic")
torch.testing.assert_close(torch.from_numpy(wiener(recorded, psf, 0.03)), filtered)
estimate = restoration.richardson_lucy(image, psf_tensor, 5, boundary="zero")
torch.testing.assert_close(torch.from_numpy(estimates[5]), estimate)
print("PSF, convolution, Wiener and Richardson–Lucy: equal to the library's")

# %% [markdown]
# ## Use it: how much is gained, and when to stop
#
# Only here the truth is known, so only here can the best setting be read off. The library's functions do the sweep:
# they don't take the border for dark, which made the frame in your pictures.

# %%
ratios = np.logspace(-4, 0, 9 if FAST else 33)
by_ratio = [score(restoration.wiener(image, psf_tensor, ratio).numpy()) for ratio in ratios]
most = 60 if FAST else 400
iterates = restoration.richardson_lucy_iterates(image, psf_tensor)
sweep = [next(iterates).numpy() for _ in range(most)]
by_count = [score(one) for one in sweep]
best = int(np.argmax(by_count)) + 1
_ = plot({"Richardson–Lucy": (range(1, most + 1), by_count)}, x="iterations", y="PSNR (dB)", log="x")
print(f"{'recorded':<32}{score(recorded):6.2f} dB")
print(f"{f'Wiener, r = {ratios[np.argmax(by_ratio)]:.3f}':<32}{max(by_ratio):6.2f} dB")
print(f"{f'Richardson–Lucy, {best} iterations':<32}{max(by_count):6.2f} dB")
print(f"{f'Richardson–Lucy, {most} iterations':<32}{by_count[-1]:6.2f} dB")

# %%
gained = {"recorded": recorded, "Wiener": restoration.wiener(image, psf_tensor, ratios[np.argmax(by_ratio)]).numpy()}
gained[f"Richardson–Lucy, {best} iterations"] = sweep[best - 1]
titled = {f"{name}\n{score(one):.1f} dB, SSIM {ssim(one, truth, 200.0):.2f}": one for name, one in gained.items()}
show({**titled, "truth": truth}, unit="photons", limits=(0, 200))

# %% [markdown]
# The answer to the second question: neither few nor many. Early iterations restore what the record holds; late ones fit
# its noise, and the estimate falls apart into grains although its likelihood still rises.
#
# Without the truth, one can ask the noise. A right estimate, blurred again, should miss the record by as much as shot
# noise does: $\chi^2 = \text{mean}\,(y - Hx)^2 / Hx \approx 1$. Stop there.


# %%
def chi_squared(estimate):
    """Return the squared misfit in units of what shot noise explains."""
    again = convolve(estimate, psf, "symmetric")
    return np.mean((recorded - again) ** 2 / np.maximum(again, 1))


chosen = next((count for count, one in enumerate(sweep, start=1) if chi_squared(one) < 1), most)
print(f"chosen without the truth: {chosen} iterations, {by_count[chosen - 1]:.2f} dB; the truth's choice: {best}")

# %% [markdown]
# ## Break it: a wrong PSF
#
# All this was with the true PSF. Assume one that is 1.5 times too wide: deconvolution then explains the blur it can't
# find by structure that isn't there. Vessels get thin and twice as bright, dark rims run along them, and the background
# breaks into blobs. **Invented structure**, at full contrast, from a correct program. Beware of it in every restored
# image, a network's most of all.
#
# The cure is a measured PSF (beads below the resolution), and a test that any reader can do: blur the result again and
# compare with the record (`gan_lessons.metrics.trust` does).

# %%
widths = {"true PSF": 2.0, "1.5 times too wide": 3.0}
restored = {
    name: restoration.richardson_lucy(image, torch.from_numpy(gaussian_psf(sigma, 25)), 60).numpy()
    for name, sigma in widths.items()
}
crop = np.s_[100:180, 60:140]
titled = {f"{name}, {score(one):.1f} dB": one[crop] for name, one in restored.items()}
show({"truth": truth[crop], **titled}, unit="photons", limits=(0, 200), side=3.0)
print({name: f"brightest pixel {one.max():.0f}" for name, one in {"truth": truth, **restored}.items()})

# %% [markdown]
# ## Quiz
#
# <details><summary>Why does Richardson–Lucy need the turned PSF, when ours is symmetric anyway?</summary>
# It doesn't for symmetric ones. For a lopsided PSF (motion, coma) light that went right has to be sent back left.
# </details>
#
# <details><summary>Twice the exposure: what happens to the best r?</summary>
# Signal power grows fourfold, shot noise power twofold: r halves, and finer detail is restored.</details>
#
# <details><summary>A restored image has a PSNR of 40 dB. Is all its fine structure real?</summary>
# Not necessarily: PSNR averages over all pixels, and a few invented filaments hardly change it.</details>

# %% [markdown]
# ## Exercises
#
# 1. *Warm-up.* Repeat the sweep with 20 and with 2000 photons. How do the best r and the best count move?
# 2. *Core.* Add total variation to your Richardson–Lucy (`restoration.richardson_lucy` has `tv=`), and show where it
#    helps and where it flattens.
# 3. *Open.* Estimate the PSF's width from the record alone. How wrong may it be before deconvolution does harm?

#
# ## References
#
# - W. H. Richardson, *J. Opt. Soc. Am.* 62, 55 (1972); L. B. Lucy, *Astron. J.* 79, 745 (1974)
# - N. Wiener, *Extrapolation, Interpolation, and Smoothing of Stationary Time Series* (1949)
# - M. Bertero, P. Boccacci, *Introduction to Inverse Problems in Imaging* (1998)
# - N. Dey et al., *Microsc. Res. Tech.* 69, 260 (2006): total variation

# %%
check.progress()
