# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.


# %% exercise="residual_block" says="shortcut is missing"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same shape; `dropout` is the share of values that is silenced."""

    def __init__(self, channels, dropout=0.5):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return self.body(x)


# %% exercise="residual_block" says="padded with zeros"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same shape; `dropout` is the share of values that is silenced."""

    def __init__(self, channels, dropout=0.5):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return x + self.body(x)


# %% exercise="residual_block" says="ReLU stands after the sum"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same shape; `dropout` is the share of values that is silenced."""

    def __init__(self, channels, dropout=0.5):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return torch.relu(x + self.body(x))


# %% exercise="residual_block" says="BatchNorm2d"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same shape; `dropout` is the share of values that is silenced."""

    def __init__(self, channels, dropout=0.5):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return x + self.body(x)


# %% exercise="residual_block" says="dropout is [0.5]"
class ResidualBlock(nn.Module):
    """Map (N, channels, H, W) to the same shape; `dropout` is the share of values that is silenced."""

    def __init__(self, channels, dropout=0.5):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return x + self.body(x)


# %% exercise="resnet" says="the image isn't added"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image):
        return self.layers(image)


# %% exercise="resnet" says="(image + tanh) / 2"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image):
        return (image + self.layers(image)) / 2


# %% exercise="resnet" says="clamp the sum"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image):
        return image + self.layers(image)


# %% exercise="resnet" says="Tanh is missing"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
        )

    def forward(self, image):
        return (image + self.layers(image)).clamp(-1, 1)


# %% exercise="resnet" says="makes 2n - 1 pixels of n"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image):
        return (image + self.layers(image)).clamp(-1, 1)


# %% exercise="resnet" says="7×7 convolutions pad with zeros"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3)),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(blocks)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3),
            nn.Tanh(),
        )

    def forward(self, image):
        return (image + self.layers(image)).clamp(-1, 1)


# %% exercise="resnet" says="expected 10: 3 down, 2 a block, 3 up"
class ResNet(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 4."""

    def __init__(self, channels, width=64, blocks=9, dropout=0.5):
        super().__init__()

        def normalized(layer):
            return [layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()]

        self.layers = nn.Sequential(
            *normalized(nn.Conv2d(channels, width, 7, padding=3, padding_mode="reflect")),
            *normalized(nn.Conv2d(width, 2 * width, 3, 2, 1)),
            *normalized(nn.Conv2d(2 * width, 4 * width, 3, 2, 1)),
            *[ResidualBlock(4 * width, dropout) for _ in range(9)],
            *normalized(nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1, output_padding=1)),
            *normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, output_padding=1)),
            nn.Conv2d(width, channels, 7, padding=3, padding_mode="reflect"),
            nn.Tanh(),
        )

    def forward(self, image):
        return (image + self.layers(image)).clamp(-1, 1)


# %% exercise="wasserstein_critic" says="there is a sigmoid"
def wasserstein_critic(in_channels, width=64):
    """Return a critic: (N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2), any numbers."""
    layers = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level, stride in enumerate((2, 2, 1)):
        outputs = width * 2 ** (level + 1)
        layers += [nn.Conv2d(outputs // 2, outputs, 4, stride, 1), nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1), nn.Sigmoid())


# %% exercise="wasserstein_critic" says="that is batch norm"
def wasserstein_critic(in_channels, width=64):
    """Return a critic: (N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2), any numbers."""
    layers = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level, stride in enumerate((2, 2, 1)):
        outputs = width * 2 ** (level + 1)
        layers += [nn.Conv2d(outputs // 2, outputs, 4, stride, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


# %% exercise="wasserstein_critic" says="expected (3, 1, 6, 4)"
def wasserstein_critic(in_channels, width=64):
    """Return a critic: (N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2), any numbers."""
    layers = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level, stride in enumerate((2, 2, 2)):
        outputs = width * 2 ** (level + 1)
        layers += [nn.Conv2d(outputs // 2, outputs, 4, stride, 1), nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


# %% exercise="wasserstein_critic" says="instance norms; expected 3"
def wasserstein_critic(in_channels, width=64):
    """Return a critic: (N, in_channels, H, W) → (N, 1, H/8 - 2, W/8 - 2), any numbers."""
    layers = [nn.Conv2d(in_channels, width, 4, 2, 1), nn.InstanceNorm2d(width), nn.LeakyReLU(0.2)]
    for level, stride in enumerate((2, 2, 1)):
        outputs = width * 2 ** (level + 1)
        layers += [nn.Conv2d(outputs // 2, outputs, 4, stride, 1), nn.InstanceNorm2d(outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


# %% exercise="critic_slope" says="create_graph=True"
def critic_slope(critic, images):
    """Return the norm of the gradient of each image's mean score, (N,), which can be differentiated again."""
    images = images.detach().requires_grad_()
    scores = critic(images).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), images)
    return slope.flatten(1).norm(dim=1)


# %% exercise="critic_slope" says="one number for the whole batch"
def critic_slope(critic, images):
    """Return the norm of the gradient of each image's mean score, (N,), which can be differentiated again."""
    images = images.detach().requires_grad_()
    scores = critic(images).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return slope.norm()


# %% exercise="critic_slope" says="sum of the map"
def critic_slope(critic, images):
    """Return the norm of the gradient of each image's mean score, (N,), which can be differentiated again."""
    images = images.detach().requires_grad_()
    scores = critic(images).flatten(1).sum(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return slope.flatten(1).norm(dim=1)


# %% exercise="critic_slope" says="divided by N"
def critic_slope(critic, images):
    """Return the norm of the gradient of each image's mean score, (N,), which can be differentiated again."""
    images = images.detach().requires_grad_()
    scores = critic(images).flatten(1).mean(1)  # (N,)
    (slope,) = torch.autograd.grad(scores.mean(), images, create_graph=True)
    return slope.flatten(1).norm(dim=1)


# %% exercise="wasserstein_loss" says="the sign is turned"
def wasserstein_loss(critic, sharp, restored, alpha):
    """Return what the critic minimizes; at its random points `alpha`, (N,), is the share of the restored image."""
    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    penalty = (critic_slope(critic, between) - 1).square().mean()
    return critic(sharp).mean() - critic(restored).mean() + 10 * penalty


# %% exercise="wasserstein_loss" says="not on its distance from 1"
def wasserstein_loss(critic, sharp, restored, alpha):
    """Return what the critic minimizes; at its random points `alpha`, (N,), is the share of the restored image."""
    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    penalty = critic_slope(critic, between).square().mean()
    return critic(restored).mean() - critic(sharp).mean() + 10 * penalty


# %% exercise="wasserstein_loss" says="its weight is 10"
def wasserstein_loss(critic, sharp, restored, alpha):
    """Return what the critic minimizes; at its random points `alpha`, (N,), is the share of the restored image."""
    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    penalty = (critic_slope(critic, between) - 1).square().mean()
    return critic(restored).mean() - critic(sharp).mean() + penalty


# %% exercise="wasserstein_loss" says="at restored images"
def wasserstein_loss(critic, sharp, restored, alpha):
    """Return what the critic minimizes; at its random points `alpha`, (N,), is the share of the restored image."""
    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    penalty = (critic_slope(critic, restored) - 1).square().mean()
    return critic(restored).mean() - critic(sharp).mean() + 10 * penalty


# %% exercise="wasserstein_loss" says="cut off"
def wasserstein_loss(critic, sharp, restored, alpha):
    """Return what the critic minimizes; at its random points `alpha`, (N,), is the share of the restored image."""
    between = sharp.lerp(restored, alpha.view(-1, 1, 1, 1))
    penalty = (critic_slope(critic, between) - 1).square().mean()
    return critic(restored).mean() - critic(sharp).mean() + 10 * penalty.item()


# %% exercise="vgg_content" says="images stay in [-1, 1]"
def vgg_content(image, truth, trunk):
    """Return the mean squared difference of features; images (N, 1, H, W) in [-1, 1], `trunk` takes normalized RGB."""

    def features(x):
        rgb = x.expand(-1, 3, -1, -1)
        return trunk((rgb - IMAGENET_MEAN.to(x)) / IMAGENET_STD.to(x))

    return (features(image) - features(truth)).square().mean()


# %% exercise="vgg_content" says="deviation aren't used"
def vgg_content(image, truth, trunk):
    """Return the mean squared difference of features; images (N, 1, H, W) in [-1, 1], `trunk` takes normalized RGB."""

    def features(x):
        rgb = ((x + 1) / 2).expand(-1, 3, -1, -1)
        return trunk(rgb)

    return (features(image) - features(truth)).square().mean()


# %% exercise="vgg_content" says="squares are added up"
def vgg_content(image, truth, trunk):
    """Return the mean squared difference of features; images (N, 1, H, W) in [-1, 1], `trunk` takes normalized RGB."""

    def features(x):
        rgb = ((x + 1) / 2).expand(-1, 3, -1, -1)
        return trunk((rgb - IMAGENET_MEAN.to(x)) / IMAGENET_STD.to(x))

    return (features(image) - features(truth)).square().sum()


# %% exercise="vgg_content" says="compares pixels"
def vgg_content(image, truth, trunk):
    """Return the mean squared difference of features; images (N, 1, H, W) in [-1, 1], `trunk` takes normalized RGB."""

    def features(x):
        rgb = ((x + 1) / 2).expand(-1, 3, -1, -1)
        return trunk((rgb - IMAGENET_MEAN.to(x)) / IMAGENET_STD.to(x))

    return (image - truth).square().mean()


# %% exercise="wasserstein_step" says="detach the restored images"
def wasserstein_step(generator, critic, optimizer, blurred, sharp, alpha):
    """Move the critic by one step of its optimizer, and return its loss as a float."""
    loss = wasserstein_loss(critic, sharp, generator(blurred), alpha)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="wasserstein_step" says="zero_grad() before backward"
def wasserstein_step(generator, critic, optimizer, blurred, sharp, alpha):
    """Move the critic by one step of its optimizer, and return its loss as a float."""
    loss = wasserstein_loss(critic, sharp, generator(blurred).detach(), alpha)
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="wasserstein_step" says="sign of the loss is turned"
def wasserstein_step(generator, critic, optimizer, blurred, sharp, alpha):
    """Move the critic by one step of its optimizer, and return its loss as a float."""
    loss = wasserstein_loss(critic, generator(blurred).detach(), sharp, 1 - alpha)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="wasserstein_step" says="nothing has moved"
def wasserstein_step(generator, critic, optimizer, blurred, sharp, alpha):
    """Move the critic by one step of its optimizer, and return its loss as a float."""
    loss = wasserstein_loss(critic, sharp, generator(blurred).detach(), alpha)
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


# %% exercise="deblurgan_step" says="the generator wants high scores"
def deblurgan_step(generator, critic, optimizer, blurred, sharp, content, weight):
    """Move the generator: it minimizes content(restored, sharp) and, times `weight`, the critic's displeasure."""
    restored = generator(blurred)
    loss = content(restored, sharp) + weight * critic(restored).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="deblurgan_step" says="nothing here may be detached"
def deblurgan_step(generator, critic, optimizer, blurred, sharp, content, weight):
    """Move the generator: it minimizes content(restored, sharp) and, times `weight`, the critic's displeasure."""
    restored = generator(blurred)
    loss = content(restored, sharp) - weight * critic(restored.detach()).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="deblurgan_step" says="zero_grad() before backward"
def deblurgan_step(generator, critic, optimizer, blurred, sharp, content, weight):
    """Move the generator: it minimizes content(restored, sharp) and, times `weight`, the critic's displeasure."""
    restored = generator(blurred)
    loss = content(restored, sharp) - weight * critic(restored).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


# %% exercise="deblurgan_step" says="`weight` isn't used"
def deblurgan_step(generator, critic, optimizer, blurred, sharp, content, weight):
    """Move the generator: it minimizes content(restored, sharp) and, times `weight`, the critic's displeasure."""
    restored = generator(blurred)
    loss = content(restored, sharp) - critic(restored).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
