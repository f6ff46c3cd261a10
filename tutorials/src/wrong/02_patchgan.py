# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.

# %% exercise="patch_span" says="from the first layer to the last"
def patch_span(index, layers):
    first = last = index
    for kernel, stride, padding in layers:
        first = first * stride - padding
        last = last * stride - padding + kernel - 1
    return first, last


# %% exercise="patch_span" says="padding is left out"
def patch_span(index, layers):
    first = last = index
    for kernel, stride, _ in reversed(layers):
        first = first * stride
        last = last * stride + kernel - 1
    return first, last


# %% exercise="patch_span" says="padding is added"
def patch_span(index, layers):
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first = first * stride + padding
        last = last * stride + padding + kernel - 1
    return first, last


# %% exercise="patch_span" says="a pixel too far"
def patch_span(index, layers):
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + kernel
    return first, last


# %% exercise="patch_span" says="isn't multiplied by the stride"
def patch_span(index, layers):
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first = first * stride - padding
        last = last - padding + kernel - 1
    return first, last


# %% exercise="patch_span" says="expected (first, last)"
def patch_span(index, layers):
    side = 1
    for kernel, stride, _ in reversed(layers):
        side = (side - 1) * stride + kernel
    return side


# %% exercise="stage" says="stride 2"
def stage(in_channels, out_channels, stride=2, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 4, 1, 1, bias=not norm), *norms, nn.LeakyReLU(0.2))


# %% exercise="stage" says="LeakyReLU, after the norm"
def stage(in_channels, out_channels, stride=2, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(in_channels, out_channels, 4, stride, 1, bias=not norm), *norms)


# %% exercise="stage" says="Plain ReLU stops gradients"
def stage(in_channels, out_channels, stride=2, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 4, stride, 1, bias=not norm), *norms, nn.ReLU())


# %% exercise="stage" says="does nothing"
def stage(in_channels, out_channels, stride=2, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 4, stride, 1), *norms, nn.LeakyReLU(0.2))


# %% exercise="stage" says="needs its bias"
def stage(in_channels, out_channels, stride=2, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 4, stride, 1, bias=False), *norms, nn.LeakyReLU(0.2))


# %% exercise="patchgan" says="takes 1 channels and is given 3"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined))


# %% exercise="patchgan" says="the condition is never looked at"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = (
            image
            if condition is None
            else torch.cat([image, image, image], 1)[:, : image.shape[1] + condition.shape[1]]
        )
        return self.score(self.stages(joined))


# %% exercise="patchgan" says="the image comes first"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([image, condition], 1)
        return self.score(self.stages(joined))


# %% exercise="patchgan" says="leave the sigmoid out"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return torch.sigmoid(self.score(self.stages(joined)))


# %% exercise="patchgan" says="one score an image"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined)).mean((1, 2, 3))


# %% exercise="patchgan" says="expected (2, 1, 4, 6)"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * (depth + flat)
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined))


# %% exercise="patchgan" says="The first stage has no norm"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 8) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level >= 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined))


# %% exercise="patchgan" says="at most 8·width"
class PatchGAN(nn.Module):
    """Score patches of (N, in_channels, H, W), beside (N, condition_channels, H, W) if there is one: (N, 1, h, w)."""

    def __init__(self, in_channels, condition_channels=0, width=64, depth=3, flat=1, norm=True):
        super().__init__()
        strides = [2] * depth + [1] * flat
        widths = [width * min(2**level, 2) for level in range(len(strides))]
        self.stages = nn.Sequential()
        before = in_channels + condition_channels
        for level, (stride, channels) in enumerate(zip(strides, widths, strict=True)):
            self.stages.append(stage(before, channels, stride, norm=norm and level > 0))
            before = channels
        self.score = nn.Conv2d(before, 1, 4, 1, 1)

    def forward(self, image, condition=None):
        joined = image if condition is None else torch.cat([condition, image], 1)
        return self.score(self.stages(joined))
