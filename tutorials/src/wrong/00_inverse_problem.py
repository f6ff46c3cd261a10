# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.

# %% exercise="gaussian_psf" says="divide by the sum"
def gaussian_psf(sigma, side):
    line = np.exp(-((np.arange(side) - side // 2) ** 2) / (2 * sigma**2))
    return np.outer(line, line)


# %% exercise="gaussian_psf" says="at the pixels' middles"
def gaussian_psf(sigma, side):
    line = np.exp(-((np.arange(side) - side // 2) ** 2) / (2 * sigma**2))
    return np.outer(line, line) / line.sum() ** 2


# %% exercise="gaussian_psf" says="expected the middle pixel"
def gaussian_psf(sigma, side):
    line = np.diff(ndtr((np.arange(side + 1) - (side - 1) / 2) / sigma))
    return np.outer(line, line) / line.sum() ** 2


# %% exercise="convolve" says="That is correlation"
def convolve(image, psf, border):
    half = psf.shape[0] // 2
    padded = np.pad(image, half, mode=border)
    blurred = np.zeros(image.shape)
    for (i, j), weight in np.ndenumerate(psf):
        blurred += weight * padded[i : i + image.shape[0], j : j + image.shape[1]]
    return blurred


# %% exercise="convolve" says="where 'symmetric' was asked for"
def convolve(image, psf, border):
    half = psf.shape[0] // 2
    padded = np.pad(image, half)
    blurred = np.zeros(image.shape)
    for (i, j), weight in np.ndenumerate(psf):
        y, x = 2 * half - i, 2 * half - j
        blurred += weight * padded[y : y + image.shape[0], x : x + image.shape[1]]
    return blurred


# %% exercise="convolve" says="it returns the shape"
def convolve(image, psf, border):
    return np.pad(image, psf.shape[0] // 2, mode=border)


# %% exercise="transfer" says="isn't at index (0, 0)"
def transfer(psf, shape):
    return np.fft.fft2(psf, shape)


# %% exercise="transfer" says="The phase is needed"
def transfer(psf, shape):
    return np.abs(np.fft.fft2(psf, shape))


# %% exercise="wiener" says="conjugate"
def wiener(image, psf, noise_to_signal):
    h = transfer(psf, image.shape)
    gain = h / (np.abs(h) ** 2 + noise_to_signal)
    return np.fft.ifft2(np.fft.fft2(image - image.mean()) * gain).real + image.mean()


# %% exercise="wiener" says="gets darker"
def wiener(image, psf, noise_to_signal):
    h = transfer(psf, image.shape)
    return np.fft.ifft2(np.fft.fft2(image) * h.conj() / (np.abs(h) ** 2 + noise_to_signal)).real


# %% exercise="wiener" says="|H| where |H|² belongs"
def wiener(image, psf, noise_to_signal):
    h = transfer(psf, image.shape)
    gain = h.conj() / (np.abs(h) + noise_to_signal)
    return np.fft.ifft2(np.fft.fft2(image - image.mean()) * gain).real + image.mean()


# %% exercise="richardson_lucy" says="turn it around"
def richardson_lucy(image, psf, iterations):
    estimate = np.full(image.shape, image.mean())
    for _ in range(iterations):
        estimate = estimate * convolve(image / convolve(estimate, psf, "constant"), psf, "constant")
    return estimate


# %% exercise="richardson_lucy" says="upside down"
def richardson_lucy(image, psf, iterations):
    estimate = np.full(image.shape, image.mean())
    for _ in range(iterations):
        estimate = estimate * convolve(convolve(estimate, psf, "constant") / image, psf[::-1, ::-1], "constant")
    return estimate


# %% exercise="richardson_lucy" says="inside the loop"
def richardson_lucy(image, psf, iterations):
    estimate = np.full(image.shape, image.mean())
    for _ in range(iterations):
        ratio = image / convolve(estimate, psf, "constant")
        return estimate * convolve(ratio, psf[::-1, ::-1], "constant")


# %% exercise="richardson_lucy" says="start flat"
def richardson_lucy(image, psf, iterations):
    estimate = image
    for _ in range(iterations):
        ratio = image / convolve(estimate, psf, "constant")
        estimate = estimate * convolve(ratio, psf[::-1, ::-1], "constant")
    return estimate
