# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.


# %% exercise="conv_cost" says="groups aren't counted"
def conv_cost(inputs, outputs, kernel, side, groups=1):
    """Return (weights, MACs) of a convolution of stride 1 that keeps a map of side × side pixels."""
    weights = outputs * inputs * kernel**2
    return weights, weights * side**2


# %% exercise="conv_cost" says="side² times"
def conv_cost(inputs, outputs, kernel, side, groups=1):
    """Return (weights, MACs) of a convolution of stride 1 that keeps a map of side × side pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, weights * side


# %% exercise="conv_cost" says="a bias is counted"
def conv_cost(inputs, outputs, kernel, side, groups=1):
    """Return (weights, MACs) of a convolution of stride 1 that keeps a map of side × side pixels."""
    weights = outputs * (inputs // groups) * kernel**2 + outputs
    return weights, weights * side**2


# %% exercise="conv_cost" says="one of both"
def conv_cost(inputs, outputs, kernel, side, groups=1):
    """Return (weights, MACs) of a convolution of stride 1 that keeps a map of side × side pixels."""
    weights = outputs * (inputs // groups) * kernel**2
    return weights, 2 * weights * side**2


# %% exercise="separable" says="it mixes channels"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, bias=False)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1, bias=bias))


# %% exercise="separable" says="only the pointwise may"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1, bias=bias))


# %% exercise="separable" says="something stands between"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return nn.Sequential(depthwise, nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=bias))


# %% exercise="separable" says="neighbors first"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs, bias=bias)
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), depthwise)


# %% exercise="separable" says="something stands between"
def separable(inputs, outputs, bias=False):
    """Return a depthwise 3×3 and a pointwise convolution: (N, inputs, H, W) → (N, outputs, H, W)."""
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1, bias=bias), nn.ReLU())


# %% exercise="top_down" says="enlarged twice"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        height, width = lateral.shape[2:]
        pyramid.append(layers(lateral + F.interpolate(pyramid[-1], scale_factor=4)[..., :height, :width]))
    return pyramid


# %% exercise="top_down" says="the sum isn't smoothed"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral in reversed(maps[:-1]):
        pyramid.append(lateral + F.interpolate(pyramid[-1], scale_factor=2))
    return pyramid


# %% exercise="top_down" says="only the lateral is smoothed"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        pyramid.append(layers(lateral) + F.interpolate(pyramid[-1], scale_factor=2))
    return pyramid


# %% exercise="top_down" says="from fine to coarse"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        pyramid.append(layers(lateral + F.interpolate(pyramid[-1], scale_factor=2)))
    return pyramid[::-1]


# %% exercise="top_down" says="must match the size"
def top_down(maps, smooth):
    """Return the pyramid from the coarsest level to the finest.

    `maps` go from fine to coarse, each half as large as the one before; `smooth` has a module for each level but the
    coarsest, that of the second coarsest first.
    """
    pyramid = [maps[-1]]
    for lateral, layers in zip(reversed(maps[:-1]), smooth, strict=True):
        pyramid.append(layers(lateral + pyramid[-1]))
    return pyramid


# %% exercise="join_heads" says="the finest is in front"
def join_heads(pyramid, heads):
    """Return all heads' results at the finest level's size, concatenated; `pyramid` goes from coarse to fine."""
    finest = len(pyramid) - 1
    found = [head(x) for head, x in zip(heads, pyramid, strict=True)]
    return torch.cat([F.interpolate(x, scale_factor=2 ** (finest - level)) for level, x in enumerate(found)][::-1], 1)


# %% exercise="join_heads" says="concatenate them"
def join_heads(pyramid, heads):
    """Return all heads' results at the finest level's size, concatenated; `pyramid` goes from coarse to fine."""
    finest = len(pyramid) - 1
    found = [head(x) for head, x in zip(heads, pyramid, strict=True)]
    return sum(F.interpolate(x, scale_factor=2 ** (finest - level)) for level, x in enumerate(found))


# %% exercise="join_heads" says="enlarged before their heads"
def join_heads(pyramid, heads):
    """Return all heads' results at the finest level's size, concatenated; `pyramid` goes from coarse to fine."""
    finest = len(pyramid) - 1
    found = pyramid
    return torch.cat(
        [heads[level](F.interpolate(x, scale_factor=2 ** (finest - level))) for level, x in enumerate(found)], 1
    )


# %% exercise="join_heads" says="must match except in dimension 1"
def join_heads(pyramid, heads):
    """Return all heads' results at the finest level's size, concatenated; `pyramid` goes from coarse to fine."""
    finest = len(pyramid) - 1
    found = [head(x) for head, x in zip(heads, pyramid, strict=True)]
    return torch.cat([F.interpolate(x, scale_factor=2**level) for level, x in enumerate(found)], 1)


# %% exercise="fpn" says="the image isn't added"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + finest)  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(F.interpolate(x, scale_factor=2)))  # (N, channels, H, W)
        return x


# %% exercise="fpn" says="isn't clamped"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + finest)  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(F.interpolate(x, scale_factor=2)))  # (N, channels, H, W)
        return image + x


# %% exercise="fpn" says="tanh is missing"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + finest)  # (N, width/4, H/2, W/2)
        x = self.last(F.interpolate(x, scale_factor=2))  # (N, channels, H, W)
        return (image + x).clamp(-1, 1)


# %% exercise="fpn" says="isn't added before `refine`"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + 0 * finest)  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(F.interpolate(x, scale_factor=2)))  # (N, channels, H, W)
        return (image + x).clamp(-1, 1)


# %% exercise="fpn" says="Laterals have no bias"
class FPN(nn.Module):
    """Map (N, channels, H, W) to the same shape, in [-1, 1] both; H and W multiples of 32, at least 64."""

    def __init__(self, channels, width=128, conv=separable):
        super().__init__()
        half, quarter = width // 2, width // 4
        self.encoder = make_backbone("mobilenet_v2", channels).encoder
        outputs = (half, width, width, width, width)
        self.laterals = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in zip(ENCODED, outputs, strict=True))
        self.smooth = nn.ModuleList(normalized(conv, width, width) for _ in range(3))
        self.heads = nn.ModuleList(make_head(conv, width) for _ in range(4))
        self.merge = normalized(conv, 4 * half, half)
        self.refine = normalized(conv, half, quarter)
        self.last = conv(quarter, channels, bias=True)

    def forward(self, image):
        finest, *maps = [lateral(x) for lateral, x in zip(self.laterals, self.encoder(image), strict=True)]
        x = self.merge(join_heads(top_down(maps, self.smooth), self.heads))  # (N, width/2, H/4, W/4)
        x = self.refine(F.interpolate(x, scale_factor=2) + finest)  # (N, width/4, H/2, W/2)
        x = torch.tanh(self.last(F.interpolate(x, scale_factor=2)))  # (N, channels, H, W)
        return (image + x).clamp(-1, 1)
