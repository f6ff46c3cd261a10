"""One contract for every critic: stated sizes, counts and fields; every parameter alive; save and load."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import gan_lessons.critics as critics
from gan_lessons.critics import CRITICS, PatchGAN, build_critic, list_critics, list_presets
from gan_lessons.errors import InputError

SMALL = {
    "patchgan": {"width": 4},
    "multiscale": {"width": 4},
    "dual": {"width": 4},
    "dense": {"width": 4, "size": 48, "hidden": 16},
    "unet": {"width": 4},
}
PRESETS = [(name, preset) for name in CRITICS for preset in list_presets(name)]


def small(name, **arguments):
    torch.manual_seed(0)
    return build_critic(name, **{**SMALL[name], **arguments})


def outputs(critic, *inputs):
    scores = critic(*inputs)
    return scores if isinstance(scores, list) else [scores]


def inputs(critic, items=2, side=48, dtype=torch.float32):
    shape = [side] * critic.dimensions
    image = torch.randn(items, critic.in_channels, *shape, dtype=dtype)
    if not critic.condition_channels:
        return (image,)
    return image, torch.randn(items, critic.condition_channels, *shape, dtype=dtype)


COUNTS = [  # by hand or by the paper's code; see docs/critics.md
    ("patchgan", None, {}, 2_765_633),
    ("patchgan", None, {"condition_channels": 3}, 2_768_705),
    ("patchgan", None, {"norm": "instance", "padding": 2}, 2_764_737),
    ("patchgan", None, {"norm": "instance", "padding": 2, "depth": 5}, 11_154_369),
    ("patchgan", None, {"norm": "none", "spectral": True}, 2_764_737),
    ("multiscale", None, {"condition_channels": 3}, 5_535_618),
    ("dual", None, {}, 13_919_106),
    ("dense", None, {}, 3_096_450),
    ("unet", None, {}, 4_376_897),
    ("patchgan", "keras-unet", {}, 666_817),
    ("multiscale", "keras-unet", {}, 1_333_634),
    ("patchgan", "torch-segmentation", {}, 137_409),
    ("dual", "torch-deblurgan-v2", {}, 3_427_714),
    ("dense", "keras-deblurgan", {}, 3_096_450),
]


@pytest.mark.parametrize(("name", "preset", "arguments", "expected"), COUNTS)
def test_exact_counts(name, preset, arguments, expected):
    critic = build_critic(name, preset, **arguments)
    assert sum(p.numel() for p in critic.parameters()) == expected


@pytest.mark.parametrize(
    ("preset", "field", "map_side"), [("keras-unet", 46, 32), ("torch-segmentation", 22, 63), (None, 70, 30)]
)
def test_patches_and_maps_at_256(preset, field, map_side):
    critic = build_critic("patchgan", preset, width=2)
    assert critic.receptive_field == field
    assert critic(*inputs(critic, 1, 256)).shape == (1, 1, map_side, map_side)


def test_fields_of_the_others():
    assert [build_critic("patchgan", width=1, depth=depth).receptive_field for depth in (1, 2, 4, 5)] == [
        16,
        34,
        142,
        286,
    ]
    dual = build_critic("dual", "torch-deblurgan-v2", width=1)
    assert (dual.patch.receptive_field, dual.full.receptive_field) == (46, 70)
    assert build_critic("dual", width=1).receptive_field == 286
    assert build_critic("multiscale", width=1).receptive_field == 141
    assert build_critic("dense", width=1).receptive_field is None


FIELDS = [
    ("patchgan", {"norm": "none"}, 96),
    ("patchgan", {"norm": "batch", "padding": "same", "flat": 0}, 96),
    ("patchgan", {"norm": "layer", "depth": 2, "padding": 2}, 64),
    ("patchgan", {"norm": "none", "depth": 1, "dimensions": 3, "width": 1}, 24),
    ("multiscale", {"norm": "none"}, 192),
    ("dual", {"norm": "none", "depths": (1, 2)}, 64),
    ("unet", {}, 128),
]


@pytest.mark.parametrize(("name", "arguments", "side"), FIELDS)
def test_the_receptive_field_is_the_stated_one(name, arguments, side):
    """The gradient of scores in the middle reaches as far as stated and no farther."""
    critic = small(name, in_channels=1, **arguments).eval().double()
    image = torch.rand(1, 1, *[side] * critic.dimensions, dtype=torch.float64, requires_grad=True)
    field, reached = critic.receptive_field, 0
    for scores in outputs(critic, image):
        middle = scores.shape[-1] // 2
        for at in range(max(middle - 4, 0), middle + 4):
            if at >= scores.shape[-1]:
                continue
            place = scores[(0, 0, *[middle] * (critic.dimensions - 1), at)]
            (gradient,) = torch.autograd.grad(place, image, retain_graph=True)
            seen = gradient.abs().sum(tuple(range(gradient.ndim - 1))).nonzero().flatten()
            if name == "unet":  # a score belongs to a pixel: the square is centered on it
                assert at - field // 2 <= seen.min()
                assert seen.max() <= at + field // 2
                reached = max(reached, 2 * (at - seen.min().item()) + 1, 2 * (seen.max().item() - at) + 1)
            else:
                reached = max(reached, (seen.max() - seen.min() + 1).item())
    assert reached == field


@settings(max_examples=25)
@given(
    name=st.sampled_from(["patchgan", "multiscale", "dual", "unet"]),
    extra=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    channels=st.integers(1, 13),
    condition=st.sampled_from([0, 1, 3]),
)
def test_any_size_from_the_least(name, extra, channels, condition):
    critic = small(name, in_channels=channels, condition_channels=condition, width=1)
    height, width = (critic.least_size + more for more in extra)
    image = torch.randn(1, channels, height, width)
    beside = (torch.randn(1, condition, height, width),) if condition else ()
    for scores in outputs(critic, image, *beside):
        assert scores.shape[:2] == (1, 1)
        assert scores.numel() > 0
        assert scores.isfinite().all()


@pytest.mark.parametrize("name", ["patchgan", "multiscale", "dual", "dense"])
@pytest.mark.parametrize("padding", [1, 2, "same"])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_less_than_the_least_is_refused(name, padding, norm):
    critic = small(name, norm=norm, **({} if name == "dense" else {"padding": padding}))
    least = critic.least_size
    outputs(critic, *inputs(critic, 1, least))
    if least > 1:
        with pytest.raises(InputError, match=f"expected at least {least} a side"):
            critic(*inputs(critic, 1, least - 1))


def test_the_least_size_of_the_papers_is_24():
    assert build_critic("patchgan", width=1).least_size == 24


ALIVE = [*[(name, {}) for name in CRITICS], *[("patchgan", {"norm": norm}) for norm in ("layer", "group", "none")]]
ALIVE += [("patchgan", {"norm": "none", "spectral": True}), ("patchgan", {"minibatch_deviation": True})]
ALIVE += [("patchgan", {"condition_channels": 2}), ("patchgan", {"dimensions": 3, "depth": 2, "padding": "same"})]


@pytest.mark.parametrize(("name", "arguments"), ALIVE)
def test_every_parameter_learns(name, arguments):
    critic = small(name, **arguments)
    sum(scores.square().sum() for scores in outputs(critic, *inputs(critic, 3))).backward()
    named = dict(critic.named_parameters())
    idle = {
        f"{n}.conv.bias"
        for n, m in critic.named_modules()
        if isinstance(getattr(m, "norm", None), torch.nn.InstanceNorm2d)
    }
    dead = {n for n, p in named.items() if p.grad is None or not p.grad.any()}
    assert dead <= idle


@pytest.mark.parametrize(("name", "arguments"), [(n, a) for n, a in ALIVE if "minibatch_deviation" not in a])
def test_alone_as_in_a_batch_in_evaluation(name, arguments):
    critic = small(name, **arguments).eval()
    batch = inputs(critic, 3)
    for i in range(3):
        for together, alone in zip(
            outputs(critic, *batch), outputs(critic, *(x[i : i + 1] for x in batch)), strict=True
        ):
            torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 1.0, 1e15])
@pytest.mark.parametrize("name", CRITICS)
def test_constant_and_huge_images_have_finite_scores_and_slopes(name, value):
    critic = small(name)
    image = torch.full_like(inputs(critic)[0], value).requires_grad_()
    scores = outputs(critic, image)
    sum(s.sum() for s in scores).backward()
    assert all(s.isfinite().all() for s in scores)
    assert image.grad.isfinite().all()


@pytest.mark.parametrize(("name", "arguments"), ALIVE)
def test_save_and_load_bit_for_bit(name, arguments, tmp_path):
    critic = small(name, **arguments)
    batch = inputs(critic)
    critic(*batch)  # running statistics and singular vectors move
    torch.save(critic.state_dict(), tmp_path / "critic.pt")
    other = build_critic(name, **{**SMALL[name], **arguments})
    other.load_state_dict(torch.load(tmp_path / "critic.pt", weights_only=True))
    for mine, theirs in zip(outputs(critic.eval(), *batch), outputs(other.eval(), *batch), strict=True):
        assert torch.equal(mine, theirs)


def test_the_condition_comes_first_and_counts():
    critic = small("patchgan", in_channels=1, condition_channels=3, norm="none")
    image, condition = inputs(critic)
    unconditional = small("patchgan", in_channels=4, norm="none")
    unconditional.load_state_dict(critic.state_dict())
    assert torch.equal(critic(image, condition), unconditional(torch.cat([condition, image], 1)))
    assert not torch.equal(critic(image, condition), critic(image, condition.flip(0)))


def test_wrong_inputs_are_named():
    critic = small("patchgan", condition_channels=3)
    image, condition = inputs(critic)
    with pytest.raises(InputError, match="a condition of 0 channels, expected 3"):
        critic(image)
    with pytest.raises(InputError, match="an image of 1 channels, expected 3"):
        critic(image[:, :1], condition)
    with pytest.raises(InputError, match="image 48×48, condition 24×48; expected the same size"):
        critic(image, condition[:, :, :24])
    dense = small("dense")
    with pytest.raises(InputError, match="expected 48 by 48"):
        dense(torch.zeros(1, 3, 64, 64))


def test_halves_are_means_without_the_border():
    critic = small("multiscale", in_channels=1, norm="none", weights=(0.5, 0.3, 0.2))
    assert critic.weights == (0.5, 0.3, 0.2)
    image = torch.rand(1, 1, 50, 37)
    fine, half, quarter = critic(image)
    rows = torch.nn.functional.pad(torch.stack([image, torch.ones_like(image)]), (1, 1, 1, 1))
    sums = rows.unfold(3, 3, 2).unfold(4, 3, 2).sum((-1, -2))
    assert torch.equal(fine, critic.scales[0](image))
    torch.testing.assert_close(half, critic.scales[1](sums[0] / sums[1]))
    assert quarter.shape[-1] < half.shape[-1]


def test_a_dense_critic_with_a_sigmoid_is_bounded():
    preset = build_critic("dense", "keras-deblurgan", width=2, size=32, hidden=8)
    torch.nn.init.constant_(preset.score.bias, 20)
    assert (preset(torch.randn(2, 3, 32, 32)) <= 1).all()


@pytest.mark.parametrize("name", CRITICS)
def test_describe(name):
    critic = small(name)
    line = critic.describe()
    assert line.startswith(f"{CRITICS[name].class_name}: {sum(p.numel() for p in critic.parameters()):,} parameters")
    assert f"receptive field {'the whole image' if critic.receptive_field is None else critic.receptive_field}" in line


def test_names():
    assert list_critics() == ["patchgan", "multiscale", "dual", "dense", "unet"]
    assert critics.PatchGAN is PatchGAN
    with pytest.raises(InputError, match="unknown critic 'patchgam'; did you mean 'patchgan'"):
        build_critic("patchgam")
    with pytest.raises(InputError, match="did you mean 'keras-unet'"):
        build_critic("patchgan", "keras_unet")
