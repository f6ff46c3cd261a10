# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.


# %% exercise="peak_snr" says="unsigned integers wrap"
def peak_snr(image, truth, data_range):
    return 10 * np.log10(data_range**2 / np.mean((image - truth) ** 2.0))


# %% exercise="peak_snr" says="the range isn't squared"
def peak_snr(image, truth, data_range):
    error = np.asarray(image, float) - np.asarray(truth, float)
    return 10 * np.log10(data_range / np.mean(error**2))


# %% exercise="peak_snr" says="take data_range"
def peak_snr(image, truth, data_range):
    error = np.asarray(image, float) - np.asarray(truth, float)
    return 10 * np.log10(truth.max() ** 2 / np.mean(error**2))


# %% exercise="peak_snr" says="20 log10 is for amplitudes"
def peak_snr(image, truth, data_range):
    error = np.asarray(image, float) - np.asarray(truth, float)
    return 20 * np.log10(data_range**2 / np.mean(error**2))


# %% exercise="similarity_map" says="data_range isn't used"
def similarity_map(image, truth, data_range):
    def mean(x):
        return ndimage.gaussian_filter(x, 1.5, truncate=3.5)

    a, b, c1, c2 = mean(image), mean(truth), 0.01**2, 0.03**2
    xy, xx_yy = mean(image * truth) - a * b, mean(image**2) + mean(truth**2) - a**2 - b**2
    return (2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx_yy + c2)


# %% exercise="similarity_map" says="13 taps"
def similarity_map(image, truth, data_range):
    def mean(x):
        return ndimage.gaussian_filter(x, 1.5)

    a, b, c1, c2 = mean(image), mean(truth), (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    xy, xx_yy = mean(image * truth) - a * b, mean(image**2) + mean(truth**2) - a**2 - b**2
    return (2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx_yy + c2)


# %% exercise="similarity_map" says="returns the shape ()"
def similarity_map(image, truth, data_range):
    a, b, c1, c2 = image.mean(), truth.mean(), (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    xy, xx_yy = (image * truth).mean() - a * b, image.var() + truth.var()
    return (2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx_yy + c2)


# %% exercise="ring_correlation" says="isn't conjugated"
def ring_correlation(first, second):
    side = len(first)
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    ring = np.rint(np.hypot(frequency[:, None], frequency[None])).astype(int).ravel()

    def total(values):
        return np.bincount(ring, values.ravel())[1 : side // 2]

    return total((a * b).real) / np.sqrt(total(np.abs(a) ** 2) * total(np.abs(b) ** 2))


# %% exercise="ring_correlation" says="noise makes large too"
def ring_correlation(first, second):
    side = len(first)
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    ring = np.rint(np.hypot(frequency[:, None], frequency[None])).astype(int).ravel()

    def total(values):
        return np.bincount(ring, values.ravel())[1 : side // 2]

    return total(np.abs(a * b.conj())) / np.sqrt(total(np.abs(a) ** 2) * total(np.abs(b) ** 2))


# %% exercise="ring_correlation" says="rounded down"
def ring_correlation(first, second):
    side = len(first)
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    ring = np.hypot(frequency[:, None], frequency[None]).astype(int).ravel()

    def total(values):
        return np.bincount(ring, values.ravel())[1 : side // 2]

    return total((a * b.conj()).real) / np.sqrt(total(np.abs(a) ** 2) * total(np.abs(b) ** 2))


# %% exercise="ring_correlation" says="returns the shape (20,)"
def ring_correlation(first, second):
    side = len(first)
    a, b = np.fft.fft2(first), np.fft.fft2(second)
    frequency = np.fft.fftfreq(side) * side
    ring = np.rint(np.hypot(frequency[:, None], frequency[None])).astype(int).ravel()

    def total(values):
        return np.bincount(ring, values.ravel())[: side // 2]

    return total((a * b.conj()).real) / np.sqrt(total(np.abs(a) ** 2) * total(np.abs(b) ** 2))


# %% exercise="reblur_errors" says="aren't fitted"
def reblur_errors(restored, raw, psf):
    rows, columns = (side // 2 for side in psf.shape)
    blurred, seen = signal.fftconvolve(restored, psf, mode="valid"), raw[rows:-rows, columns:-columns]
    return np.corrcoef(blurred.ravel(), seen.ravel())[0, 1], np.sqrt(np.mean((blurred - seen) ** 2))


# %% exercise="reblur_errors" says="the root of the mean square"
def reblur_errors(restored, raw, psf):
    rows, columns = (side // 2 for side in psf.shape)
    blurred, seen = signal.fftconvolve(restored, psf, mode="valid"), raw[rows:-rows, columns:-columns]
    gain, offset = np.polyfit(blurred.ravel(), seen.ravel(), 1)
    return np.corrcoef(blurred.ravel(), seen.ravel())[0, 1], np.mean((gain * blurred + offset - seen) ** 2)


# %% exercise="reblur_errors" says="the border is compared too"
def reblur_errors(restored, raw, psf):
    blurred = signal.fftconvolve(restored, psf, mode="same")
    gain, offset = np.polyfit(blurred.ravel(), raw.ravel(), 1)
    return np.corrcoef(blurred.ravel(), raw.ravel())[0, 1], np.sqrt(np.mean((gain * blurred + offset - raw) ** 2))


# %% exercise="reblur_errors" says="isn't blurred"
def reblur_errors(restored, raw, psf):
    rows, columns = (side // 2 for side in psf.shape)
    blurred, seen = (one[rows:-rows, columns:-columns] for one in (restored, raw))
    gain, offset = np.polyfit(blurred.ravel(), seen.ravel(), 1)
    return np.corrcoef(blurred.ravel(), seen.ravel())[0, 1], np.sqrt(np.mean((gain * blurred + offset - seen) ** 2))


# %% exercise="spot_evidence" says="doesn't count in standard deviations"
def spot_evidence(difference, variance, spot):
    return ndimage.correlate(difference / variance, spot, mode="constant")


# %% exercise="spot_evidence" says="uncertain pixels count as much"
def spot_evidence(difference, variance, spot):
    light = ndimage.correlate(difference, spot, mode="constant")
    return light / np.sqrt(ndimage.correlate(variance, spot**2, mode="constant"))


# %% exercise="spot_evidence" says="turned around"
def spot_evidence(difference, variance, spot):
    light = ndimage.convolve(difference / variance, spot, mode="constant")
    return light / np.sqrt(ndimage.convolve(1 / variance, spot**2, mode="constant"))


# %% exercise="spot_evidence" says="k isn't squared"
def spot_evidence(difference, variance, spot):
    light = ndimage.correlate(difference / variance, spot, mode="constant")
    return light / np.sqrt(ndimage.correlate(1 / variance, spot, mode="constant"))


# %% exercise="count_spots" says="a single look"
def count_spots(z, rate):
    return ndimage.label(np.abs(z) > norm.isf(rate / 2), np.ones((3, 3)))[1]


# %% exercise="count_spots" says="holes are left out"
def count_spots(z, rate):
    return ndimage.label(z > norm.isf(rate / 2 / z.size), np.ones((3, 3)))[1]


# %% exercise="count_spots" says="touch at a corner"
def count_spots(z, rate):
    return ndimage.label(np.abs(z) > norm.isf(rate / 2 / z.size))[1]


# %% exercise="count_spots" says="for one sign"
def count_spots(z, rate):
    return ndimage.label(np.abs(z) > norm.isf(rate / z.size), np.ones((3, 3)))[1]


# %% exercise="count_spots" says="it counts pixels"
def count_spots(z, rate):
    return int(np.sum(np.abs(z) > norm.isf(rate / 2 / z.size)))
