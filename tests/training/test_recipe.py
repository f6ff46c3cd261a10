import pytest
from pydantic import ValidationError

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.training.recipe import FOLDER, read_recipe
from gan_lessons.training.sections import Rate
from gan_lessons.training.truths import listed


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_valid_and_build(path):
    recipe = read_recipe(path.stem)
    assert recipe.name == path.stem
    assert build_generator(recipe.generator.architecture, **recipe.generator.arguments)


def test_an_unknown_key_suggests_the_nearest(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((FOLDER / "fluo-2d.yaml").read_text().replace("guidance:", "guidence:"))
    with pytest.raises(InputError, match=r"mine\.yaml: unknown key 'guidence'; did you mean 'guidance'"):
        read_recipe(path)


def test_a_wrong_value_is_named(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((FOLDER / "fluo-2d.yaml").read_text().replace("axes: YX", "axes: XY"))
    with pytest.raises(InputError, match=r"axes: .*'XY'"):
        read_recipe(path)


def test_stacks_refuse_what_they_would_leave_out(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((FOLDER / "fluo-3d.yaml").read_text().replace("files_share: 0", "files_share: 0.5"))
    with pytest.raises(InputError, match=r"mine\.yaml: stacks need guidance"):
        read_recipe(path)


def test_stacks_refuse_motion_of_parts(tmp_path):
    with pytest.raises(InputError, match=r"blur\.moving is for planes"):
        read_recipe("fluo-3d", ["blur.moving=0.3"])


def test_estimates_of_the_blur_need_a_gauge_or_a_start():
    assert read_recipe("fluo-2d", ["gauge=null", "start=fluo-2d"]).guidance.estimated
    with pytest.raises(InputError, match="or a start that has one"):
        read_recipe("fluo-2d", ["gauge=null"])


def test_what_is_held_out_is_nowhere_in_training():
    kinds = ("fluorescence", "photo", "map")
    trained = {entry.sha256 for kind in kinds for entry in listed(kind, "training")}
    held_out = {entry.sha256 for kind in kinds for entry in listed(kind, "held-out")}
    assert trained
    assert held_out
    assert not trained & held_out


def test_rates_have_short_forms_and_none_without_meaning():
    assert Rate.model_validate("1e-3") == Rate(first=0.001)
    assert Rate.model_validate([1e-3, 0]) == Rate(first=1e-3, last=0, along="cosine")
    for wrong in ({"first": 1e-3, "along": "linear"}, {"first": 1e-3, "falls": 0.01}, {"first": -1}, "fast"):
        with pytest.raises(ValidationError):
            Rate.model_validate(wrong)


def test_changes_reach_into_lists_and_make_sections():
    recipe = read_recipe(
        "fluo-2d", ["phases.1.rate=[1e-3, 0]", "data.scaling=type", "gauge=null", "guidance.estimated=0"]
    )
    assert recipe.phases[1].rate.last == 0
    assert recipe.data == {"scaling": "type"}
    assert recipe.gauge is None
