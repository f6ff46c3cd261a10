"""One contract for every generator: any size, every parameter alive, alone as in a batch, tiled as whole."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from gan_lessons.generators import GENERATORS, PRESETS, Generator, build_generator
from gan_lessons.zoo import Card, Model, load_model, save_model
from tests.generators.conftest import FORMS, SMALL, VOLUMES, inputs, mark_slow, small

PARAMETERS = {
    "unet": 54_413_955,
    "unet-double_conv": 31_031_875,
    "resnet": 11_378_179,
    "fpn-inception_resnet_v2": 35_840_099,
    "fpn-mobilenet_v2": 2_106_627,
    "fpn-mobilenet_dsc": 1_185_507,
    "srgan": 1_549_462,
    "rrdbnet": 16_697_987,
    "zero_dce": 79_416,
    "nafnet": 17_111_907,
    "unshuffle-unet": 425_088,
}
"""Of the papers' forms: pix2pix's and DeblurGAN's as their public code counts, Ronneberger's with three channels."""


def test_every_generator_is_tested():
    assert set(SMALL) == set(PARAMETERS) == set(GENERATORS)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(height=st.integers(1, 40), width=st.integers(1, 40), channels=st.integers(1, 13), batch=st.integers(1, 2))
@pytest.mark.parametrize("name", mark_slow(GENERATORS))
def test_any_size_and_channels(name, height, width, channels, batch):
    generator = small(name, in_channels=channels, out_channels=channels)
    scale = generator.scale
    assert isinstance(generator, Generator)
    with torch.no_grad():
        result = generator(*inputs(generator, batch, height, width))
    assert result.shape == (batch, channels, scale * height, scale * width)
    assert result.isfinite().all()


def test_one_pixel_in_training(name):
    generator = small(name).train()
    assert generator(*inputs(generator, 1, 1, 1)).isfinite().all()


def test_more_channels_in_than_out(name):
    generator = small(name, in_channels=5, out_channels=1)
    assert generator(*inputs(generator, 1, 9, 7)).shape[1] == 1


def test_every_parameter_learns(name):
    generator = small(name).train()
    generator(*inputs(generator, 2, 48, 48)).square().sum().backward()
    dead = [key for key, p in generator.named_parameters() if p.grad is None or not p.grad.any()]
    assert not dead


def test_alone_as_in_a_batch(name):
    generator = small(name)
    batch = inputs(generator, 3, 40, 56)
    with torch.no_grad():
        together = generator(*batch)
        alone = torch.cat([generator(*(x[i : i + 1] for x in batch)) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.5, -1.0, 65535.0, -65535.0])
def test_flat_and_huge_images_give_numbers(name, value):
    generator = small(name)
    images = [torch.full_like(x, value) for x in inputs(generator, 1, 24, 24)]
    assert generator(*images).isfinite().all()


# NAFNet's windows are differences of running sums, which cancel to the last digits: test_nafnet.py has exact ones.
# Behind Inception's hundred layers these weights leave nothing of the gradient: test_fpn.py has it, weights averaging.
@pytest.mark.parametrize(
    ("name", "arguments"), [form for form in FORMS if form.id not in ("nafnet-tileable", "fpn-inception_resnet_v2")]
)
def test_the_receptive_field_is_the_stated_one(name, arguments, monkeypatch):
    """With small positive weights nothing cancels, rests or saturates: the gradient reaches as far as it can."""
    monkeypatch.setattr(F, "max_pool2d", F.avg_pool2d)  # the same pixels, each of which counts
    generator = small(name, **arguments).double()
    monkeypatch.setattr(torch.nn.MaxPool2d, "forward", lambda pool, x: F.avg_pool2d(x, pool.kernel_size, pool.stride))
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.abs_().mul_(0.1)
    radius, stride, scale = (generator.receptive_field or 99) // 2, generator.stride, generator.scale
    center = (radius // stride + 2) * stride
    image, *guides = (0.1 * x.double() for x in inputs(generator, 1, stride, 2 * center))
    image.requires_grad_()
    restored = generator(image, *guides)
    left = right = 0
    for pixel in range(center * scale, (center + stride) * scale):
        (gradient,) = torch.autograd.grad(restored[:, :, :, pixel].sum(), image, retain_graph=True)
        reach = gradient.abs().amax((0, 1, 2)).nonzero().flatten()
        left, right = max(left, pixel // scale - reach.min().item()), max(right, reach.max().item() - pixel // scale)
    if generator.tileable:
        assert max(left, right) == radius
    else:
        assert left >= center
        assert right >= center - stride


@pytest.mark.parametrize(("name", "arguments"), FORMS)
def test_a_tile_on_the_grid_equals_the_whole(name, arguments):
    generator = small(name, **arguments)
    if not generator.tileable:
        pytest.skip("looks at the whole image")
    halo, stride, scale = generator.halo, generator.stride, generator.scale
    whole_input = inputs(generator, 1, 2 * stride, 2 * halo + 6 * stride)
    with torch.no_grad():
        whole = generator(*whole_input)[..., scale * (2 * stride + halo) : -scale * (2 * stride + halo)]
        tile = generator(*(x[..., 2 * stride : -2 * stride] for x in whole_input))[..., scale * halo : -scale * halo]
    torch.testing.assert_close(tile, whole, rtol=0, atol=1e-5)


def test_a_model_file_holds_it_bit_for_bit(name, tmp_path):
    generator = small(name)
    save_model(Model(generator, Card("tiny", "a test", name, SMALL[name], "YXC")), tmp_path / "tiny.safetensors")
    loaded = load_model(tmp_path / "tiny.safetensors").generator
    image = inputs(generator, 1, 20, 24)
    with torch.no_grad():
        assert torch.equal(loaded(*image), generator(*image))
    assert generator.state_dict().keys() == loaded.state_dict().keys()
    for key, tensor in generator.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], tensor)


def test_it_counts_as_published(name):
    with torch.device("meta"):
        generator = build_generator(name)
    assert sum(p.numel() for p in generator.parameters()) == PARAMETERS[name]
    assert f"{PARAMETERS[name]:,} parameters; at 256×256 " in generator.describe()


@pytest.mark.parametrize("name", PRESETS)
def test_presets_build_and_run(name):
    for preset in PRESETS[name]:
        generator = build_generator(name, preset, **{k: v for k, v in SMALL[name].items() if k == "width"}).eval()
        with torch.no_grad():
            assert generator(torch.rand(1, generator.in_channels, 20, 24)).isfinite().all()


@pytest.mark.parametrize("norm", ["batch", "instance", "layer", "group", "none"])
@pytest.mark.parametrize("name", mark_slow(sorted(set(GENERATORS) - {"unshuffle-unet"})))
def test_norms_can_be_chosen(name, norm):
    generator = small(name, norm=norm)
    if norm in ("instance", "group") and not name.startswith("fpn-"):  # whose instance norm has averaged statistics
        assert not generator.tileable
    for mode in (True, False):
        assert generator.train(mode)(*inputs(generator, 2, 9, 17)).isfinite().all()


@pytest.mark.parametrize("upsampling", ["transposed", "resize", "pixel_shuffle"])
@pytest.mark.parametrize("name", mark_slow(sorted(set(GENERATORS) - {"unshuffle-unet", "zero_dce"})))
def test_upsamplings_can_be_chosen(name, upsampling):
    generator = small(name, upsampling=upsampling)
    assert generator(*inputs(generator, 1, 9, 17)).shape[2:] == (9 * generator.scale, 17 * generator.scale)


@pytest.mark.parametrize("name", VOLUMES)
@pytest.mark.parametrize("upsampling", ["transposed", "resize", "pixel_shuffle"])
def test_volumes_come_back(name, upsampling):
    generator = small(name, dimensions=3, upsampling=upsampling, in_channels=1, out_channels=1)
    with torch.no_grad():
        assert generator(*inputs(generator, 2, 3, 9, 13)).shape == (2, 1, 3, 9, 13)
