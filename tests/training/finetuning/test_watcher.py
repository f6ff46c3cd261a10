import numpy as np
import pytest
from scipy import ndimage

from gan_lessons import finetune, restore
from gan_lessons.degradations import PoissonGaussian, convolve
from gan_lessons.errors import InputError, InputWarning
from gan_lessons.training.finetuning import Watcher, loop
from tests.training.finetuning.conftest import PSF


class Diary(Watcher):
    """Writes down all that it is told."""

    def __init__(self):
        self.found, self.regions, self.steps, self.looks, self.previews = {}, {}, [], [], []

    def prepared(self, found, regions):
        assert not self.steps
        self.found, self.regions = found, regions

    def stepped(self, step, share, loss):
        self.steps.append((step, share, loss))

    def looked(self, progress):
        self.looks.append(progress)

    def previewed(self, preview):
        self.previews.append(preview)


def test_a_watcher_is_told_all_in_order(planes, pair, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "EVERY", 4)
    diary, raw = Diary(), pair[0]
    chosen = (slice(8, 72), slice(0, 56))
    given = {"raw": raw, "reference": pair[1], "validation": chosen, "steps": 7, "watcher": diary}
    result = finetune(planes, out=tmp_path / "m.safetensors", **given)
    assert [step for step, _, _ in diary.steps] == list(range(1, 8))
    assert [share for _, share, _ in diary.steps][-1] == 1
    assert diary.looks == result.history
    assert np.mean([loss for _, _, loss in diary.steps[:4]]) == pytest.approx(diary.looks[1].loss)
    assert diary.regions == result.regions
    assert diary.regions["validation"] == ["rows 8:72, columns 0:56"]

    first = diary.previews[0]
    assert (first.region, first.image, first.time, first.channel, first.plane) == (chosen, 0, 0, 0, 0)
    expected = restore(raw, planes)[chosen]  # the parent, by another way
    np.testing.assert_allclose(first.pixels[..., 0], expected, atol=1e-4 * np.ptp(raw))
    assert len(diary.previews) == len(diary.looks)
    assert np.abs(diary.previews[-1].pixels - first.pixels).max() > 0


def test_what_a_watcher_raises_before_the_first_step_leaves_nothing(planes, pair, tmp_path):
    class Refusing(Watcher):
        def prepared(self, found, regions):
            raise InputError(f"shift {found['pairs'][0]['shift']}")

    with pytest.raises(InputError, match="shift"):
        finetune(planes, raw=pair[0], reference=pair[1], out=tmp_path / "m.safetensors", watcher=Refusing())
    assert [path.name for path in tmp_path.iterdir()] == [planes.name]


@pytest.mark.filterwarnings("default::gan_lessons.errors.InputWarning")
def test_a_reference_that_may_not_be_moved_stays_and_is_warned_of(planes, pair, tmp_path):
    raw, truth = pair
    moved = ndimage.shift(truth, (0, -2.5), order=3, mode="nearest")
    given = {"raw": raw, "reference": moved, "steps": 1}
    with pytest.warns(InputWarning, match=r"lies -?0\.\d, 2\.\d pixels off the raw image; it was left there"):
        left = finetune(planes, out=tmp_path / "left.safetensors", register=False, **given)
    registered = finetune(planes, out=tmp_path / "registered.safetensors", **given)
    shifts = [result.found["pairs"][0]["shift"] for result in (left, registered)]
    assert shifts[0] == shifts[1]
    psnrs = [result.figures["test"]["raw"]["psnr"] for result in (left, registered)]
    assert psnrs[1] > psnrs[0] + 1  # the reference that lies elsewhere is unlike the raw image
    with pytest.raises(InputError, match="begun with another"):
        finetune(planes, out=tmp_path / "left.safetensors", resume=True, **given)


@pytest.mark.parametrize("source", ["sharp", "blurred"])
def test_the_other_sources_take_a_chosen_region_too(planes, pair, tmp_path, source):
    truth, diary = pair[1], Diary()
    given = {"psf": PSF, "steps": 1, "validation": (slice(0, 80), slice(0, 56)), "watcher": diary}
    if source == "sharp":
        given |= {"reference": truth, "noise": PoissonGaussian(photons=100)}
    else:
        given |= {"raw": PoissonGaussian(electrons_per_unit=30).apply(convolve(truth, PSF), np.random.default_rng(1))}
    result = finetune(planes, out=tmp_path / "m.safetensors", **given)
    assert result.regions["validation"] == ["rows 0:80, columns 0:56"]
    area = truth[given["validation"]]
    assert diary.previews[0].pixels[..., 0].mean() == pytest.approx(area.mean(), rel=0.1)  # the image's units


def test_whole_images_validate_where_there_are_many(planes, pair, tmp_path):
    raws, truths = ([one] * 5 for one in pair)
    chosen = (slice(0, 64), slice(0, 64))
    with pytest.raises(InputError, match="of 5 images whole ones validate"):
        finetune(planes, raw=raws, reference=truths, validation=chosen, out=tmp_path / "m.safetensors")
