"""DeblurGAN-v2's generator: counts, encoders, what it sees, and weights from elsewhere."""

import pytest
import timm
import torch
import torchvision

from gan_lessons.blocks import through_conv
from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.generators.backbones import fit_channels, make_backbone
from gan_lessons.generators.fpn import FPN


def average_pools(network):
    """Put averages in the place of maxima, whose gradient takes one path only."""
    for parent in list(network.modules()):
        for child, layer in parent.named_children():
            if isinstance(layer, torch.nn.MaxPool2d):
                setattr(parent, child, torch.nn.AvgPool2d(layer.kernel_size, layer.stride))
    return network


@pytest.mark.parametrize(
    ("name", "count"),
    [("fpn-mobilenet_v2", 2_106_627), ("fpn-inception_resnet_v2", 35_840_099), ("fpn-mobilenet_dsc", 1_185_507)],
)
def test_counts_are_those_of_the_layers_that_run(name, count):
    assert sum(p.numel() for p in build_generator(name).parameters()) == count


@pytest.mark.parametrize("name", ["mobilenet_v2", "inception_resnet_v2", "resnet18", "mobilenetv3_small_050"])
@pytest.mark.parametrize("channels", [1, 3, 7])
def test_a_pyramid_has_five_levels(name, channels):
    trunk = make_backbone(name, channels)
    maps = trunk.encoder.eval()(torch.rand(1, channels, 128, 160))
    assert [x.shape[1] for x in maps] == list(trunk.channels)
    for level, (x, margin) in enumerate(zip(maps, trunk.margins, strict=True), start=1):
        assert (x.shape[2] + sum(margin), x.shape[3] + sum(margin)) == (128 >> level, 160 >> level)


def test_receptive_field(seen_by):
    network = FPN(1, 1, width=4, upsampling="transposed")
    assert network.receptive_field > 500
    assert seen_by(network, network.receptive_field + 64, brightest=0.01) == network.receptive_field


@pytest.mark.slow
def test_receptive_field_of_inception(seen_by):
    network = average_pools(FPN(1, 1, width=4, backbone="inception_resnet_v2"))
    assert network.receptive_field == 2593
    assert seen_by(network, network.receptive_field + 127, brightest=0.01) == 2593


@pytest.mark.parametrize("name", ["mobilenet_v2", "inception_resnet_v2"])
@pytest.mark.parametrize("level", range(5))
def test_what_a_stage_sees(averaging, name, level):
    trunk = make_backbone(name)
    stage = average_pools(averaging(trunk.encoder.stages[level])).double()
    channels = (3, *trunk.channels)[level]
    x = torch.rand(1, channels, 3 if level > 2 else 9, 140, dtype=torch.float64).mul_(0.01).requires_grad_()
    y = stage(x)
    index = y.shape[-1] // 2
    (gradient,) = torch.autograd.grad(y[0, :, 0, index].sum(), x)
    reach = gradient.abs().amax((0, 1, 2)).nonzero().flatten()
    seen = (index, index)
    for window in reversed(trunk.path[level]):
        seen = through_conv(seen, *window)
    assert (reach.min(), reach.max()) == seen


def test_norms_over_space_see_the_whole_image():
    assert FPN(width=4, norm="group").receptive_field is None
    assert FPN(width=4, backbone="resnet18").receptive_field is None  # not known


def test_values_stay_in_range_and_start_from_the_image():
    network = FPN(3, 1, width=4).eval()
    assert network(torch.full((1, 3, 8, 8), 50.0)).max() == 1
    with torch.no_grad():
        network.last.weight.zero_(), network.last.bias.zero_()
    image = torch.rand(1, 3, 9, 40)
    torch.testing.assert_close(network(image), image[:, 1:2])


def test_published_weights_of_torchvision():
    classifier = torchvision.models.mobilenet_v2(weights=None).eval()
    network = FPN(width=4).eval()
    network.load_backbone(classifier.state_dict())
    image = torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(network.encoder(image)[-1], classifier.features[:16](image))


def test_published_weights_of_timm():
    classifier = timm.create_model("inception_resnet_v2", pretrained=False).eval()
    network = FPN(width=4, backbone="inception_resnet_v2").eval()
    network.load_backbone(classifier.state_dict())
    image = torch.rand(1, 3, 128, 128)
    layers = list(classifier.children())[:12]
    torch.testing.assert_close(network.encoder(image)[-1], torch.nn.Sequential(*layers)(image))


@pytest.mark.parametrize("channels", [1, 2, 4, 6])
def test_a_gray_image_gives_the_same_through_fitted_weights(channels):
    weight = torch.rand(4, 3, 3, 3)
    if channels % 3 and channels > 1:  # then it holds for equal weights only
        weight = weight.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    gray = torch.rand(1, 1, 5, 5)
    color = torch.conv2d(gray.expand(-1, 3, -1, -1), weight)
    torch.testing.assert_close(torch.conv2d(gray.expand(-1, channels, -1, -1), fit_channels(weight, channels)), color)


def test_messages():
    with pytest.raises(InputError, match="did you mean 'resnet18'"):
        FPN(backbone="resnet_18")
    with pytest.raises(InputError, match=r"strides \(4, 8, 16, 32\); a pyramid needs \(2, 4, 8, 16, 32\)"):
        FPN(backbone="convnext_atto")
    with pytest.raises(InputError, match=r"lack features.0.0.weight and \d+ others"):
        FPN(width=4).load_backbone({})
    weights = torchvision.models.mobilenet_v2(weights=None).state_dict() | {"features.0.1.weight": torch.ones(3)}
    with pytest.raises(InputError, match=r"don't fit: size mismatch for stages.0.0.1.weight"):
        FPN(width=4).load_backbone(weights)
