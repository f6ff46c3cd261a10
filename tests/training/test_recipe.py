import pytest

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.training.recipe import FOLDER, read_recipe
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


def test_what_is_held_out_is_nowhere_in_training():
    kinds = ("fluorescence", "photo", "map")
    trained = {entry.sha256 for kind in kinds for entry in listed(kind, "training")}
    held_out = {entry.sha256 for kind in kinds for entry in listed(kind, "held-out")}
    assert trained
    assert held_out
    assert not trained & held_out
