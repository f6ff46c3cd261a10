"""NAFNet: counts, a block by hand, the mean around a pixel, what it sees."""

import pytest
import torch
from torch.nn import functional as F

from gan_lessons.blocks import MeanPool
from gan_lessons.errors import InputError
from gan_lessons.generators.nafnet import NAFBlock, NAFNet

SMALL = {"width": 2, "encoder": (1, 1), "decoder": (1, 1)}


@pytest.mark.parametrize(("width", "count"), [(32, 17_111_907), (64, 67_888_835)])
def test_counts_are_those_of_the_published_weights(width, count):
    with torch.device("meta"):
        network = NAFNet(width=width)
    assert sum(p.numel() for p in network.parameters()) == count


def test_a_block_by_hand():
    torch.manual_seed(0)
    block = NAFBlock(4, None, "layer")
    for parameter in block.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    x = torch.rand(2, 4, 5, 6)

    def normalize(x, norm):
        centered = x - x.mean(1, keepdim=True)
        scaled = centered / (centered.square().mean(1, keepdim=True) + 1e-6).sqrt()
        return scaled * norm.weight.view(1, -1, 1, 1) + norm.bias.view(1, -1, 1, 1)

    y = block.depthwise(block.expand(normalize(x, block.norm1)))
    y = y[:, :4] * y[:, 4:]
    y = x + block.beta * block.project(y * block.attention(F.adaptive_avg_pool2d(y, 1)))
    z = block.widen(normalize(y, block.norm2))
    torch.testing.assert_close(block(x), y + block.gamma * block.narrow(z[:, :4] * z[:, 4:]))


class ExactMean(torch.nn.Module):
    """The oracle: average pooling, whose border values are repeated where the window would leave the map."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window

    def forward(self, x):
        kernel = [min(self.window, side) for side in x.shape[2:]]
        left, top = (kernel[1] - 1) // 2, (kernel[0] - 1) // 2
        padding = (left, kernel[1] - 1 - left, top, kernel[0] - 1 - top)
        return F.pad(F.avg_pool2d(x, kernel, stride=1), padding, mode="replicate")


@pytest.mark.parametrize("window", [1, 2, 3, 4, 7, 100])
@pytest.mark.parametrize("size", [(1, 1), (5, 8), (12, 3)])
def test_the_mean_around_a_pixel(window, size):
    x = torch.rand(2, 3, *size)
    torch.testing.assert_close(MeanPool(window)(x), ExactMean(window)(x))


def test_a_window_that_covers_the_image_is_the_whole_image():
    torch.manual_seed(0)
    whole, local = NAFNet(**SMALL), NAFNet(**SMALL, window=64)
    local.load_state_dict(whole.state_dict())
    image = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(local(image), whole(image))


@pytest.mark.parametrize("upsampling", ["resize", "transposed", "pixel_shuffle"])
@pytest.mark.parametrize("window", [4, 8])
def test_receptive_field(seen_by, window, upsampling):
    """With the oracle's mean: differences of running sums cancel to the last digits, hence not to zero."""
    network = NAFNet(1, 1, **SMALL, window=window, norm="none", upsampling=upsampling)
    for block in network.modules():
        if isinstance(block, NAFBlock):
            block.pool = ExactMean(block.pool.window)
    assert seen_by(network, network.receptive_field + 16, brightest=0.5) == network.receptive_field


def test_the_global_mean_sees_the_whole_image():
    assert NAFNet(**SMALL).receptive_field is None


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="window 6: expected a multiple of 4"):
        NAFNet(**SMALL, window=6)
    with pytest.raises(InputError, match="decoder of 1 levels; expected 2"):
        NAFNet(encoder=(1, 1), decoder=(1,))
