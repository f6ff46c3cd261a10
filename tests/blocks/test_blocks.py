"""The parts of networks against torch's own, and against arithmetic done by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from gan_lessons.blocks import (
    LayerNorm,
    PixelShuffle,
    SelfAttention,
    crop_like,
    initialize,
    make_norm,
    make_upsampling,
    measure_cost,
    measure_field,
    norm_is_local,
    pad_to_multiple,
    through_conv,
    through_transposed,
    through_upsampling,
)

NORMS = ["batch", "instance", "layer", "group", "none"]
UPSAMPLINGS = ["transposed", "resize", "pixel_shuffle"]
sides = st.integers(1, 30)


@given(height=sides, width=sides, multiple=st.sampled_from([1, 4, 8]), twice=st.booleans())
def test_padding_replicates_and_crops_back(height, width, multiple, twice):
    x = torch.rand(1, 2, height, width)
    padded = pad_to_multiple(x, multiple, least=2 * multiple if twice else 1)
    assert all(side % multiple == 0 for side in padded.shape[2:])
    assert all(side >= 2 * multiple for side in padded.shape[2:]) or not twice
    rows, columns = (torch.arange(n).clamp(max=side - 1) for n, side in zip(padded.shape[2:], x.shape[2:], strict=True))
    assert torch.equal(padded, x[:, :, rows][..., columns])
    assert torch.equal(crop_like(padded, x), x)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kind", NORMS)
def test_norms_give_what_they_name(kind, dimensions):
    x = 3 + 2 * torch.randn(4, 64, *[5] * dimensions)
    y = make_norm(kind, 64, dimensions)(x)
    over = {"batch": (0, *range(2, x.ndim)), "instance": tuple(range(2, x.ndim)), "layer": (1,)}
    if kind == "none":
        assert torch.equal(y, x)
    elif kind == "group":
        groups = x.reshape(4, 32, -1)
        expected = (groups - groups.mean(-1, True)) / groups.std(-1, correction=0, keepdim=True)
        torch.testing.assert_close(y, expected.reshape(x.shape), rtol=0, atol=1e-4)
    else:
        mean, deviation = x.mean(over[kind], True), x.std(over[kind], correction=0, keepdim=True)
        torch.testing.assert_close(y, (x - mean) / deviation, rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", NORMS)
def test_a_local_norm_does_not_see_the_neighbors(kind):
    torch.manual_seed(0)
    norm, x = make_norm(kind, 8).eval(), torch.randn(1, 8, 6, 6)
    apart = torch.cat([norm(x[..., :3]), norm(x[..., 3:])], -1)
    assert torch.allclose(norm(x), apart, atol=1e-6) == norm_is_local(kind)


def test_averaged_statistics_make_instance_norm_local():
    norm = make_norm("instance", 8, affine=False, running_statistics=True).eval()
    x = torch.randn(1, 8, 6, 6)
    torch.testing.assert_close(norm(x)[..., :3], norm(x[..., :3]))
    assert norm_is_local("instance", running_statistics=True)


@pytest.mark.parametrize("channels", [1, 3, 7, 12, 48])
def test_groups_divide_any_number_of_channels(channels):
    assert make_norm("group", channels)(torch.randn(2, channels, 4, 4)).isfinite().all()


def test_layer_norm_has_a_gain_and_an_offset_a_channel():
    norm = LayerNorm(3)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
        norm.bias.copy_(torch.tensor([0.0, 5.0, 0.0]))
    pixel = torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1, 1)
    spread = math.sqrt(2 / 3)
    torch.testing.assert_close(norm(pixel).flatten(), torch.tensor([-1 / spread, 5.0, 3 / spread]), rtol=1e-5, atol=0)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kind", UPSAMPLINGS)
def test_upsampling_enlarges_every_side(kind, dimensions, scale):
    layer = make_upsampling(kind, 3, 5, dimensions, scale=scale)
    assert layer(torch.rand(2, 3, *[4] * dimensions)).shape == (2, 5, *[4 * scale] * dimensions)


@pytest.mark.parametrize("kernel", [2, 3, 4, 5])
def test_transposed_convolutions_double_with_any_kernel(kernel):
    assert make_upsampling("transposed", 1, 1, kernel=kernel)(torch.rand(1, 1, 7, 7)).shape[2:] == (14, 14)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_sub_pixel_convolution_starts_as_nearest(dimensions):
    layer = make_upsampling("pixel_shuffle", 3, 5, dimensions)
    initialize(layer)
    conv, x = layer[0], torch.rand(1, 3, *[4] * dimensions)
    copies = 2**dimensions
    small = (F.conv2d if dimensions == 2 else F.conv3d)(x, conv.weight[::copies], conv.bias[::copies], padding=1)
    torch.testing.assert_close(layer(x), F.interpolate(small, scale_factor=2.0))


def test_pixel_shuffle_of_volumes_is_that_of_planes_in_every_plane():
    """With equal channels along z, each pair of planes holds the planes' shuffle."""
    planes = torch.rand(1, 2 * 4, 3, 5)
    volume = planes.view(1, 2, 1, 4, 1, 3, 5).expand(1, 2, 2, 4, 6, 3, 5).reshape(1, 16, 6, 3, 5)
    shuffled = PixelShuffle(2, 3)(volume)
    assert shuffled.shape == (1, 2, 12, 6, 10)
    for z in range(12):
        assert torch.equal(shuffled[:, :, z], F.pixel_shuffle(planes, 2))


def test_self_attention_is_torch_s():
    torch.manual_seed(0)
    ours = SelfAttention(8, heads=2, key_channels=4)
    nn.init.ones_(ours.gain)
    torchs = nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        projections = (ours.query, ours.key, ours.value)
        torchs.in_proj_weight.copy_(torch.cat([p.weight.flatten(1) for p in projections]))
        torchs.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
        torchs.out_proj.weight.copy_(ours.out.weight.flatten(1))
        torchs.out_proj.bias.copy_(ours.out.bias)
    x = torch.rand(2, 8, 3, 5)
    tokens = x.flatten(2).transpose(1, 2)
    expected = torchs(tokens, tokens, tokens)[0].transpose(1, 2).reshape(x.shape)
    torch.testing.assert_close(ours(x), x + expected)


def test_self_attention_starts_as_nothing():
    x = torch.rand(1, 8, 3, 5)
    assert torch.equal(SelfAttention(8)(x), x)


@pytest.mark.parametrize(
    ("kind", "deviation"), [("normal", 0.02), ("xavier", 0.02 / 1152**0.5), ("kaiming", (2 / 1152) ** 0.5)]
)
def test_initialization_has_its_spread(kind, deviation):
    """Xavier: gain · √(2 / (fan in + fan out)); Kaiming: √(2 / fan in), both fans 128 · 9."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(128, 128, 3), nn.BatchNorm2d(2048))
    initialize(network, kind)
    conv, norm = network
    assert conv.weight.std().item() == pytest.approx(deviation, rel=0.01)
    assert not conv.bias.any()
    assert norm.weight.std().item() == pytest.approx(0.0 if kind == "kaiming" else 0.02, rel=0.1)
    assert norm.weight.mean().item() == pytest.approx(1.0, abs=0.01)


def reach(layer, pixel):
    """Return the first and the last input that an output depends on, by autograd."""
    x = torch.rand(1, 1, 64, 64, requires_grad=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(1.0)
    (gradient,) = torch.autograd.grad(layer(x)[0, 0, pixel, pixel], x)
    columns = gradient.abs().amax((0, 1, 2)).nonzero().flatten()
    return int(columns.min()), int(columns.max())


@pytest.mark.parametrize("pixel", range(12, 16))
def test_walking_back_agrees_with_autograd(pixel):
    seen = (pixel, pixel)
    for kernel, stride, padding in [(3, 1, 1), (4, 2, 1), (7, 1, 3), (5, 2, 2), (1, 1, 0)]:
        assert through_conv(seen, kernel, stride, padding) == reach(nn.Conv2d(1, 1, kernel, stride, padding), pixel)
    for kernel, stride, padding in [(4, 2, 1), (3, 2, 1), (2, 2, 0), (6, 4, 1)]:
        layer = nn.ConvTranspose2d(1, 1, kernel, stride, padding)
        assert through_transposed(seen, kernel, stride, padding) == reach(layer, pixel)
    for kind in UPSAMPLINGS:
        for scale, kernel in [(2, 4), (2, 3), (2, 2), (4, 4)]:
            layer = make_upsampling(kind, 1, 1, scale=scale, kernel=kernel)
            assert through_upsampling(seen, kind, scale, kernel) == reach(layer, pixel)


def test_field_of_a_pyramid_by_hand():
    """Halve by a 2×2 convolution, 3×3 there, enlarge: a pixel sees its pair and one pair on each side."""

    def back(seen):
        seen = through_conv((seen[0] // 2, seen[1] // 2), 3)
        return through_conv(seen, 2, 2, 0)

    assert measure_field(back, stride=2) == (2 * 3 + 1, 2)


def test_cost_of_a_pair_of_layers_by_hand():
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1)).train()
    cost = measure_cost(network, (2, 3, 16, 16))
    assert cost.parameters == 3 * 8 * 9 + 8 + 8 * 16 + 1
    assert cost.macs == 2 * 256 * (3 * 8 * 9 + 8 * 16)
    # The image; what the convolution and the ReLU gave: four bytes a number, the image is kept by its caller.
    assert cost.memory == 4 * 2 * 256 * (3 + 8 + 8)
    assert network.training
    assert not next(network.parameters()).is_meta
