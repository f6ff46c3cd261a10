import pytest
import torch

from gan_lessons.generators import build_generator
from gan_lessons.training.start import start_from


def test_a_stack_model_starts_as_the_plane_model():
    torch.manual_seed(0)
    plane = build_generator("unshuffle-unet", guides=3, widths=(4, 8))
    torch.nn.init.normal_(plane.last.weight)
    stack = build_generator("unshuffle-unet", in_channels=5, guides=3, widths=(4, 8))
    start_from(stack, plane)
    image, guides = torch.rand(1, 5, 16, 16), torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(stack(image, guides), plane(image[:, 2:3], guides))


@pytest.mark.parametrize("in_channels", [1, 5])
@pytest.mark.parametrize(("own", "theirs"), [(3, 5), (5, 3), (3, 0), (0, 3)])
def test_only_guides_that_both_have_are_taken_over(in_channels, own, theirs):
    torch.manual_seed(0)
    parent = build_generator("unshuffle-unet", guides=theirs, widths=(4, 8))
    torch.nn.init.normal_(parent.last.weight)
    child = build_generator("unshuffle-unet", in_channels=in_channels, guides=own, widths=(4, 8))
    start_from(child, parent)
    image, both = torch.rand(1, in_channels, 16, 16), torch.rand(1, min(own, theirs), 16, 16)
    other = torch.zeros(1, abs(own - theirs), 16, 16)
    middle = image[:, in_channels // 2 :][:, :1]
    told = torch.cat([both, other], 1)[:, :theirs] if theirs else None
    seen = torch.cat([both, torch.rand_like(other)], 1)[:, :own] if own else None
    torch.testing.assert_close(child(image, seen), parent(middle, told))
