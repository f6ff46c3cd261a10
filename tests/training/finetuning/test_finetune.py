import pickle
import threading

import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_lessons import finetune, load_model, restore
from gan_lessons.degradations import PoissonGaussian, convolve
from gan_lessons.errors import Cancelled, InputError, InputWarning
from gan_lessons.image import Image
from gan_lessons.training.finetuning import loop
from gan_lessons.zoo import read_card
from tests.training.finetuning.conftest import PSF, STACK_PSF


def weights(path):
    return list(load_model(path).generator.parameters())


def test_a_pair_teaches_what_the_third_region_shows_and_gives_a_model_file(planes, pair, tmp_path):
    raw, truth = pair
    result = finetune(planes, raw=raw, reference=truth, out=tmp_path / "own.safetensors", steps=100, rate=3e-3)
    test = result.figures["test"]
    assert test["best"]["psnr"] > test["start"]["psnr"] + 0.5
    assert test["best"]["ssim"] > test["start"]["ssim"]
    assert result.kept == f"step {result.history[-1].best_step}"
    (found,) = result.found["pairs"]
    assert np.allclose(found["shift"], 0, atol=0.15)
    assert found["gain"] == pytest.approx(2, rel=0.05)
    assert found["offset"] == pytest.approx(100, abs=5)
    card = read_card(result.path)
    assert (card.name, card.parent, card.parent_sha256) == ("own", "small-fluo-2d", load_model(planes).sha256)
    assert card.metrics["psnr after"] == test["best"]["psnr"]
    assert pickle.loads(pickle.dumps(result)).figures == result.figures

    restored = restore(raw, result.path)
    rows, columns = (slice(*map(int, part.split()[1].split(":"))) for part in result.regions["test"][0].split(", "))
    error = np.mean((restored - (2 * truth + 100))[rows, columns] ** 2)
    before = np.mean((restore(raw, planes) - (2 * truth + 100))[rows, columns] ** 2)
    assert error < 0.9 * before  # in the raw image's units, by another way
    assert np.allclose(restore(3 * raw - 7, result.path), 3 * restored - 7, atol=1e-3 * np.ptp(raw))


def test_the_figures_are_those_of_restore(planes, pair, tmp_path):
    raw, truth = pair
    result = finetune(planes, raw=raw, reference=truth, out=tmp_path / "m.safetensors", steps=5, psf=PSF)
    (found,) = result.found["pairs"]
    target = found["gain"] * truth + found["offset"]
    rows, columns = (slice(*map(int, part.split()[1].split(":"))) for part in result.regions["test"][0].split(", "))
    wide = np.percentile(target, 99.9) - target.min()
    difference = (restore(raw, result.path, psf=PSF) - target)[rows, columns]
    psnr = 10 * np.log10(wide**2 / np.mean(difference**2))
    assert result.figures["test"]["best"]["psnr"] == pytest.approx(psnr, abs=0.02)


def test_a_moved_reference_is_moved_back(planes, pair, tmp_path):
    raw, truth = pair
    moved = ndimage.shift(truth, (0, -2.5), order=3, mode="nearest")
    result = finetune(planes, raw=raw, reference=moved, out=tmp_path / "m.safetensors", steps=2)
    assert np.allclose(result.found["pairs"][0]["shift"], (0, 2.5), atol=0.2)


def test_sharp_images_with_a_given_or_an_estimated_noise(planes, pair, tmp_path):
    raw, truth = pair
    given = {"reference": truth, "psf": PSF, "steps": 60, "rate": 3e-3, "out": tmp_path / "m.safetensors"}
    result = finetune(planes, noise=PoissonGaussian(photons=100), **given)
    assert result.figures["test"]["best"]["psnr"] > result.figures["test"]["start"]["psnr"] + 0.2
    estimated = finetune(planes, noise=raw, overwrite=True, **given)
    assert "photons" in estimated.found["noise"]


def test_blurred_images_alone_agree_better_with_photons_that_were_held_out(planes, pair, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "EVERY", 10)  # so small an image is learned by heart within a hundred steps
    truth = pair[1]
    raw = PoissonGaussian(electrons_per_unit=30).apply(convolve(truth, PSF), np.random.default_rng(1))
    result = finetune(planes, raw=raw, psf=PSF, out=tmp_path / "m.safetensors", steps=20, rate=3e-3)
    before, after = (result.figures["test"][when]["deviance"] for when in ("start", "best"))
    assert after < before
    assert result.found["noise estimated"] is True
    errors = [np.mean((restore(raw, model, psf=PSF) - truth) ** 2) for model in (planes, result.path)]
    assert errors[1] < errors[0]  # the truth, which it never saw


@pytest.mark.parametrize("psf", [None, STACK_PSF])
def test_stacks_are_seen_through_their_neighbors(stacks, stack_pair, tmp_path, psf):
    raw, truth = stack_pair
    result = finetune(stacks, raw=raw, reference=truth, psf=psf, axes="ZYX", out=tmp_path / "m.safetensors", steps=3)
    assert len(result.found["pairs"][0]["shift"]) == 3
    assert restore(raw, result.path, axes="ZYX", psf=psf).shape == raw.shape


def test_stacks_alone_are_blurred_again_as_volumes(stacks, stack_pair, tmp_path):
    raw, _ = stack_pair
    result = finetune(stacks, raw=raw, psf=STACK_PSF, axes="ZYX", out=tmp_path / "m.safetensors", steps=3)
    assert result.figures["test"]["best"]["deviance"] < 3


def test_channels_and_times_learn_together_with_a_psf_for_one_channel(planes, pair, tmp_path):
    raw, truth = pair
    raws, truths = (np.stack([np.stack([one, one]) for _ in range(2)]) for one in (raw, truth))
    given = {"raw": raws, "reference": truths, "axes": "TCYX", "psf": {1: PSF}}
    result = finetune(planes, out=tmp_path / "m.safetensors", steps=3, **given)
    assert len(result.found["pairs"]) == 4


def test_many_images_are_divided_whole(planes, pair, tmp_path):
    raw, truth = (list(np.split(one[:, :200], 5, axis=1)) for one in pair)
    raw, truth = ([np.tile(one, (1, 2)) for one in images] for images in (raw, truth))
    result = finetune(planes, raw=raw, reference=truth, out=tmp_path / "m.safetensors", steps=2)
    assert {role: len(told) for role, told in result.regions.items()} == {"training": 1, "validation": 1, "test": 1}


@pytest.mark.filterwarnings("ignore::gan_lessons.errors.InputWarning")  # the loss overflows
def test_the_start_is_kept_where_training_only_harms(planes, pair, tmp_path):
    raw, truth = pair
    result = finetune(planes, raw=raw, reference=truth, out=tmp_path / "m.safetensors", steps=12, rate=1e5)
    assert result.kept == "start"
    assert all(torch.equal(a, b) for a, b in zip(weights(planes), weights(result.path), strict=True))
    assert result.figures["test"]["best"] == result.figures["test"]["start"]


@pytest.mark.parametrize("adversarial", [0.0, 0.005])
def test_a_stopped_and_resumed_run_gives_the_bits_of_an_uninterrupted_one(
    planes, pair, tmp_path, adversarial, monkeypatch
):
    monkeypatch.setattr(loop, "EVERY", 4)
    raw, truth = pair
    given = {"raw": raw, "reference": truth, "adversarial": adversarial, "steps": 7}
    whole = finetune(planes, out=tmp_path / "whole.safetensors", **given)

    stop = threading.Event()
    moments = []
    part = finetune(
        planes,
        out=tmp_path / "part.safetensors",
        stop=stop,
        progress=lambda moment: (moments.append(moment), moment.step and stop.set()),
        **given,
    )
    assert part.steps == moments[-1].step == 4
    resumed = finetune(planes, out=tmp_path / "part.safetensors", resume=True, **given)
    assert resumed.steps == whole.steps
    assert all(torch.equal(a, b) for a, b in zip(weights(whole.path), weights(resumed.path), strict=True))
    with pytest.raises(InputError, match="begun with another data"):
        finetune(planes, out=tmp_path / "part.safetensors", resume=True, **given | {"raw": raw + 1})


def test_cancelled_before_the_first_step_nothing_is_written(planes, pair, tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        finetune(planes, raw=pair[0], reference=pair[1], out=tmp_path / "m.safetensors", stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == [planes.name]


def test_time_ends_a_run_by_the_clock_that_is_given(planes, pair, tmp_path):
    seconds = iter(range(10_000))
    given = {"raw": pair[0], "reference": pair[1], "clock": lambda: float(next(seconds))}
    result = finetune(planes, out=tmp_path / "m.safetensors", minutes=0.25, **given)
    assert result.steps == 15


RAW = np.random.default_rng(0).random((64, 200), np.float32)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no images to fine-tune on"),
        ({"raw": RAW}, "raw images alone, and no PSF; give psf"),
        ({"reference": RAW}, "reference images alone, and no PSF"),
        ({"reference": RAW, "psf": PSF}, "no noise"),
        ({"raw": RAW, "reference": RAW[:, 1:]}, r"axes YX \(64, 199\), but raw has YX \(64, 200\)"),
        ({"raw": RAW[None], "reference": RAW[None]}, "axes='ZYX'"),
        ({"raw": np.ones((64, 200)), "reference": RAW}, "all pixels are 1"),
        ({"raw": np.where(RAW > 0.99, np.nan, RAW), "reference": RAW}, "pixels have no value"),
        ({"raw": [RAW, RAW], "reference": RAW}, "raw: 2 images, reference: 1"),
        ({"raw": [], "reference": []}, "the list is empty"),
        ({"raw": RAW[:, :90], "reference": RAW[:, :90]}, "too few for three regions"),
        ({"raw": RAW, "reference": RAW, "ssim_weight": 2}, "ssim_weight 2: expected 0 to 1"),
        ({"raw": RAW, "psf": PSF, "adversarial": 0.005}, "a critic needs sharp images"),
        ({"raw": RAW, "reference": RAW, "minutes": 0}, "minutes 0: expected a positive number"),
        ({"raw": "missing.tif", "reference": RAW}, "missing.tif"),
    ],
)
def test_bad_input_is_refused_and_nothing_written(planes, tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        finetune(planes, out=tmp_path / "m.safetensors", **given)
    assert [path.name for path in tmp_path.iterdir()] == [planes.name]


def test_images_of_different_fields_are_refused_with_the_figure(planes, pair, tmp_path):
    other = np.random.default_rng(8).permutation(pair[1].ravel()).reshape(pair[1].shape)
    with pytest.raises(InputError, match=r"correlation is -?0\.\d\d where they fit best"):
        finetune(planes, raw=pair[0], reference=other, out=tmp_path / "m.safetensors")


def test_what_is_wrong_with_models_and_names(planes, stacks, pair, tmp_path):
    raw, truth = pair
    with pytest.raises(InputError, match="did you mean 'fluo-2d'"):
        finetune("fluo2d", raw=raw, reference=truth)
    with pytest.raises(InputError, match="is a shipped model; choose another name"):
        finetune(planes, raw=raw, reference=truth, out="fluo-2d")
    with pytest.raises(InputError, match="axes YX have no Z"):
        finetune(stacks, raw=raw, reference=truth, out=tmp_path / "m.safetensors")
    with pytest.raises(InputError, match="no such checkpoint to resume from"):
        finetune(planes, raw=raw, reference=truth, out=tmp_path / "m.safetensors", resume=True)
    with pytest.raises(InputError, match="exists already"):
        finetune(planes, raw=raw, reference=truth, out=planes)
    colors = Image(np.stack([raw] * 3, -1), "YXS")
    with pytest.raises(InputError, match="takes no PSF"):
        finetune("photo-motion", raw=colors, reference=colors, psf=PSF, out=tmp_path / "m.safetensors")


@pytest.mark.filterwarnings("default::gan_lessons.errors.InputWarning")
def test_a_loss_that_is_no_number_ends_training_with_what_was_good(planes, pair, tmp_path):
    with pytest.warns(
        InputWarning, match=r"step 2, UnshuffleUNet: misfit is (nan|inf).*the best weights so far are kept"
    ):
        result = finetune(planes, raw=pair[0], reference=pair[1], out=tmp_path / "m.safetensors", steps=5, rate=1e32)
    assert (result.kept, result.steps) == ("start", 1)


def test_a_broken_checkpoint_is_told(planes, pair, tmp_path):
    given = {"raw": pair[0], "reference": pair[1], "out": tmp_path / "m.safetensors"}
    (tmp_path / "m.checkpoint").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"m\.checkpoint: not a checkpoint of this model"):
        finetune(planes, resume=True, **given)
