# %% [markdown]
# # Lab 9 · What a restored image is worth
#
# Five measures, each a little different from the lesson's; your numbers say how. All images are numpy arrays (Y, X) of
# float64. Each answer is graded with hidden images, by exact values.
#
# When graded, your code runs without this library, without network and files, for 20 seconds a task. What you need is
# imported below.

# %% tags=["given"]

import numpy as np

# %% tags=["numbers"]
LOW = 1.0
HIGH = 99.0
RING = 2
LEVEL = 0.4
REACH = 2

# %% [markdown]
# ## 1 · PSNR where it counts (4 points)
#
# Decibels over the pixels where `mask` is true, and no others. The range of values is the distance of two percentiles
# of the truth there: `LOW` and `HIGH`.


# %% task="masked_psnr"
def masked_psnr(restored, truth, mask):
    """Return the PSNR in decibels; `mask` is boolean."""
    ### BEGIN SOLUTION
    low, high = np.percentile(truth[mask], [LOW, HIGH])
    error = np.mean((restored[mask] - truth[mask]) ** 2)
    return 10 * np.log10((high - low) ** 2 / error)
    ### END SOLUTION


# %% check="masked_psnr"
assert masked_psnr(np.eye(4), np.eye(4) * 2, np.eye(4) < 9) > 0

# %% [markdown]
# ## 2 · After the best affine fit (4 points)
#
# A network may change brightness and contrast without inventing anything. Find the scale and the offset that bring
# `restored` as near to `truth` as they can (least squares). The root mean square of what is left, divided by the
# truth's standard deviation.


# %% task="affine_nrmse"
def affine_nrmse(restored, truth):
    """Return the error as a share of the truth's spread."""
    ### BEGIN SOLUTION
    scale, offset = np.polyfit(restored.ravel(), truth.ravel(), 1)
    return np.sqrt(np.mean((scale * restored + offset - truth) ** 2)) / truth.std()
    ### END SOLUTION


# %% check="affine_nrmse"
assert affine_nrmse(np.eye(4) + 3, np.eye(4)) < 1e-6

# %% [markdown]
# ## 3 · Fourier ring correlation (5 points)
#
# Two images of the same field, square, with sides of even length. Number the frequencies 0, ±1, ±2 … along each axis;
# ring k holds those at a distance of at least `k * RING` and less than `(k + 1) * RING` from zero. In each ring: the
# real part of the sum of one spectrum times the other's conjugate, divided by the root of the product of their summed
# squared moduli. Only rings that lie below half the side count: `side // 2 // RING` of them. No window, no threshold.


# %% task="ring_correlation"
def ring_correlation(a, b):
    """Return an array with a number for each ring."""
    ### BEGIN SOLUTION
    side = len(a)
    frequency = np.fft.fftfreq(side, 1 / side)
    ring = np.hypot(frequency[:, None], frequency) // RING
    left, right = np.fft.fft2(a), np.fft.fft2(b)
    found = []
    for number in range(side // 2 // RING):
        x, y = left[ring == number], right[ring == number]
        found.append(np.sum(x * y.conj()).real / np.sqrt(np.sum(abs(x) ** 2) * np.sum(abs(y) ** 2)))
    return np.array(found)
    ### END SOLUTION


# %% check="ring_correlation"
assert len(ring_correlation(np.eye(32), np.eye(32))) == 16 // RING

# %% [markdown]
# ## 4 · Blurred again (4 points)
#
# Is the restored image one that could have been observed? Convolve it with `psf` (odd sides, its center is in the
# middle) so that it goes on at the opposite edge, and subtract what was observed. The root mean square of that, divided
# by the standard deviation `sigma` of the noise.


# %% task="reblur_error"
def reblur_error(restored, observed, psf, sigma):
    """Return the error in standard deviations of the noise."""
    ### BEGIN SOLUTION
    kernel = np.zeros_like(restored)
    height, width = psf.shape
    kernel[:height, :width] = psf
    kernel = np.roll(kernel, (-(height // 2), -(width // 2)), (0, 1))
    blurred = np.fft.ifft2(np.fft.fft2(restored) * np.fft.fft2(kernel)).real
    return np.sqrt(np.mean((blurred - observed) ** 2)) / sigma
    ### END SOLUTION


# %% check="reblur_error"
assert reblur_error(np.eye(8), np.eye(8), np.ones((1, 1)), 0.1) < 1e-6

# %% [markdown]
# ## 5 · Invented structure (4 points)
#
# Structure is where an image lies above `LEVEL` times its own maximum. A pixel of restored structure is *invented* if
# there is no true structure within `REACH` pixels of it along both axes (a square of side `2 * REACH + 1` about it;
# beyond the edge there is nothing). Which share of the restored structure's pixels is invented? 0 if there are none.


# %% task="invented"
def invented(restored, truth):
    """Return the share, from 0 to 1."""
    ### BEGIN SOLUTION
    seen = restored > LEVEL * restored.max()
    real = np.pad(truth > LEVEL * truth.max(), REACH)
    height, width = truth.shape
    near = np.zeros_like(seen)
    for dy in range(2 * REACH + 1):
        for dx in range(2 * REACH + 1):
            near |= real[dy : dy + height, dx : dx + width]
    return (seen & ~near).sum() / seen.sum() if seen.any() else 0.0
    ### END SOLUTION


# %% check="invented"
assert invented(np.eye(8), np.eye(8)) == 0
