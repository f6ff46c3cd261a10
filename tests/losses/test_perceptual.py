from __future__ import annotations

import numpy as np
import pytest
import torch
import torchvision
from torchvision.transforms.functional import normalize

from gan_lessons.errors import InputError
from gan_lessons.losses import WeightedSum, build_loss
from gan_lessons.losses.perceptual import Perceptual, perceptual
from gan_lessons.losses.trunks import TRUNKS, load_trunk

# Where each trunk ends, from torchvision's graph: the module whose output is compared.
LAST = {
    "vgg19-conv3_3": ("Conv2d", "features.14", 256, 4),
    "vgg19-conv5_4": ("Conv2d", "features.34", 512, 16),
    "vgg16-block3_conv3": ("ReLU", "features.15", 256, 4),
    "mobilenet_v2": ("InvertedResidual", "features.6", 32, 8),
    "squeezenet1_1": ("Fire", "features.7", 256, 8),
}


@pytest.mark.parametrize("name", TRUNKS)
def test_a_trunk_ends_where_it_says(name, trunk_file):
    kind, last, channels, stride = LAST[name]
    trunk = load_trunk(name, trunk_file(name))
    assert type(trunk[-1]).__name__ == kind
    assert f"features.{len(trunk) - 1}" == last
    features = trunk(torch.rand(1, 3, 32, 32))
    assert features.shape[1] == channels
    assert features.shape[2] in (32 // stride, 32 // stride - 1)  # SqueezeNet doesn't pad
    assert (features.min() < 0) != (kind in ("ReLU", "Fire"))


def test_conv3_3_is_the_seventh_convolution_and_conv5_4_the_sixteenth(trunk_file):
    def convolutions(name):
        return sum(isinstance(m, torch.nn.Conv2d) for m in load_trunk(name, trunk_file(name)))

    assert convolutions("vgg19-conv3_3") == 2 + 2 + 3
    assert convolutions("vgg16-block3_conv3") == 2 + 2 + 3
    assert convolutions("vgg19-conv5_4") == 2 + 2 + 4 + 4 + 4


@pytest.mark.parametrize("name", TRUNKS)
def test_files_are_asked_for_under_torchvisions_names(name):
    published = torchvision.models.get_model_weights(TRUNKS[name].network)["IMAGENET1K_V1"].url
    assert published.endswith("/" + TRUNKS[name].file)


@pytest.mark.parametrize("name", ["vgg19-conv3_3", "vgg16-block3_conv3", "squeezenet1_1"])
def test_equals_torchvisions_own_network(name, trunk_file):
    """Weights loaded by torchvision's names, its normalization, features taken by a hook, means in float64."""
    with torch.device("meta"):
        network = torchvision.models.get_model(TRUNKS[name].network, weights=None)
    state = {key: value.float() for key, value in torch.load(trunk_file(name), weights_only=True).items()}
    network.load_state_dict(state, strict=False, assign=True)
    seen = []
    cut = network.get_submodule(LAST[name][1])
    cut.register_forward_hook(lambda module, inputs, output: seen.append(output.detach().clone().double()))
    rng = np.random.default_rng(0)
    image, truth = (torch.from_numpy(rng.random((2, 3, 16, 24), np.float32)) for _ in range(2))
    with torch.no_grad():
        for x in (image, truth):
            network.features[: TRUNKS[name].layers](normalize(x, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    expected = (seen[0] - seen[1]).square().mean().item()
    assert Perceptual(name, trunk_file(name))(image, truth).item() == pytest.approx(expected, rel=1e-4)


def test_every_item_is_normalized(trunk_file):
    """A batch of the same image twice has twice the same value: the first item isn't special."""
    trunk = load_trunk("vgg19-conv3_3", trunk_file("vgg19-conv3_3"))
    image, truth = (torch.rand(1, 3, 12, 12) for _ in range(2))
    both = perceptual(image.repeat(2, 1, 1, 1), truth.repeat(2, 1, 1, 1), trunk)
    torch.testing.assert_close(both[0], both[1])
    torch.testing.assert_close(both[:1], perceptual(image, truth, trunk))


def test_the_range_is_black_to_white(trunk_file):
    path = trunk_file("squeezenet1_1")
    image, truth = (torch.rand(1, 3, 16, 16) for _ in range(2))
    after_tanh = Perceptual("squeezenet1_1", path, value_range=(-1, 1))
    torch.testing.assert_close(
        after_tanh(2 * image - 1, 2 * truth - 1), Perceptual("squeezenet1_1", path)(image, truth)
    )
    with pytest.raises(InputError, match="expected black, then white"):
        Perceptual("squeezenet1_1", path, value_range=(1, 1))(image, truth)


@pytest.mark.parametrize("channels", [1, 2, 7])
def test_channels_are_gray_images_whose_distances_are_averaged(channels, trunk_file):
    trunk = load_trunk("mobilenet_v2", trunk_file("mobilenet_v2"))
    image, truth = (torch.rand(2, channels, 16, 16) for _ in range(2))
    gray = [perceptual(*(x[:, c : c + 1].repeat(1, 3, 1, 1) for x in (image, truth)), trunk) for c in range(channels)]
    torch.testing.assert_close(perceptual(image, truth, trunk), torch.stack(gray).mean(0))


def test_a_volume_is_the_mean_of_its_planes(trunk_file):
    trunk = load_trunk("mobilenet_v2", trunk_file("mobilenet_v2"))
    image, truth = (torch.rand(2, 2, 3, 12, 10) for _ in range(2))
    planes = [perceptual(image[:, :, z], truth[:, :, z], trunk) for z in range(3)]
    torch.testing.assert_close(perceptual(image, truth, trunk), torch.stack(planes).mean(0))


def test_gradients_against_finite_differences():
    torch.manual_seed(0)
    trunk = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ELU(), torch.nn.Conv2d(4, 2, 3)).double()
    trunk.requires_grad_(False)
    image, truth = (torch.rand(1, 2, 7, 6, dtype=torch.float64) for _ in range(2))
    for distance in ("mse", "l1"):
        assert torch.autograd.gradcheck(
            lambda x, distance=distance: perceptual(x, truth, trunk, distance=distance), image.requires_grad_()
        )


@pytest.mark.parametrize("name", TRUNKS)
def test_frozen_in_eval_and_gradients_reach_the_image(name, trunk_file):
    loss = Perceptual(name, trunk_file(name)).train()
    assert not loss.trunk.training
    before = {key: value.clone() for key, value in loss.state_dict().items()}
    image = torch.rand(1, 3, 24, 24, requires_grad=True)
    loss(image, torch.rand(1, 3, 24, 24)).backward()
    assert image.grad.any()
    assert not any(p.requires_grad or p.grad is not None for p in loss.parameters())
    assert all(torch.equal(before[key], value) for key, value in loss.state_dict().items())


def test_half_files_are_read_as_float32(trunk_file):
    path = trunk_file("squeezenet1_1")
    assert torch.load(path, weights_only=True)["features.0.weight"].dtype == torch.float16
    assert {p.dtype for p in Perceptual("squeezenet1_1", path).parameters()} == {torch.float32}


def test_files_of_old_torch_are_read(tmp_path, trunk_file):
    """torchvision's VGGs were saved before files were zip archives."""
    state = torch.load(trunk_file("squeezenet1_1"), weights_only=True)
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    old, new = (load_trunk("squeezenet1_1", path) for path in (tmp_path / "old.pth", trunk_file("squeezenet1_1")))
    assert all(torch.equal(a, b) for a, b in zip(old.parameters(), new.parameters(), strict=True))


def test_logs_say_which_trunk(trunk_file):
    name, path = "perceptual-squeezenet1_1", trunk_file("squeezenet1_1")
    criterion = WeightedSum({"l1": 1, name: 0.006}, {name: {"weights": path}})
    _, terms = criterion(torch.rand(1, 3, 16, 16), torch.rand(1, 3, 16, 16))
    assert list(terms) == ["l1", name]
    assert f"squeezenet1_1, mse, weights={str(path)!r}" in repr(criterion)


@pytest.mark.parametrize("name", TRUNKS)
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(InputError, match=f"no weights given; expected .*{TRUNKS[name].file}"):
        build_loss(f"perceptual-{name}")
    with pytest.raises(InputError, match=rf"no file .*nowhere\.pth; expected .*{TRUNKS[name].file}"):
        build_loss(f"perceptual-{name}", weights=tmp_path / "nowhere.pth")
    with pytest.raises(InputError, match=f"no file {tmp_path / TRUNKS[name].file}"):
        build_loss(f"perceptual-{name}", weights=tmp_path)


def test_a_folder_holds_the_published_name(tmp_path, trunk_file):
    (tmp_path / "squeezenet1_1-b8a52dc0.pth").write_bytes(trunk_file("squeezenet1_1").read_bytes())
    assert Perceptual("squeezenet1_1", tmp_path).name == "squeezenet1_1"


def test_another_networks_file_is_refused(tmp_path, trunk_file):
    with pytest.raises(InputError, match=r"has nothing as features\.0\.0\.weight; expected \(32, 3, 3, 3\)"):
        Perceptual("mobilenet_v2", trunk_file("squeezenet1_1"))
    with pytest.raises(InputError, match=r"has nothing as features\.2\.weight; expected \(64, 64, 3, 3\)"):
        Perceptual("vgg16-block3_conv3", trunk_file("squeezenet1_1"))
    wide = torch.load(trunk_file("squeezenet1_1"), weights_only=True) | {"features.0.bias": torch.zeros(96)}
    torch.save(wide, tmp_path / "wide.pth")
    with pytest.raises(InputError, match=r"has \(96,\) as features\.0\.bias; expected \(64,\)"):
        Perceptual("squeezenet1_1", tmp_path / "wide.pth")
    torn = tmp_path / "torn.pth"
    torn.write_bytes(trunk_file("squeezenet1_1").read_bytes()[:5000])
    with pytest.raises(InputError, match="can't be read as a state dict"):
        Perceptual("squeezenet1_1", torn)
    text = tmp_path / "page.pth"
    text.write_text("<html>not found</html>")
    with pytest.raises(InputError, match="can't be read as a state dict"):
        Perceptual("squeezenet1_1", text)
    torch.save([torch.zeros(1)], torn)
    with pytest.raises(InputError, match="holds a list; expected a state dict"):
        Perceptual("squeezenet1_1", torn)


def test_unknown_names_are_refused(trunk_file):
    with pytest.raises(InputError, match="did you mean 'vgg19-conv3_3'"):
        Perceptual("vgg19-conv33")
    with pytest.raises(InputError, match="unknown distance 'l2'"):
        Perceptual("squeezenet1_1", trunk_file("squeezenet1_1"), distance="l2")(*torch.rand(2, 1, 3, 16, 16))


@pytest.mark.parametrize(
    ("name", "file"),
    [("mobilenet_v2", "mobilenet_v2_imagenet_fp16.pth"), ("squeezenet1_1", "squeezenet1_1_features_fp16.pth")],
)
def test_real_weights_rank_distortions(name, file, shared_data):
    """More noise is farther, and so is more blur."""
    loss = Perceptual(name, shared_data / "weights" / file)
    torch.manual_seed(0)
    truth = torch.nn.functional.interpolate(torch.rand(1, 3, 16, 16), size=(64, 64), mode="bicubic").clamp(0, 1)
    noise = torch.randn_like(truth)
    by_noise = [loss(truth + s * noise, truth).item() for s in (0.02, 0.05, 0.1, 0.2)]
    blurred = [torch.nn.functional.avg_pool2d(truth, n, 1, n // 2, count_include_pad=False) for n in (3, 5, 9)]
    by_blur = [loss(x, truth).item() for x in blurred]
    assert 0 < by_noise[0] < by_noise[1] < by_noise[2] < by_noise[3]
    assert 0 < by_blur[0] < by_blur[1] < by_blur[2]
