# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.

# %% exercise="least_squares" says="a sigmoid comes before the square"
def least_squares(real, fake):
    """Return LSGAN's losses of the critic and of the generator; labels 1 and 0."""
    real, fake = real.sigmoid(), fake.sigmoid()
    critic = ((real - 1).square().mean() + fake.square().mean()) / 2
    return critic, (fake - 1).square().mean() / 2


# %% exercise="least_squares" says="the labels are exchanged"
def least_squares(real, fake):
    """Return LSGAN's losses of the critic and of the generator; labels 1 and 0."""
    critic = (real.square().mean() + (fake - 1).square().mean()) / 2
    return critic, (fake - 1).square().mean() / 2


# %% exercise="least_squares" says="its label is 0"
def least_squares(real, fake):
    """Return LSGAN's losses of the critic and of the generator; labels 1 and 0."""
    critic = ((real - 1).square().mean() + fake.square().mean()) / 2
    return critic, fake.square().mean() / 2


# %% exercise="least_squares" says="the ½ is missing"
def least_squares(real, fake):
    """Return LSGAN's losses of the critic and of the generator; labels 1 and 0."""
    critic = (real - 1).square().mean() + fake.square().mean()
    return critic, (fake - 1).square().mean() / 2


# %% exercise="least_squares" says="the two losses are exchanged"
def least_squares(real, fake):
    """Return LSGAN's losses of the critic and of the generator; labels 1 and 0."""
    critic = ((real - 1).square().mean() + fake.square().mean()) / 2
    return (fake - 1).square().mean() / 2, critic


# %% exercise="wasserstein" says="score restored images above real ones"
def wasserstein(real, fake):
    """Return Wasserstein's losses of the critic and of the generator."""
    return real.mean() - fake.mean(), -fake.mean()


# %% exercise="wasserstein" says="the sign is turned: it lowers its own score"
def wasserstein(real, fake):
    """Return Wasserstein's losses of the critic and of the generator."""
    return fake.mean() - real.mean(), fake.mean()


# %% exercise="gradient_penalty" says="alpha is the share of the restored image"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


# %% exercise="gradient_penalty" says="the map is summed"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = ((1 - alpha) * real + alpha * fake).detach().requires_grad_()
    scores = critic(between).flatten(1).sum(1)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


# %% exercise="gradient_penalty" says="over the whole batch"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = ((1 - alpha) * real + alpha * fake).detach().requires_grad_()
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.norm() - 1).square().mean()


# %% exercise="gradient_penalty" says="slopes are drawn to 1"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = ((1 - alpha) * real + alpha * fake).detach().requires_grad_()
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1)).square().mean()


# %% exercise="gradient_penalty" says="create_graph=True"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = ((1 - alpha) * real + alpha * fake).detach().requires_grad_()
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


# %% exercise="gradient_penalty" says="reaches the generator"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = (1 - alpha) * real + alpha * fake
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


# %% exercise="gradient_penalty" says="taken at the real images"
def gradient_penalty(critic, real, fake, alpha):
    """Return the mean of (|slope| - 1)² over images (N, C, H, W); alpha (N,) is the share of `fake` at each point."""
    alpha = alpha.view(-1, 1, 1, 1)
    between = real.detach().requires_grad_()
    scores = critic(between).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


# %% exercise="hinge" says="the margins are exchanged"
def hinge(real, fake):
    """Return the hinge losses of the critic and of the generator."""
    return F.relu(1 + real).mean() + F.relu(1 - fake).mean(), -fake.mean()


# %% exercise="hinge" says="it has a hinge too"
def hinge(real, fake):
    """Return the hinge losses of the critic and of the generator."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean(), F.relu(1 - fake).mean()


# %% exercise="hinge" says="the margin 1 is missing"
def hinge(real, fake):
    """Return the hinge losses of the critic and of the generator."""
    return F.relu(-real).mean() + F.relu(fake).mean(), -fake.mean()


# %% exercise="relativistic" says="the generator would help the critic"
def relativistic(real, fake):
    """Return RaGAN-LS's losses of the critic and of the generator."""

    def above(higher, lower):
        return ((higher - lower.mean() - 1).square().mean() + (lower - higher.mean() + 1).square().mean()) / 2

    return above(real, fake), above(real, fake)


# %% exercise="relativistic" says="compared with its own partner"
def relativistic(real, fake):
    """Return RaGAN-LS's losses of the critic and of the generator."""

    def above(higher, lower):
        return ((higher - lower - 1).square().mean() + (lower - higher + 1).square().mean()) / 2

    return above(real, fake), above(fake, real)


# %% exercise="relativistic" says="aren't compared with the other kind's mean"
def relativistic(real, fake):
    """Return RaGAN-LS's losses of the critic and of the generator."""

    def above(higher, lower):
        return ((higher - 1).square().mean() + (lower + 1).square().mean()) / 2

    return above(real, fake), above(fake, real)


# %% exercise="relativistic" says="the ½ is missing"
def relativistic(real, fake):
    """Return RaGAN-LS's losses of the critic and of the generator."""

    def above(higher, lower):
        return (higher - lower.mean() - 1).square().mean() + (lower - higher.mean() + 1).square().mean()

    return above(real, fake), above(fake, real)


# %% exercise="ssim_loss" says="data_range isn't used"
def ssim_loss(image, truth, data_range=1.0):
    """Return 1 - SSIM of each image: (N, C, Y, X) twice → (N,)."""
    line = torch.exp(-((torch.arange(11) - 5) ** 2) / (2 * 1.5**2)).to(image)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, 11, 11)

    def local(values):
        return F.conv2d(values, kernel, groups=values.shape[1])  # each channel by itself, no padding

    c1, c2 = 0.01**2, 0.03**2
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1) * (2 * covariance + c2) / (variances + c2)
    return 1 - similarity.flatten(1).mean(1)


# %% exercise="ssim_loss" says="a loss is 1 - SSIM"
def ssim_loss(image, truth, data_range=1.0):
    """Return 1 - SSIM of each image: (N, C, Y, X) twice → (N,)."""
    line = torch.exp(-((torch.arange(11) - 5) ** 2) / (2 * 1.5**2)).to(image)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, 11, 11)

    def local(values):
        return F.conv2d(values, kernel, groups=values.shape[1])  # each channel by itself, no padding

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1) * (2 * covariance + c2) / (variances + c2)
    return similarity.flatten(1).mean(1)


# %% exercise="ssim_loss" says="the window is flat"
def ssim_loss(image, truth, data_range=1.0):
    """Return 1 - SSIM of each image: (N, C, Y, X) twice → (N,)."""
    line = torch.exp(-((torch.arange(11) - 5) ** 2) / (2 * 1.5**2)).to(image)
    line = torch.ones_like(line)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, 11, 11)

    def local(values):
        return F.conv2d(values, kernel, groups=values.shape[1])  # each channel by itself, no padding

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1) * (2 * covariance + c2) / (variances + c2)
    return 1 - similarity.flatten(1).mean(1)


# %% exercise="ssim_loss" says="the border is padded"
def ssim_loss(image, truth, data_range=1.0):
    """Return 1 - SSIM of each image: (N, C, Y, X) twice → (N,)."""
    line = torch.exp(-((torch.arange(11) - 5) ** 2) / (2 * 1.5**2)).to(image)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, 11, 11)

    def local(values):
        return F.conv2d(values, kernel, padding=5, groups=values.shape[1])  # each channel by itself, no padding

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1) * (2 * covariance + c2) / (variances + c2)
    return 1 - similarity.flatten(1).mean(1)


# %% exercise="ssim_loss" says="lack their square"
def ssim_loss(image, truth, data_range=1.0):
    """Return 1 - SSIM of each image: (N, C, Y, X) twice → (N,)."""
    line = torch.exp(-((torch.arange(11) - 5) ** 2) / (2 * 1.5**2)).to(image)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(image.shape[1], 1, 11, 11)

    def local(values):
        return F.conv2d(values, kernel, groups=values.shape[1])  # each channel by itself, no padding

    c1, c2 = 0.01 * data_range, 0.03 * data_range
    x, y = local(image), local(truth)
    variances = local(image**2) - x**2 + local(truth**2) - y**2
    covariance = local(image * truth) - x * y
    similarity = (2 * x * y + c1) / (x**2 + y**2 + c1) * (2 * covariance + c2) / (variances + c2)
    return 1 - similarity.flatten(1).mean(1)


# %% exercise="perceptual_loss" says="expects ImageNet's mean"
def perceptual_loss(image, truth, trunk):
    """Return the mean squared difference of features of each image: RGB in [0, 1], (N, 3, Y, X) twice → (N,)."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(image).view(3, 1, 1)  # ImageNet's
    deviation = torch.tensor([0.229, 0.224, 0.225]).to(image).view(3, 1, 1)
    difference = trunk(image) - trunk(truth)
    return difference.square().flatten(1).mean(1)


# %% exercise="perceptual_loss" says="no gradient reaches the image"
def perceptual_loss(image, truth, trunk):
    """Return the mean squared difference of features of each image: RGB in [0, 1], (N, 3, Y, X) twice → (N,)."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(image).view(3, 1, 1)  # ImageNet's
    deviation = torch.tensor([0.229, 0.224, 0.225]).to(image).view(3, 1, 1)
    with torch.no_grad():
        difference = trunk((image - mean) / deviation) - trunk((truth - mean) / deviation)
    return difference.square().flatten(1).mean(1)


# %% exercise="perceptual_loss" says="the absolute difference of features"
def perceptual_loss(image, truth, trunk):
    """Return the mean squared difference of features of each image: RGB in [0, 1], (N, 3, Y, X) twice → (N,)."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(image).view(3, 1, 1)  # ImageNet's
    deviation = torch.tensor([0.229, 0.224, 0.225]).to(image).view(3, 1, 1)
    difference = trunk((image - mean) / deviation) - trunk((truth - mean) / deviation)
    return difference.abs().flatten(1).mean(1)


# %% exercise="perceptual_loss" says="the trunk isn't used"
def perceptual_loss(image, truth, trunk):
    """Return the mean squared difference of features of each image: RGB in [0, 1], (N, 3, Y, X) twice → (N,)."""
    mean = torch.tensor([0.485, 0.456, 0.406]).to(image).view(3, 1, 1)  # ImageNet's
    deviation = torch.tensor([0.229, 0.224, 0.225]).to(image).view(3, 1, 1)
    difference = (image - truth) / deviation
    return difference.square().flatten(1).mean(1)


# %% exercise="total_variation" says="those along columns belong in"
def total_variation(image):
    """Return the absolute differences of neighbors, summed, by number of values: (N, C, Y, X) → (N,)."""
    down, across = image.diff(dim=2).abs(), image.diff(dim=3).abs()
    return (0 * down.flatten(1).sum(1) + across.flatten(1).sum(1)) / image[0].numel()


# %% exercise="total_variation" says="aren't divided by the number of values"
def total_variation(image):
    """Return the absolute differences of neighbors, summed, by number of values: (N, C, Y, X) → (N,)."""
    down, across = image.diff(dim=2).abs(), image.diff(dim=3).abs()
    return down.flatten(1).sum(1) + across.flatten(1).sum(1)


# %% exercise="total_variation" says="differences are squared"
def total_variation(image):
    """Return the absolute differences of neighbors, summed, by number of values: (N, C, Y, X) → (N,)."""
    down, across = image.diff(dim=2).square(), image.diff(dim=3).square()
    return (down.flatten(1).sum(1) + across.flatten(1).sum(1)) / image[0].numel()


# %% exercise="total_variation" says="Use diff, not roll"
def total_variation(image):
    """Return the absolute differences of neighbors, summed, by number of values: (N, C, Y, X) → (N,)."""
    down, across = (image - image.roll(1, 2)).abs(), (image - image.roll(1, 3)).abs()
    return (down.flatten(1).sum(1) + across.flatten(1).sum(1)) / image[0].numel()


# %% exercise="total_variation" says="by its own number of differences"
def total_variation(image):
    """Return the absolute differences of neighbors, summed, by number of values: (N, C, Y, X) → (N,)."""
    down, across = image.diff(dim=2).abs(), image.diff(dim=3).abs()
    return down.flatten(1).mean(1) + across.flatten(1).mean(1)
