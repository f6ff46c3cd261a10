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
