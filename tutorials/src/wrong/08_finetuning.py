# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.


# %% exercise="find_shift" says="the sign is turned"
def find_shift(raw, reference):
    cross = np.fft.fft2(raw).conj() * np.fft.fft2(reference)
    peak = np.unravel_index(np.fft.ifft2(cross).real.argmax(), cross.shape)
    coarse = [int(at) - side if at > side // 2 else int(at) for at, side in zip(peak, cross.shape, strict=True)]
    fine = np.arange(-20, 21) / 20
    rows, columns = (
        np.exp(2j * np.pi * np.outer(middle + fine, np.fft.fftfreq(side)))
        for middle, side in zip(coarse, cross.shape, strict=True)
    )
    best = np.unravel_index((rows @ cross @ columns.T).real.argmax(), (41, 41))
    return np.array(coarse) + fine[list(best)]


# %% exercise="find_shift" says="to whole pixels"
def find_shift(raw, reference):
    cross = np.fft.fft2(raw) * np.fft.fft2(reference).conj()
    peak = np.unravel_index(np.fft.ifft2(cross).real.argmax(), cross.shape)
    return np.array([at - side if at > side // 2 else at for at, side in zip(peak, cross.shape, strict=True)])


# %% exercise="find_shift" says="subtract the side"
def find_shift(raw, reference):
    cross = np.fft.fft2(raw) * np.fft.fft2(reference).conj()
    coarse = np.unravel_index(np.fft.ifft2(cross).real.argmax(), cross.shape)
    fine = np.arange(-20, 21) / 20
    rows, columns = (
        np.exp(2j * np.pi * np.outer(middle + fine, np.fft.fftfreq(side)))
        for middle, side in zip(coarse, cross.shape, strict=True)
    )
    best = np.unravel_index((rows @ cross @ columns.T).real.argmax(), (41, 41))
    return np.array(coarse) + fine[list(best)]


# %% exercise="find_shift" says="rows and columns are exchanged"
def find_shift(raw, reference):
    cross = np.fft.fft2(raw) * np.fft.fft2(reference).conj()
    peak = np.unravel_index(np.fft.ifft2(cross).real.argmax(), cross.shape)
    coarse = [int(at) - side if at > side // 2 else int(at) for at, side in zip(peak, cross.shape, strict=True)]
    fine = np.arange(-20, 21) / 20
    rows, columns = (
        np.exp(2j * np.pi * np.outer(middle + fine, np.fft.fftfreq(side)))
        for middle, side in zip(coarse, cross.shape, strict=True)
    )
    best = np.unravel_index((rows @ cross @ columns.T).real.argmax(), (41, 41))
    return (np.array(coarse) + fine[list(best)])[::-1]


# %% exercise="three_regions" says="share 97 columns"
def three_regions(length, gap):
    small = int(0.2 * (length - 2 * gap))
    training = length - small - gap
    return {"training": slice(0, training), "validation": slice(259, 335), "test": slice(length - small, length)}


# %% exercise="three_regions" says="judged by pixels that it was trained on"
def three_regions(length, gap):
    small = int(0.2 * length)
    return {
        "training": slice(0, length - 2 * small),
        "validation": slice(length - 2 * small, length - small),
        "test": slice(length - small, length),
    }


# %% exercise="three_regions" says="a fifth of the 384"
def three_regions(length, gap):
    each = (length - 2 * gap) // 3
    return {
        "training": slice(0, each),
        "validation": slice(each + gap, 2 * each + gap),
        "test": slice(2 * each + 2 * gap, length),
    }


# %% exercise="local_mean" says="something was padded"
def local_mean(x):
    taps = torch.exp(-((torch.arange(11, dtype=x.dtype) - 5) ** 2) / (2 * 1.5**2))
    taps = taps / taps.sum()
    return F.conv2d(F.conv2d(x, taps.view(1, 1, 11, 1), padding=(5, 0)), taps.view(1, 1, 1, 11), padding=(0, 5))


# %% exercise="local_mean" says="the window is flat"
def local_mean(x):
    return F.avg_pool2d(x, 11, stride=1)


# %% exercise="local_mean" says="doesn't sum to 1"
def local_mean(x):
    taps = torch.exp(-((torch.arange(11, dtype=x.dtype) - 5) ** 2) / (2 * 1.5**2))
    return F.conv2d(F.conv2d(x, taps.view(1, 1, 11, 1)), taps.view(1, 1, 1, 11))


# %% exercise="local_mean" says="sigma is 1.06"
def local_mean(x):
    taps = torch.exp(-((torch.arange(11, dtype=x.dtype) - 5) ** 2) / 1.5**2)
    taps = taps / taps.sum()
    return F.conv2d(F.conv2d(x, taps.view(1, 1, 11, 1)), taps.view(1, 1, 1, 11))


# %% exercise="similarity" says="data_range isn't used"
def similarity(image, truth, data_range):
    c1, c2 = 0.01**2, 0.03**2
    a, b = local_mean(image), local_mean(truth)
    xx, yy, xy = local_mean(image**2) - a**2, local_mean(truth**2) - b**2, local_mean(image * truth) - a * b
    return ((2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx + yy + c2)).mean((1, 2, 3))


# %% exercise="similarity" says="8-bit"
def similarity(image, truth, data_range):
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    a, b = local_mean(image), local_mean(truth)
    xx, yy, xy = local_mean(image**2) - a**2, local_mean(truth**2) - b**2, local_mean(image * truth) - a * b
    return ((2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx + yy + c2)).mean((1, 2, 3))


# %% exercise="similarity" says="aren't squared"
def similarity(image, truth, data_range):
    c1, c2 = 0.01 * data_range, 0.03 * data_range
    a, b = local_mean(image), local_mean(truth)
    xx, yy, xy = local_mean(image**2) - a**2, local_mean(truth**2) - b**2, local_mean(image * truth) - a * b
    return ((2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx + yy + c2)).mean((1, 2, 3))


# %% exercise="similarity" says="subtract the squares of the local means"
def similarity(image, truth, data_range):
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    a, b = local_mean(image), local_mean(truth)
    xx, yy, xy = local_mean(image**2), local_mean(truth**2), local_mean(image * truth)
    return ((2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx + yy + c2)).mean((1, 2, 3))


# %% exercise="similarity" says="one number for the batch"
def similarity(image, truth, data_range):
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    a, b = local_mean(image), local_mean(truth)
    xx, yy, xy = local_mean(image**2) - a**2, local_mean(truth**2) - b**2, local_mean(image * truth) - a * b
    return ((2 * a * b + c1) / (a**2 + b**2 + c1) * (2 * xy + c2) / (xx + yy + c2)).mean()


# %% exercise="charbonnier" says="subtract epsilon"
def charbonnier(image, truth, epsilon):
    return ((image - truth) ** 2 + epsilon**2).sqrt().mean((1, 2, 3))


# %% exercise="charbonnier" says="epsilon isn't squared"
def charbonnier(image, truth, epsilon):
    return (((image - truth) ** 2 + epsilon).sqrt() - epsilon).mean((1, 2, 3))


# %% exercise="charbonnier" says="no gradient reaches the image"
def charbonnier(image, truth, epsilon):
    error = (image - truth).detach().numpy()
    return (np.sqrt(error**2 + epsilon**2) - epsilon).mean((1, 2, 3))


# %% exercise="tuning_loss" says="take 1 - SSIM"
def tuning_loss(image, truth, weight, data_range):
    pixels = charbonnier(image, truth, 0.03)
    return ((1 - weight) * pixels + weight * similarity(image, truth, data_range)).mean()


# %% exercise="tuning_loss" says="the weights are exchanged"
def tuning_loss(image, truth, weight, data_range):
    pixels = charbonnier(image, truth, 0.03)
    return (weight * pixels + (1 - weight) * (1 - similarity(image, truth, data_range))).mean()


# %% exercise="tuning_loss" says="hand data_range on"
def tuning_loss(image, truth, weight, data_range):
    pixels = charbonnier(image, truth, 0.03)
    return ((1 - weight) * pixels + weight * (1 - similarity(image, truth, 1.0))).mean()


# %% exercise="keep_best" says="clone each"
class KeepBest:
    def __init__(self):
        self.step = self.loss = self.weights = None

    def offer(self, step, loss, network):
        if self.loss is None or loss < self.loss:
            self.step, self.loss, self.weights = step, loss, network.state_dict()


# %% exercise="keep_best" says="not with the last"
class KeepBest:
    def __init__(self):
        self.step = self.loss = self.weights = self.before = None

    def offer(self, step, loss, network):
        if self.before is None or loss < self.before or step == 200:
            self.step, self.loss = step, loss
            self.weights = {name: value.clone() for name, value in network.state_dict().items()}
        self.before = loss


# %% exercise="keep_best" says="isn't a number"
class KeepBest:
    def __init__(self):
        self.step = self.loss = self.weights = None

    def offer(self, step, loss, network):
        if self.loss is not None and loss > self.loss:
            return
        self.step, self.loss = step, loss
        self.weights = {name: value.clone() for name, value in network.state_dict().items()}


# %% exercise="keep_best" says="keep the start too"
class KeepBest:
    def offer(self, step, loss, network):
        if step and loss < getattr(self, "loss", float("inf")):
            self.step, self.loss = step, loss
            self.weights = {name: value.clone() for name, value in network.state_dict().items()}
