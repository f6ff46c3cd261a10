# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.

# %% exercise="critic_loss" says="sigmoid is taken twice"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real.sigmoid(), torch.ones_like(real))
    return real_part + F.binary_cross_entropy_with_logits(fake.sigmoid(), torch.zeros_like(fake))


# %% exercise="critic_loss" says="the labels are exchanged"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real, torch.zeros_like(real))
    return real_part + F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))


# %% exercise="critic_loss" says="only real images count"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    return real_part


# %% exercise="critic_loss" says="the label of restored images is 1 as well"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    return real_part + F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))


# %% exercise="critic_loss" says="it is half of it"
def critic_loss(real, fake):
    """Return what the critic minimizes, a scalar, from its scores (N, 1, h, w) of real and of restored images."""
    real_part = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    return (real_part + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))) / 2


# %% exercise="generator_loss" says="it rewards being found out"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    return taken_for_real + weight * (restored - sharp).abs().mean()


# %% exercise="generator_loss" says="this is minimax"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = -F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    return taken_for_real + weight * (restored - sharp).abs().mean()


# %% exercise="generator_loss" says="sigmoid is taken twice"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake.sigmoid(), torch.ones_like(fake))
    return taken_for_real + weight * (restored - sharp).abs().mean()


# %% exercise="generator_loss" says="the weight of L1 isn't used"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    return taken_for_real + (restored - sharp).abs().mean()


# %% exercise="generator_loss" says="it belongs to L1"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    return weight * taken_for_real + (restored - sharp).abs().mean()


# %% exercise="generator_loss" says="this is the squared error"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    return taken_for_real + weight * (restored - sharp).square().mean()


# %% exercise="generator_loss" says="summed over pixels"
def generator_loss(fake, restored, sharp, weight=100):
    """Return what the generator minimizes: cross-entropy of the scores `fake` with label 1, and weighted L1."""
    taken_for_real = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    return taken_for_real + weight * (restored - sharp).abs().sum()


# %% exercise="critic_step" says="gradients reach the generator"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(sharp, degraded), critic(restored, degraded))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="critic_step" says="optimizer.zero_grad() before backward"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(sharp, degraded), critic(restored.detach(), degraded))
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="critic_step" says="zero_grad comes after backward"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(sharp, degraded), critic(restored.detach(), degraded))
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss


# %% exercise="critic_step" says="real and restored are exchanged"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(restored.detach(), degraded), critic(sharp, degraded))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="critic_step" says="judged beside the sharp one"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(sharp, degraded), critic(restored.detach(), sharp))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="critic_step" says="image and condition are exchanged"
def critic_step(critic, optimizer, degraded, sharp, restored):
    """Move the critic one step, and nothing else; return its loss. `critic(image, degraded)` gives scores."""
    loss = critic_loss(critic(degraded, sharp), critic(degraded, restored.detach()))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="generator_step" says="restored is detached here, too"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored.detach(), degraded), restored, sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="generator_step" says="optimizer.zero_grad() before backward"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, degraded), restored, sharp, weight)
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="generator_step" says="the generator doesn't move"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, degraded), restored, sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    return loss


# %% exercise="generator_step" says="judged beside the sharp one"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, sharp), restored, sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="generator_step" says="the critic moves"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, degraded), restored, sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if critic is not None:
        torch.optim.SGD(critic.parameters(), 0.1).step()
    return loss


# %% exercise="generator_step" says="L1 doesn't reach it"
def generator_step(critic, optimizer, degraded, sharp, restored, weight=100):
    """Move the generator that made `restored` one step; return its loss. Without a critic (None): weighted L1 alone."""
    if critic is None:
        loss = weight * (restored - sharp).abs().mean()
    else:
        loss = generator_loss(critic(restored, degraded), restored.detach(), sharp, weight)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


# %% exercise="gan_step" says="although joint is False"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True):
    """Step both, the critic first, or the generator alone; return the critic's loss (or None) and the generator's."""
    restored = generator(degraded)
    said = critic_step(critic, critic_optimizer, degraded, sharp, restored)
    return said, generator_step(critic if joint else None, generator_optimizer, degraded, sharp, restored)


# %% exercise="gan_step" says="critic first"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True):
    """Step both, the critic first, or the generator alone; return the critic's loss (or None) and the generator's."""
    restored = generator(degraded)
    loss = generator_step(critic if joint else None, generator_optimizer, degraded, sharp, restored)
    said = critic_step(critic, critic_optimizer, degraded, sharp, generator(degraded)) if joint else None
    return said, loss


# %% exercise="gan_step" says="the critic rests although joint is True"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True):
    """Step both, the critic first, or the generator alone; return the critic's loss (or None) and the generator's."""
    restored = generator(degraded)
    return None, generator_step(None, generator_optimizer, degraded, sharp, restored)


# %% exercise="gan_step" says="nothing moves"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True):
    """Step both, the critic first, or the generator alone; return the critic's loss (or None) and the generator's."""
    restored = generator(degraded)
    return None, generator_loss(critic(restored, degraded), restored, sharp)


# %% exercise="gan_step" says="the generator hears the critic"
def gan_step(generator, critic, generator_optimizer, critic_optimizer, degraded, sharp, joint=True):
    restored = generator(degraded)
    said = critic_step(critic, critic_optimizer, degraded, sharp, restored) if joint else None
    return said, generator_step(critic, generator_optimizer, degraded, sharp, restored)
