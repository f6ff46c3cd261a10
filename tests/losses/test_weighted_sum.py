import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gan_lessons.errors import InputError
from gan_lessons.losses import WeightedSum, build_loss, list_losses

IMAGE, TRUTH = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)


def test_the_total_is_the_weighted_sum_of_what_is_named():
    total, terms = WeightedSum({"charbonnier": 1, "ssim": 0.2})(IMAGE, TRUTH)
    assert list(terms) == ["charbonnier", "ssim"]
    for name, value in terms.items():
        torch.testing.assert_close(value, build_loss(name)(IMAGE, TRUTH))
    torch.testing.assert_close(total, terms["charbonnier"] + 0.2 * terms["ssim"])


@given(st.lists(st.floats(0, 100), min_size=3, max_size=3))
def test_any_weights(weights):
    total, terms = WeightedSum(dict(zip(("l1", "mse", "gradient"), weights, strict=True)))(IMAGE, TRUTH)
    by_hand = sum(weight * value for weight, value in zip(weights, terms.values(), strict=True))
    torch.testing.assert_close(total, torch.as_tensor(by_hand, dtype=torch.float32))


def test_the_gradient_is_the_weighted_one_and_terms_have_none():
    image = IMAGE.clone().requires_grad_()
    total, terms = WeightedSum({"l1": 2, "total-variation": 3})(image, TRUTH)
    (gradient,) = torch.autograd.grad(total, image)
    parts = [torch.autograd.grad(term, image)[0] for term in (_l1(image), build_loss("total-variation")(image))]
    torch.testing.assert_close(gradient, 2 * parts[0] + 3 * parts[1])
    assert not any(term.requires_grad for term in terms.values())


def _l1(image):
    return build_loss("l1")(image, TRUTH)


def test_a_weight_of_zero_measures_only():
    image = IMAGE.clone().requires_grad_()
    total, terms = WeightedSum({"l1": 1, "color-cast": 0})(image, TRUTH)
    assert terms["color-cast"] > 0
    torch.testing.assert_close(total, terms["l1"])
    nothing, _ = WeightedSum({"l1": 0})(image, TRUTH)
    assert nothing == 0
    assert not nothing.requires_grad


def test_arguments_reach_their_terms():
    wide = WeightedSum({"charbonnier": 1}, {"charbonnier": {"epsilon": 10.0}})
    torch.testing.assert_close(wide(IMAGE, TRUTH)[0], build_loss("charbonnier", epsilon=10.0)(IMAGE, TRUTH))


def test_terms_get_the_tensors_that_they_look_at():
    criterion = WeightedSum({"cycle": 10, "identity": 5})
    there_and_back, same = torch.rand_like(IMAGE), torch.rand_like(IMAGE)
    total, _ = criterion(truth=TRUTH, source=IMAGE, cycled=there_and_back, unchanged=same)
    expected = 10 * (there_and_back - IMAGE).abs().mean() + 5 * (same - TRUTH).abs().mean()
    torch.testing.assert_close(total, expected)


def test_a_missing_tensor_is_named():
    with pytest.raises(InputError, match="'spatial-consistency' has no source; expected image and source"):
        WeightedSum({"spatial-consistency": 1})(IMAGE, TRUTH)
    with pytest.raises(InputError, match="'l1' has no truth"):
        WeightedSum({"l1": 1})(IMAGE)


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(InputError, match="unknown loss 'charbonier'; did you mean 'charbonnier'"):
        WeightedSum({"charbonier": 1})
    with pytest.raises(InputError, match="expected one of l1, mse"):
        build_loss("zzz")


def test_bad_weights_and_arguments_are_refused():
    with pytest.raises(InputError, match="there are no terms"):
        WeightedSum({})
    with pytest.raises(InputError, match="weight of 'l1' is -1"):
        WeightedSum({"l1": -1})
    with pytest.raises(InputError, match="weight of 'l1' is nan"):
        WeightedSum({"l1": float("nan")})
    with pytest.raises(InputError, match="'mse' has arguments but no weight"):
        WeightedSum({"l1": 1}, {"mse": {}})
    with pytest.raises(InputError, match="'l1' can't be built with"):
        WeightedSum({"l1": 1}, {"l1": {"epsilon": 1}})


def test_every_name_is_built_without_arguments_or_asks_for_weights():
    for name in list_losses():
        if name.startswith("perceptual-"):
            with pytest.raises(InputError, match="pass weights=PATH"):
                build_loss(name)
        else:
            assert isinstance(build_loss(name), torch.nn.Module)
