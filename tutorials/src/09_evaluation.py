# %% [markdown]
# # 9 · Evaluation and invented structure
#
# **You will build** the measures that decide whether a restored image is believed: PSNR and SSIM against a truth,
# Fourier ring correlation between two acquisitions, re-blur consistency with the recording alone, and a test for
# structure that isn't there. Each is proved equal to the library's. Then they judge four restorations, of which some
# invent.
#
# **You need** lessons 0 and 1.
#
# **Time** 0.8 minutes of one processor core and 1.0 GB (measured); no GPU, no download.

# %% tags=["setup"]
import os
from functools import partial

import numpy as np
import torch
from scipy import ndimage, signal
from scipy.stats import norm

from gan_lessons import check
from gan_lessons.lessons.figures import plot, show

FAST = os.environ.get("GAN_LESSONS_FAST") == "1"  # fewer steps, for automatic tests
_ = torch.manual_seed(0)

# %% [markdown]
# ## Predict
#
# 1. A restored image, blurred again, agrees with the recording to the last photon. Is it right?
# 2. A network draws the same filament from two independent recordings. Is it there?
# 3. How bright must an invented spot be before *any* test against the recording can find it?
#
# All three are measured below.

# %% [markdown]
# ## Four restorations of one specimen
#
# Filaments are drawn, blurred by a Gaussian of 2 pixels, and recorded with about 60 photons at the brightest, over a
# background of 8. Twice, for later. Restored by Richardson–Lucy, stopped early and far too late; by `fluo-2d`, the
# library's model; and by a small network of our own, which gets the recording smoothed a little (Gaussian, 1 pixel), as
# many like to do, and was made with a usual mistake: **its training images had 30 times the light**. It has never had
# to doubt a photon.

# %%
from gan_lessons.data.specimens import filaments
from gan_lessons.degradations import GaussianBlur, PoissonGaussian, convolve

psf = GaussianBlur((2.0, 2.0)).kernel().astype(np.float64)
camera = PoissonGaussian(electrons_per_unit=1, read_noise=1)  # values are photons


def draw(rng, side):
    """Return a specimen (side, side) in photons: 8 in the dark, 68 at bright filaments."""
    canvas = filaments((side, side), np.ones(2), rng)
    return 8 + 60 * np.clip(canvas / np.percentile(canvas, 99.5), 0, 1.5)


rng = np.random.default_rng(5)
truth = draw(rng, 192)
raw, again = (camera.apply(convolve(truth, psf), rng).astype(np.float64) for _ in range(2))
show({"truth": truth, "recorded": raw, "recorded again": again}, unit="photons", limits=(0, 70), side=3.0)

# %%
from gan_lessons import load_model, restore
from gan_lessons.generators import build_generator
from gan_lessons.restoration import richardson_lucy


def prepare(image):
    """Smooth, and bring photons to our network's scale: the background to 0."""
    return (ndimage.gaussian_filter(image, 1.0) / 40 - 0.2).astype(np.float32)


def by_network(network, image):
    """Restore with a network of ours."""
    with torch.no_grad():
        result = network(torch.from_numpy(prepare(image))[None, None])[0, 0]
    return (result.double().numpy() + 0.2) * 40


def by_richardson_lucy(image, iterations):
    """Restore with the true PSF."""
    light = torch.from_numpy(np.clip(image, 0, None))
    return richardson_lucy(light, torch.from_numpy(psf), iterations).numpy()


# %%
def train(light, steps):
    """Train a small network on specimens of so many times the light."""
    other, rng = PoissonGaussian(electrons_per_unit=light, read_noise=1), np.random.default_rng(0)
    sharp = [draw(rng, 128) for _ in range(8 if FAST else 32)]
    pairs = [(prepare(other.apply(convolve(one, psf), rng)), one / 40 - 0.2) for one in sharp]
    stack = torch.from_numpy(np.array(pairs, np.float32))  # (specimens, 2, 128, 128)
    network = build_generator("unshuffle-unet", in_channels=1, out_channels=1, widths=(24, 48))
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        places = [(rng.integers(len(stack)), *rng.integers(0, 65, 2)) for _ in range(8)]
        patches = torch.stack([stack[k, :, y : y + 64, x : x + 64] for k, y, x in places])
        loss = (network(patches[:, :1]) - patches[:, 1:]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


# %%
steps = 20 if FAST else 300
bright, model = train(light=30, steps=steps), load_model("fluo-2d")
methods = {
    "recorded": lambda image: image,
    "Richardson–Lucy, 10": lambda image: by_richardson_lucy(image, 10),
    "Richardson–Lucy, 200": lambda image: by_richardson_lucy(image, 200),
    "fluo-2d": lambda image: restore(image, model, psf=psf, dtype="float32").astype(np.float64),
    "trained on bright": lambda image: by_network(bright, image),
}
restored = {name: method(raw) for name, method in methods.items()}

# %% [markdown]
# ## 1 · PSNR
#
# $10 \log_{10}(R^2 / \text{MSE})$, in decibels, for images of range $R$. Cameras give unsigned integers: mind what
# `3 - 5` is there.


# %% tags=["solution"] exercise="peak_snr"
def peak_snr(image, truth, data_range):
    """Return the PSNR in decibels of arrays of any number type."""
    error = np.asarray(image, np.float64) - np.asarray(truth, np.float64)
    return 10 * np.log10(data_range**2 / np.mean(error**2))


# %% tags=["check"]
check.peak_snr(peak_snr)

# %% [markdown]
# ## 2 · SSIM, as a map
#
# Lesson 8 averaged SSIM; as a map it says *where*. In numpy, `ndimage.gaussian_filter(x, 1.5, truncate=3.5)` is the
# paper's window of 11 taps, and mirrors the image beyond its border.
#
# $$\frac{2 \mu_x \mu_y + c_1}{\mu_x^2 + \mu_y^2 + c_1} \cdot \frac{2 \sigma_{xy} + c_2}{\sigma_x^2 + \sigma_y^2 + c_2},
# \quad c_1 = (0.01 R)^2, \; c_2 = (0.03 R)^2$$


# %% tags=["solution"] exercise="similarity_map"
def similarity_map(image, truth, data_range):
    """Return SSIM around each pixel of two float images (Y, X)."""

    def mean(x):
        return ndimage.gaussian_filter(x, 1.5, truncate=3.5)

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mean_x, mean_y = mean(image), mean(truth)
    covariance = mean(image * truth) - mean_x * mean_y
    variances = mean(image**2) - mean_x**2 + mean(truth**2) - mean_y**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return luminance * (2 * covariance + c2) / (variances + c2)


# %% tags=["check"]
check.similarity_map(similarity_map)


# %%
def told(name):
    """Return a title: the method, PSNR and SSIM, of pixels whose windows lie inside."""
    inside = similarity_map(restored[name], truth, 60.0)[5:-5, 5:-5]
    return f"{name}\n{peak_snr(restored[name], truth, 60.0):.1f} dB, SSIM {inside.mean():.2f}"


part = np.s_[40:140, 40:140]
show(
    {**{told(name): one[part] for name, one in restored.items()}, "truth": truth[part]},
    unit="photons",
    limits=(0, 70),
    columns=3,
    side=2.8,
)

# %% [markdown]
# ## 3 · Resolution without a truth: Fourier ring correlation
#
# Signal repeats in a second recording, noise doesn't. Correlate the spectra of both ring by ring:
#
# $$\text{FRC}(r) = \frac{\text{Re} \sum_{f \in r} F_1 \bar F_2}{\sqrt{\sum |F_1|^2 \sum |F_2|^2}}$$
#
# Where it falls below 1/7 lies the resolution. Ring $r$ holds the frequencies that round to $r / \text{side}$; the mean
# (ring 0) is left out, and so is all from half of the side on. Opposite borders don't fit, so images are faded first.


# %% tags=["solution"] exercise="ring_correlation"
def ring_correlation(first, second):
    """Return the correlation in rings 1, 2, … below half of the side, of two square images (Y, X), as they are."""
    side = len(first)
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    ring = np.rint(np.hypot(frequency[:, None], frequency[None])).astype(int).ravel()

    def total(values):
        return np.bincount(ring, values.ravel())[1 : side // 2]

    return total((a * b.conj()).real) / np.sqrt(total(np.abs(a) ** 2) * total(np.abs(b) ** 2))


# %% tags=["check"]
check.ring_correlation(ring_correlation)


# %%
def fade(image):
    """Take off the mean, and fade the borders out."""
    window = signal.windows.tukey(len(image), 0.25)
    return (image - image.mean()) * np.outer(window, window)


once_more = {name: method(again) for name, method in methods.items()}
along = np.arange(1, 96) / 192
chosen = ("recorded", "Richardson–Lucy, 10", "fluo-2d", "trained on bright")
lines = {name: (along, ring_correlation(fade(restored[name]), fade(once_more[name]))) for name in chosen}
axes = plot(lines, x="spatial frequency (cycles a pixel)", y="correlation of two results")
axes.set_ylim(-0.15, 1.05)
_ = axes.axhline(1 / 7, color="gray", linewidth=1)

# %%
lines = {name: (along, ring_correlation(fade(restored[name]), fade(truth))) for name in chosen}
axes = plot(lines, x="spatial frequency (cycles a pixel)", y="correlation with the truth")
axes.set_ylim(-0.15, 1.05)
_ = axes.axhline(1 / 7, color="gray", linewidth=1)

# %% [markdown]
# Both networks' results correlate far beyond where the recordings do. That isn't resolution: FRC measures what
# *repeats*, and a network repeats its habits. At the finest detail the two results of the network that was trained on
# bright images still agree by 0.6; with the truth, in the second plot, by next to nothing. The answer to the second
# question: not for certain. Take the FRC of recordings; that of results is an upper bound.
#
# ## 4 · Consistency: blur it again
#
# Without truth and without a second recording there is still the physics: the right image, blurred, is the recording
# but for noise. SQUIRREL's two numbers, after gain and offset are fitted by least squares: the correlation **RSP**, and
# the root mean square difference **RSE**. Compare only where the whole PSF fits (`mode="valid"`).


# %% tags=["solution"] exercise="reblur_errors"
def reblur_errors(restored, raw, psf):
    """Return (RSP, RSE) of the restored image blurred by the PSF (odd sides), gain and offset fitted to raw."""
    rows, columns = (side // 2 for side in psf.shape)
    blurred = signal.fftconvolve(restored, psf, mode="valid")
    seen = raw[rows:-rows, columns:-columns]
    gain, offset = np.polyfit(blurred.ravel(), seen.ravel(), 1)
    error = gain * blurred + offset - seen
    return np.corrcoef(blurred.ravel(), seen.ravel())[0, 1], np.sqrt(np.mean(error**2))


# %% tags=["check"]
check.reblur_errors(reblur_errors)

# %%
noise = np.sqrt(np.mean(camera.variance(convolve(truth, psf))))
for name, one in {**restored, "the truth itself": truth}.items():
    print("{:<24}RSP {:.3f}   RSE {:.2f} photons".format(name, *reblur_errors(one, raw, psf)))
print(f"{'noise of the recording':<24}            {noise:.2f} photons")

# %% [markdown]
# The first question. The truth misses the recording by its noise, 3.5 photons. Richardson–Lucy comes *closer* with 200
# iterations: it has fitted noise, as the picture shows. As close as the noise is all that may be asked; and both
# networks pass.
#
# ## 5 · Is there a spot, or is it noise?
#
# The best test for a known shape $k$ in noise of known variance $v$ is the **matched filter**: weigh each pixel by the
# shape and by how sure it is, and count in standard deviations,
#
# $$z = \sum k\, \frac{d}{v} \Big/ \sqrt{\sum \frac{k^2}{v}}$$
#
# around each pixel of the difference $d$. `ndimage.correlate(…, mode="constant")` sums over the shape, dark beyond the
# border.


# %% tags=["solution"] exercise="spot_evidence"
def spot_evidence(difference, variance, spot):
    """Return z around each pixel: difference and variance (Y, X), spot with odd sides."""
    light = ndimage.correlate(difference / variance, spot, mode="constant")
    return light / np.sqrt(ndimage.correlate(1 / variance, spot**2, mode="constant"))


# %% tags=["check"]
check.spot_evidence(spot_evidence)

# %% [markdown]
# One pixel in 20 of pure noise exceeds 1.96. For *any* of $n$ pixels to do so by chance in at most a share `rate` of
# images, the threshold is `norm.isf(rate / 2 / n)`, both signs counting. Marked pixels that touch, corners included,
# are one place.


# %% tags=["solution"] exercise="count_spots"
def count_spots(z, rate):
    """Return how many connected places exceed what noise reaches anywhere, either way, with probability `rate`."""
    threshold = norm.isf(rate / 2 / z.size)
    return ndimage.label(np.abs(z) > threshold, np.ones((3, 3)))[1]


# %% tags=["check"]
check.count_spots(count_spots)

# %% [markdown]
# ## Prove: the library's numbers

# %% tags=["prove"]
from gan_lessons.metrics.fourier_ring import fourier_ring_correlation
from gan_lessons.metrics.psnr import psnr
from gan_lessons.metrics.ssim import ssim_map
from gan_lessons.metrics.trust import false_structure, judge_structure, reblur_consistency

one = restored["fluo-2d"]
np.testing.assert_allclose(peak_snr(one, truth, 60.0), psnr(one, truth, 60.0))
np.testing.assert_allclose(similarity_map(one, truth, 60.0), ssim_map(one, truth, 60.0), atol=1e-4)  # theirs is float32
rings = fourier_ring_correlation(one, once_more["fluo-2d"])
np.testing.assert_allclose(ring_correlation(fade(one), fade(once_more["fluo-2d"])), rings.correlation)
again_blurred = reblur_consistency(one, raw, psf, outside=1e-6)
np.testing.assert_allclose(reblur_errors(one, raw, psf), (again_blurred.rsp, again_blurred.rse), rtol=1e-4)
print("PSNR, the map of SSIM, every ring, RSP and RSE: equal")

# %% [markdown]
# And the test for false structure. The library makes blank fields of three brightnesses, with the camera's noise,
# beside a part of the recording, and has them restored. Whatever then stands out more than the noise that went in may,
# was made up. Your two functions judge the same fields.

# %% tags=["prove"]
spot = GaussianBlur((1.0, 1.0)).kernel().astype(np.float64)
blank = {name: false_structure(method, raw, noise=camera) for name, method in methods.items()}


def judge(found):
    """Return z of each blank field after restoration."""
    pairs = zip(found.restored, found.levels, strict=True)
    return [spot_evidence(one - np.median(one), np.full(one.shape, level + 1.0), spot) for one, level in pairs]


for name, found in blank.items():
    mine = judge(found)
    np.testing.assert_allclose(mine, found.map, rtol=1e-4, atol=1e-6)
    count = sum(count_spots(z, 0.05 / 3) for z in mine)  # three fields share the rate
    assert count == found.count
    print(f"{name:<24}{count:4d} false spots, noise times {found.noise_gain:.2f}")

# %%
fields = {f"{name}\n{found.count} false spots": found.restored[1] for name, found in blank.items()}
middle = blank["recorded"].levels[1]
show(fields, unit="photons", limits=(middle - 8, middle + 12), columns=5, side=2.2)

# %% [markdown]
# `fluo-2d` leaves them empty. The network that was trained on bright images draws dots and threads, though its PSNR is
# only 0.2 dB and its SSIM 0.02 lower: those average over all pixels, and its dots are faint. Richardson–Lucy invents
# too, the more the longer it runs.
#
# ## 6 · What can be found at all?
#
# Turn the test around. Take a *faithful* image, the truth, and plant spots in it that no photon supports. Blurred, they
# should stand out of the recording, by your test with the PSF as the shape. How often are they found?

# %%
points = tuple(np.mgrid[24:180:36, 24:180:36].reshape(2, -1))
limits = judge_structure(truth, raw, psf, noise=camera).limit[points]  # the library's: higher on filaments


def found_share(light, recordings=2 if FAST else 8):
    """Return which share of spots, planted with so much light each (photons in all), the test finds."""
    planted, rng, hits = truth.copy(), np.random.default_rng(1), []
    planted[points] += light
    predicted = convolve(planted, psf)
    threshold = norm.isf(0.05 / 2 / truth.size)
    for _ in range(recordings):
        recorded = camera.apply(convolve(truth, psf), rng)
        z = spot_evidence(predicted - recorded, camera.variance(predicted), psf)
        hits.append(z[points] > threshold)
    return np.mean(hits)


steps_up = np.array([0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5])
shares = [found_share(step * limits) for step in steps_up]
axes = plot(
    {"planted spots": (steps_up, shares)}, x="light of a spot over the library's limit", y="share that is found"
)
axes.axhline(0.95, color="gray", linewidth=1)
title = f"the limit is {limits.min():.0f} to {limits.max():.0f} photons; {shares[6]:.0%} are found there"
_ = axes.set_title(title, fontsize=10)

# %% [markdown]
# The answer to the third question: about 170 photons in the dark, and more on filaments, where there is more noise.
# That is three times what the brightest pixel of a filament has, spread by the PSF over some 50 pixels. Of half as much
# light, one spot in twenty is found. What is fainter, no test against this recording can refute: the light that could
# do so wasn't recorded.
#
# ## Use it: the verdict
#
# All numbers side by side. *Invented* and *missing* are places with more or less light than the truth, by your test for
# spots of 1 pixel; *caught* is what the library's test against the recording finds, which needs no truth.

# %%
variance = camera.variance(convolve(truth, psf))
print(f"{'':<24}  PSNR  SSIM   RSP   RSE  blank  invented  missing  caught")
for name, one in restored.items():
    inside = similarity_map(one, truth, 60.0)[5:-5, 5:-5].mean()
    rsp, rse = reblur_errors(one, raw, psf)
    z = spot_evidence(one - truth, variance, spot)
    places = [count_spots(sign, 0.05) for sign in (np.maximum(z, 0), np.minimum(z, 0))]
    judged = judge_structure(one, raw, psf, noise=camera)
    counts = [blank[name].count, *places, judged.invented_count + judged.missing_count]
    scores = f"{peak_snr(one, truth, 60.0):6.2f}  {inside:.2f}  {rsp:.3f}  {rse:4.2f}"
    print(f"{name:<24}{scores}  {counts[0]:5d}  {counts[1]:8d}  {counts[2]:7d}  {counts[3]:6d}")

# %% [markdown]
# By PSNR, SSIM, RSP and RSE the two networks are nearly level, and *caught* is 0 for both: what blur removes, no
# recording contradicts. (It does catch the recording taken for the truth, which is blurred twice then.) Blank fields
# tell them apart without any truth: 0 and 230. So no single number will do. Ask at least three questions: does it fit
# the recording, is anything drawn where nothing is, and how faint may an error be before we'd see it?

# %%
import ipywidgets


def look(light):
    """Show a dark part of the specimen with one planted spot, recorded and restored."""
    planted = truth.copy()
    planted[96, 96] += light
    image = camera.apply(convolve(planted, psf), np.random.default_rng(2)).astype(np.float64)
    part = np.s_[66:126, 66:126]
    seen = {name: method(image)[part] for name, method in methods.items()}
    show({f"spot of {light} photons": planted[part], **seen}, unit="photons", limits=(0, 70), columns=4, side=2.3)


_ = ipywidgets.interact(look, light=ipywidgets.IntSlider(250, 0, 1000, step=50, continuous_update=False))

# %% [markdown]
# ## Break it, and mend it
#
# The same network, the same steps, the same specimens: only the light of the training images is that of the recording.

# %%
methods["trained on dim"] = partial(by_network, train(light=1, steps=steps))
fields, results = {}, {}
for name in ("trained on bright", "trained on dim"):
    found, one = false_structure(methods[name], raw, noise=camera), methods[name](raw)
    fields[f"{name}: blank\n{found.count} false spots"] = found.restored[1][:100, :100]
    inside = similarity_map(one, truth, 60.0)[5:-5, 5:-5].mean()
    results[f"{name}\n{peak_snr(one, truth, 60.0):.1f} dB, SSIM {inside:.2f}"] = one[part]
show({**fields, **results}, unit="photons", limits=(0, 40), columns=4, side=2.6)

# %% [markdown]
# The cure is training images as dim as the recordings: 3 false spots in place of 230. The PSNR falls too, by 0.4 dB:
# whoever chooses by PSNR takes the network that invents. (`fluo-2d` has seen 10 to 3000 photons.)
#
# ## Quiz
#
# <details><summary>A colleague reports the SSIM of 8-bit images without the range. What do you ask?</summary>
# Which range was used: with 255 for images in [0, 1] the constants hide everything, and SSIM is near 1.</details>
#
# <details><summary>Richardson–Lucy after 200 iterations has the best RSE. Why not take it?</summary> It's below the
# noise: the result explains photons that came by chance. χ² of lesson 0 said to stop long before.</details>
#
# <details><summary>fluo-2d drew nothing on blank fields. Is all that it draws in your image real?</summary>
# No. It says that noise alone doesn't start it drawing. Where there is something, it may still bridge a gap or join two
# filaments; look where its result and Richardson–Lucy's differ, and ask the limit.</details>
#
# ## Exercises
#
# 1. *Warm-up.* Restore twice, from `raw` and `again`, and show the difference. Where does the mended network still
#    change its mind?
# 2. *Core.* Find the iteration at which Richardson–Lucy's RSE equals the noise. How many spots has it invented there?
# 3. *Open.* Train on images that always hold a bright vesicle in the middle of a patch. Which test finds out?
#
# ## References
#
# - S. Culley et al., *Quantitative mapping and minimization of super-resolution optical imaging artifacts* (SQUIRREL),
#   doi:10.1038/nmeth.4605
# - R. Nieuwenhuizen et al., *Measuring image resolution in optical nanoscopy*, doi:10.1038/nmeth.2448
# - Y. Blau, T. Michaeli, *The Perception-Distortion Tradeoff*, arXiv:1711.06077
# - C. Belthangady, L. Royer, *Applications, promises, and pitfalls of deep learning for fluorescence image
#   reconstruction*, doi:10.1038/s41592-019-0458-z

# %%
check.progress()
