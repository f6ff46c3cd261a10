# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.


# %% exercise="dual_critic" says="the deep critic's map comes first"
class DualCritic(nn.Module):
    """Map (N, in_channels, H, W) to two maps of scores: of a shallow critic, and of a deep one."""

    def __init__(self, in_channels, width=64, depths=(3, 5)):
        super().__init__()
        self.patch = make_critic(in_channels, width, depths[0])
        self.full = make_critic(in_channels, width, depths[1])

    def forward(self, image):
        return [self.full(image), self.patch(image)]


# %% exercise="dual_critic" says="at its full size"
class DualCritic(nn.Module):
    """Map (N, in_channels, H, W) to two maps of scores: of a shallow critic, and of a deep one."""

    def __init__(self, in_channels, width=64, depths=(3, 5)):
        super().__init__()
        self.patch = make_critic(in_channels, width, depths[0])
        self.full = make_critic(in_channels, width, depths[1])

    def forward(self, image):
        return [self.patch(image), self.full(nn.functional.avg_pool2d(image, 2))]


# %% exercise="dual_critic" says="expected a list of two"
class DualCritic(nn.Module):
    """Map (N, in_channels, H, W) to two maps of scores: of a shallow critic, and of a deep one."""

    def __init__(self, in_channels, width=64, depths=(3, 5)):
        super().__init__()
        self.patch = make_critic(in_channels, width, depths[0])
        self.full = make_critic(in_channels, width, depths[1])

    def forward(self, image):
        return self.full(image)


# %% exercise="dual_critic" says="each with weights of its own"
class DualCritic(nn.Module):
    """Map (N, in_channels, H, W) to two maps of scores: of a shallow critic, and of a deep one."""

    def __init__(self, in_channels, width=64, depths=(3, 5)):
        super().__init__()
        self.patch = make_critic(in_channels, width, depths[0])
        self.full = self.patch = make_critic(in_channels, width, depths[1])

    def forward(self, image):
        return [make_critic(image.shape[1], 1, 1)(image), self.full(image)]


# %% exercise="relativistic_losses" says="given the critic's loss"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()) / 2

    return loss(real, fake), loss(real, fake)


# %% exercise="relativistic_losses" says="which has no floor"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()) / 2

    return loss(real, fake), -loss(real, fake)


# %% exercise="relativistic_losses" says="plain least squares"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - 1).square().mean() + (low + 1).square().mean()) / 2

    return loss(real, fake), loss(fake, real)


# %% exercise="relativistic_losses" says="compared with its partner"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low - 1).square().mean() + (low - high + 1).square().mean()) / 2

    return loss(real, fake), loss(fake, real)


# %% exercise="relativistic_losses" says="the ½ is missing"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return (high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()

    return loss(real, fake), loss(fake, real)


# %% exercise="relativistic_losses" says="lacks the sharp images"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()) / 2

    return loss(real, fake), (fake - real.mean() - 1).square().mean() / 2


# %% exercise="relativistic_losses" says="it wants sharp images high"
def relativistic_losses(real, fake):
    """Return (the critic's loss, the generator's loss) from the scores of sharp and of restored images."""

    def loss(high, low):
        return ((high - low.mean() - 1).square().mean() + (low - high.mean() + 1).square().mean()) / 2

    return loss(fake, real), loss(real, fake)


# %% exercise="dual_losses" says="drowns the other"
def dual_losses(real, fake):
    """Return (critic's, generator's), averaged over critics; `real` and `fake` are lists of score maps."""
    joined = [torch.cat([scores.flatten() for scores in maps]) for maps in (real, fake)]
    losses = [relativistic_losses(*joined)]
    critic_losses, generator_losses = zip(*losses, strict=True)
    return sum(critic_losses) / len(losses), sum(generator_losses) / len(losses)


# %% exercise="dual_losses" says="average them"
def dual_losses(real, fake):
    """Return (critic's, generator's), averaged over critics; `real` and `fake` are lists of score maps."""
    losses = [relativistic_losses(*maps) for maps in zip(real, fake, strict=True)]
    critic_losses, generator_losses = zip(*losses, strict=True)
    return sum(critic_losses), sum(generator_losses)


# %% exercise="dual_losses" says="only the first critic counts"
def dual_losses(real, fake):
    """Return (critic's, generator's), averaged over critics; `real` and `fake` are lists of score maps."""
    losses = [relativistic_losses(*maps) for maps in zip(real[:1], fake[:1], strict=True)]
    critic_losses, generator_losses = zip(*losses, strict=True)
    return sum(critic_losses) / len(losses), sum(generator_losses) / len(losses)


# %% exercise="dual_step" says="detach for the critic's half"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="nothing of the critic reaches"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    _, adversarial = dual_losses(critic(sharp), critic(restored.detach()))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="learns to be found out"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    adversarial, _ = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="the critic goes down the generator's loss"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    _, critic_loss = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="the critic hasn't moved"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="`weight` isn't used"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    return critic_loss.item(), loss.item()


# %% exercise="dual_step" says="as it was before its step"
def dual_step(generator, critic, optimizers, degraded, sharp, weight):
    """Move the critic, then the generator; `optimizers` are (the generator's, the critic's). Return both losses."""
    restored = generator(degraded)
    _, adversarial = dual_losses(critic(sharp), critic(restored))
    loss = (restored - sharp).abs().mean() + weight * adversarial
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    critic_loss, _ = dual_losses(critic(sharp), critic(restored.detach()))
    optimizers[1].zero_grad()
    critic_loss.backward()
    optimizers[1].step()
    return critic_loss.item(), loss.item()
