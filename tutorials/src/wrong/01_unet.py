# %% [markdown]
# Answers that learners give, and what the check must tell them. Never part of a product.

# %% exercise="conv_side" says="the padding lies on both ends"
def conv_side(side, kernel, stride, padding):
    return (side + padding - kernel) // stride + 1


# %% exercise="conv_side" says="the first place counts too"
def conv_side(side, kernel, stride, padding):
    return (side + 2 * padding - kernel) // stride


# %% exercise="conv_side" says="divide with //"
def conv_side(side, kernel, stride, padding):
    return (side + 2 * padding - kernel) / stride + 1


# %% exercise="down" says="stride 2"
def down(in_channels, out_channels, norm=True):
    return nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(in_channels, out_channels, 3, 1, 1, bias=False))


# %% exercise="down" says="LeakyReLU comes after the convolution"
def down(in_channels, out_channels, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False), *norms, nn.LeakyReLU(0.2))


# %% exercise="down" says="has a bias"
def down(in_channels, out_channels, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(in_channels, out_channels, 4, 2, 1), *norms)


# %% exercise="down" says="the slope 0.01"
def down(in_channels, out_channels, norm=True):
    norms = [nn.BatchNorm2d(out_channels)] if norm else []
    return nn.Sequential(nn.LeakyReLU(), nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False), *norms)


# %% exercise="up" says="expected (2, 10, 16, 12)"
def up(in_channels, out_channels, dropout=0.0):
    conv = nn.ConvTranspose2d(in_channels, out_channels, 4, 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(out_channels))


# %% exercise="up" says="dropout is 0.0 where 0.5 was asked for"
def up(in_channels, out_channels, dropout=0.0):
    conv = nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False)
    return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(out_channels))


# %% exercise="up" says="there is no batch norm"
def up(in_channels, out_channels, dropout=0.0):
    return nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False))


# %% exercise="unet" says="skip is missing"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level]
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = level(x)
        return self.last(x)


# %% exercise="unet" says="skip is added"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level]
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = skips.pop() + level(x)
        return self.last(x)


# %% exercise="unet" says="isn't the encoder's map"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = level(x)
            x = torch.cat([x, x], 1)
        return self.last(x)


# %% exercise="unet" says="stands behind the other channels"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([level(x), skips.pop()], 1)
        return self.last(x)


# %% exercise="unet" says="Tanh at the end is missing"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1))

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([skips.pop(), level(x)], 1)
        return self.last(x)


# %% exercise="unet" says="no output is negative"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Sigmoid())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([skips.pop(), level(x)], 1)
        return self.last(x)


# %% exercise="unet" says="Tanh is taken twice"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(2**level, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([skips.pop(), level(x)], 1)
        return torch.tanh(self.last(x))


# %% exercise="unet" says="expected (16, 8, 4, 4)"
class UNet(nn.Module):
    """Map (N, in_channels, H, W) to (N, out_channels, H, W), in [-1, 1] both; H and W multiples of 2**depth."""

    def __init__(self, in_channels, out_channels, width=64, depth=2, bottom_norm=True, dropout=0.0):
        super().__init__()
        widths = [width * min(1, 8) for level in range(depth)]
        self.encoder = nn.ModuleList([nn.Conv2d(in_channels, width, 4, 2, 1, bias=False)])
        for level in range(1, depth):
            self.encoder.append(down(widths[level - 1], widths[level], norm=level < depth - 1 or bottom_norm))
        self.decoder = nn.ModuleList()
        for level in range(depth - 1, 0, -1):
            joined = widths[level] * (1 if level == depth - 1 else 2)
            self.decoder.append(up(joined, widths[level - 1], dropout=dropout if level > 4 else 0.0))
        self.last = nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(2 * width, out_channels, 4, 2, 1), nn.Tanh())

    def forward(self, x):
        skips = []
        for level in self.encoder:
            x = level(x)
            skips.append(x)
        x = skips.pop()  # the bottom isn't a skip
        for level in self.decoder:
            x = torch.cat([skips.pop(), level(x)], 1)
        return self.last(x)
