"""LPIPS against torchmetrics' network with the same weights, and what its name may claim."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import torch
import torchvision
from torchmetrics.functional.image.lpips import _LPIPS

from gan_lessons.errors import InputError
from gan_lessons.metrics.lpips import LPIPS, RECIPES


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """State dicts with random weights under torchvision's names: these files aren't torchvision's."""
    folder = tmp_path_factory.mktemp("trunks")
    torch.manual_seed(0)
    for recipe in RECIPES.values():
        network = torchvision.models.get_model(recipe.trunk.network, weights=None).features
        torch.save(
            {f"features.{key}": value for key, value in network.state_dict().items()}, folder / recipe.trunk.file
        )
    return folder


def oracle(network, folder):
    theirs = _LPIPS(pretrained=True, net=network, pnet_rand=True, eval_mode=True)
    state = torch.load(folder / RECIPES[network].trunk.file, weights_only=True)
    slices = theirs.net.slices if network == "squeeze" else [getattr(theirs.net, f"slice{k}") for k in range(1, 6)]
    own = {f"features.{name}": p for part in slices for name, p in part.named_parameters()}
    for key, parameter in own.items():
        parameter.data.copy_(state[key])
    assert own.keys() == state.keys()
    return theirs


@pytest.mark.parametrize("network", RECIPES)
def test_equals_torchmetrics(network, weights):
    ours, theirs = LPIPS(network, weights), oracle(network, weights)
    rng = np.random.default_rng(0)
    for size in ((40, 51), (64, 64)):
        truth = rng.random((*size, 3), np.float32)
        image = (0.7 * truth + 0.3 * rng.random(truth.shape)).astype(np.float32)
        x, y = (torch.from_numpy(a).permute(2, 0, 1)[None] * 2 - 1 for a in (image, truth))
        with torch.no_grad():
            expected = theirs(x, y).item()
        found = ours(255 * image, 255 * truth, value_range=(0, 255), color=True)
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-7)
        assert ours(truth, truth, value_range=(0, 1), color=True) == 0


def test_stacks_masks_and_unknown_values(weights):
    ours = LPIPS("squeeze", weights)
    rng = np.random.default_rng(0)
    truth = rng.random((2, 48, 48))
    image = truth + rng.normal(0, 0.2, truth.shape)
    planes = [ours(x, y, value_range=(0, 1)) for x, y in zip(image, truth, strict=True)]
    assert ours(image, truth, value_range=(0, 1)) == pytest.approx(np.mean(planes))
    assert ours(da.from_array(image, chunks=(1, 48, 48)), truth, value_range=(0, 1)) == pytest.approx(np.mean(planes))
    gray = np.repeat(image[0][..., None], 3, -1), np.repeat(truth[0][..., None], 3, -1)
    assert ours(*gray, value_range=(0, 1), color=True) == pytest.approx(planes[0])
    everywhere = np.ones((48, 48), bool)
    assert ours(image, truth, value_range=(0, 1), mask=everywhere) == pytest.approx(np.mean(planes))
    known = everywhere.copy()
    known[:, 24:] = False
    spoiled = np.where(known, image, np.nan)
    assert ours(spoiled, truth, value_range=(0, 1)) == ours(image, truth, value_range=(0, 1), mask=known)
    assert ours(2 * image + 1, truth, value_range=(0, 1), fitted=True) == pytest.approx(
        ours(image, truth, value_range=(0, 1), fitted=True), rel=1e-4
    )


def test_only_torchvisions_own_file_gives_the_plain_name(weights, monkeypatch):
    ours = LPIPS("alex", weights)
    assert ours.name == "lpips-alex (approximate)"
    digest = __import__("hashlib").sha256((weights / RECIPES["alex"].trunk.file).read_bytes()).hexdigest()
    renamed = RECIPES["alex"].trunk._replace(file=f"alexnet-{digest[:8]}.pth")
    monkeypatch.setitem(RECIPES, "alex", RECIPES["alex"]._replace(trunk=renamed))
    assert LPIPS("alex", weights / "alexnet-owt-7be5be79.pth").name == "lpips-alex"


def test_real_weights_rank_distortions(shared_data, photographs):
    ours = LPIPS("squeeze", shared_data / "weights" / "squeezenet1_1_features_fp16.pth")
    assert ours.name == "lpips-squeeze (approximate)"
    truth = photographs["camera.png"][100:228, 100:228]
    noise = np.random.default_rng(0).normal(0, 1, truth.shape)
    scores = [ours(truth + s * noise, truth, value_range=(0, 1)) for s in (0.02, 0.05, 0.1, 0.2)]
    assert 0 < scores[0] < scores[1] < scores[2] < scores[3]


def test_bad_input(weights, tmp_path):
    with pytest.raises(InputError, match="did you mean 'squeeze'"):
        LPIPS("squeezenet", weights)
    with pytest.raises(InputError, match=r"no weights given; expected the path of .*alexnet-owt-7be5be79\.pth"):
        LPIPS("alex", None)
    with pytest.raises(InputError, match="pass heads=PATH"):
        LPIPS("squeeze", weights, heads=tmp_path / "none.pth")
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(InputError, match=r"expected lin0\.model\.1\.weight"):
        LPIPS("squeeze", weights, heads=tmp_path / "other.pth")
    ours, image = LPIPS("squeeze", weights), np.random.default_rng(0).random((40, 40))
    with pytest.raises(InputError, match="black, then white"):
        ours(image, image, value_range=(1, 0))
    with pytest.raises(InputError, match="planes are 20 pixels wide; expected at least 33"):
        ours(image[:20], image[:20], value_range=(0, 1))
    with pytest.raises(InputError, match="red, green and blue last"):
        ours(image, image, value_range=(0, 1), color=True)
    with pytest.raises(InputError, match="no pixel is left"):
        ours(image, image, value_range=(0, 1), mask=np.zeros((40, 40), bool))
