"""One contract for every content term: zero at equality, a batch is the mean of its items, finite gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.losses import build_loss, list_losses
from gan_lessons.losses.trunks import TRUNKS

TRUNK_TERMS = [f"perceptual-{trunk}" for trunk in TRUNKS]
PERCEPTUAL = ["perceptual-mobilenet_v2", "perceptual-squeezenet1_1"]  # all are the same code; VGGs take seconds
PLAIN = [name for name in list_losses() if name not in TRUNK_TERMS]
LAB = ["color-consistency", "color-cast"]  # RGB only
PLANES_ONLY = [*LAB, "grid", "color-constancy", "exposure", "spatial-consistency", "illumination-smoothness"]
COMPARING = [name for name in PLAIN if len(build_loss(name).needs) == 2]
LEAST = {"ssim": 11, "grid": 2, "ms-ssim": 176} | {f"perceptual-{name}": trunk.least for name, trunk in TRUNKS.items()}


def term_of(name: str, trunk_file=None):
    if name in TRUNK_TERMS:
        return build_loss(name, weights=trunk_file(name.removeprefix("perceptual-")))
    return build_loss(name, weights=(0.4, 0.6)) if name == "ms-ssim" else build_loss(name)


def channels_of(name: str, channels: int = 3) -> int:
    return 8 * channels if name == "illumination-smoothness" else channels


def side_of(name: str) -> int:
    return {"ms-ssim": 23}.get(name, max(12, LEAST.get(name, 1)))


def tensors(term, *shape: int, seed: int = 0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(shape, generator=generator, dtype=dtype) for _ in term.needs]


@pytest.mark.parametrize("name", PLAIN + PERCEPTUAL)
def test_a_batch_equals_the_mean_of_its_items(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    batch = tensors(term, 3, channels_of(name), side, side + 3)
    alone = torch.stack([term(*(x[i : i + 1] for x in batch)) for i in range(3)])
    assert alone.std() > 0
    torch.testing.assert_close(term(*batch), alone.mean())


@pytest.mark.parametrize("name", COMPARING + PERCEPTUAL)
def test_zero_at_equality_and_positive_elsewhere(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    x, y = tensors(term, 2, 3, side, side + 1)
    assert term(x, x.clone()).item() == 0
    assert term(x, y) > 0


@pytest.mark.parametrize("name", COMPARING + PERCEPTUAL)
def test_both_sides_count_alike(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    x, y = tensors(term, 2, 3, side, side + 1)
    torch.testing.assert_close(term(x, y), term(y, x))


@pytest.mark.parametrize("name", PLAIN)
def test_gradients_against_finite_differences(name):
    term = term_of(name)
    side = 22 if name == "ms-ssim" else 12
    image, *others = tensors(term, 1, channels_of(name, 3 if name in LAB else 2), side, side, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: term(x, *others), image.requires_grad_(), fast_mode=True)


@pytest.mark.parametrize("kind", ["equal", "constant", "zero", "huge"])
@pytest.mark.parametrize("name", PLAIN + PERCEPTUAL)
def test_values_and_gradients_are_finite(name, kind, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    image, *others = tensors(term, 2, channels_of(name), side, side)
    if kind == "equal":
        others = [image.clone() for _ in others]
    else:
        image = {"constant": torch.full_like(image, 0.3), "zero": image * 0, "huge": image * 1e6}[kind]
    image.requires_grad_()
    value = term(image, *others)
    assert value.isfinite()
    (gradient,) = torch.autograd.grad(value, image)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("name", PLAIN + PERCEPTUAL)
def test_inputs_stay_as_they_are(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    given_ = tensors(term, 2, channels_of(name), side, side)
    copies = [x.clone() for x in given_]
    term(*given_)
    assert all(torch.equal(x, copy) for x, copy in zip(given_, copies, strict=True))


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
@pytest.mark.parametrize("name", [n for n in PLAIN + PERCEPTUAL if n not in LAB])
def test_any_number_of_channels(name, channels, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    value = term(*tensors(term, 1, channels_of(name, channels), side, side))
    assert value.shape == ()
    assert (value > 0) != (name == "color-constancy" and channels == 1)


@pytest.mark.parametrize("name", LAB)
def test_lab_asks_for_three_channels(name):
    term = build_loss(name)
    with pytest.raises(InputError, match=r"1 channels; expected 3 \(RGB\)"):
        term(*tensors(term, 1, 1, 4, 4))


@pytest.mark.parametrize("name", PLAIN + TRUNK_TERMS)
def test_the_least_size_works_and_one_less_is_refused(name, trunk_file):
    term = build_loss(name) if name == "ms-ssim" else term_of(name, trunk_file)
    least = LEAST.get(name, 1)
    image, *others = tensors(term, 1, channels_of(name), least, least)
    value = term(image.requires_grad_(), *others)
    assert value.isfinite()
    assert torch.autograd.grad(value, image)[0].isfinite().all()
    if least > 1:
        with pytest.raises(InputError, match=f"at least {least} pixels"):
            term(*tensors(term, 1, channels_of(name), least - 1, least))


@pytest.mark.parametrize("name", [n for n in PLAIN + PERCEPTUAL if n not in PLANES_ONLY])
def test_volumes(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    depth = side if "ssim" in name else 2
    volumes = tensors(term, 2, 1, depth, side, side)
    assert term(*volumes) > 0
    alone = torch.stack([term(*(x[i : i + 1] for x in volumes)) for i in range(2)])
    torch.testing.assert_close(term(*volumes), alone.mean())


@pytest.mark.parametrize("name", PLANES_ONLY)
def test_what_is_for_planes_refuses_volumes(name):
    term = build_loss(name)
    with pytest.raises(InputError, match=r"expected \(N, C, Y, X\)$"):
        term(*tensors(term, 1, channels_of(name), 2, 16, 16))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", PLAIN + PERCEPTUAL)
def test_half_precision_is_computed_in_full(name, dtype, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    half = [x.to(dtype) for x in tensors(term, 1, channels_of(name), side, side)]
    value = term(*half)
    assert value.dtype == torch.float32
    assert value == term(*(x.float() for x in half))


@pytest.mark.parametrize("name", PLAIN)
def test_autocast_changes_nothing(name):
    term, side = term_of(name), side_of(name)
    given_ = tensors(term, 1, channels_of(name), side, side)
    with torch.autocast("cpu", torch.bfloat16):
        assert term(*given_) == term_of(name)(*given_)
        inside = term(*given_)
    assert inside == term(*given_)


@pytest.mark.parametrize("name", PLAIN + PERCEPTUAL)
def test_everything_stays_on_the_images_device(name, trunk_file):
    """PyTorch refuses to mix its meta device with a tensor made on the CPU, as it does with a GPU's."""
    term, side = term_of(name, trunk_file).to("meta"), side_of(name)
    assert term(*(x.to("meta") for x in tensors(term, 1, channels_of(name), side, side))).device.type == "meta"


@pytest.mark.parametrize("name", COMPARING + PERCEPTUAL)
def test_nothing_is_broadcast(name, trunk_file):
    term, side = term_of(name, trunk_file), side_of(name)
    x, y = tensors(term, 2, 3, side, side)
    with pytest.raises(InputError, match="must have the same shape"):
        term(x, y[:1])


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_no_image_is_refused(name):
    term, side = term_of(name), side_of(name)
    given_ = tensors(term, 1, channels_of(name), side, side)
    with pytest.raises(InputError, match="expected floating point"):
        term(*((255 * x).byte() for x in given_))
    with pytest.raises(InputError, match=r"expected \(N, C"):
        term(*(x[0] for x in given_))
    with pytest.raises(InputError, match="at least"):
        term(*(x[..., :0] for x in given_))


HOMOGENEOUS = {"l1": 1, "mse": 2, "gradient": 1, "fourier": 1, "total-variation": 1, "cycle": 1, "identity": 1}
HOMOGENEOUS |= {"color-constancy": 2, "spatial-consistency": 2, "illumination-smoothness": 2}


@pytest.mark.parametrize("name", HOMOGENEOUS)
@given(gain=st.floats(0.01, 100), seed=st.integers(0, 9), height=st.integers(1, 9), width=st.integers(1, 9))
def test_units_scale_the_value(name, gain, seed, height, width):
    term = build_loss(name)
    given_ = tensors(term, 2, channels_of(name), height, width, seed=seed)
    expected = gain ** HOMOGENEOUS[name] * term(*given_)
    torch.testing.assert_close(term(*(gain * x for x in given_)), expected, rtol=1e-4, atol=1e-7 * max(1, gain**2))


# Windows need 11 pixels, and the curves' forward differences end at the last pixel, not at the first.
MIRRORED = [n for n in PLAIN if n not in ("ssim", "ms-ssim", "illumination-smoothness")]


@pytest.mark.parametrize("name", MIRRORED)
@given(seed=st.integers(0, 9), height=st.integers(1, 9), width=st.integers(1, 9), axis=st.sampled_from([2, 3]))
def test_mirrored_images_are_as_far_apart(name, seed, height, width, axis):
    term = build_loss(name, patch=4) if name == "exposure" else build_loss(name)
    given_ = tensors(term, 2, channels_of(name), 4 * height, 4 * width, seed=seed)  # patches and regions of four
    torch.testing.assert_close(term(*(x.flip(axis) for x in given_)), term(*given_), rtol=1e-4, atol=1e-6)
