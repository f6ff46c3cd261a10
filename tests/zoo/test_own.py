import pytest

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.zoo import Card, Model, find_model, load_model, model_path, own_models, save_model, shipped_models
from gan_lessons.zoo.own import add_model, save_copy


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_LESSONS_MODELS", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def file(tmp_path):
    arguments = {"widths": [4, 8]}
    card = Card("given", "tests", "unshuffle-unet", arguments, "YX")
    save_model(Model(build_generator("unshuffle-unet", **arguments), card), tmp_path / "given.safetensors")
    return tmp_path / "given.safetensors"


def test_a_model_goes_among_the_users_own_is_found_by_name_and_goes_out_again(file, tmp_path):
    assert own_models() == {}
    added = add_model(file, "mine")
    assert own_models() == {"mine": added}
    assert find_model("mine") == added
    assert load_model("mine").sha256 == load_model(file).sha256
    saved = save_copy("mine", tmp_path / "for-a-colleague.safetensors")
    assert saved.read_bytes() == file.read_bytes()


def test_a_name_that_is_taken_or_cant_be_one_is_refused(file, folder):
    add_model(file)
    with pytest.raises(InputError, match="exists already"):
        add_model(file)
    with pytest.raises(InputError, match="shipped model; choose another name"):
        add_model(file, next(iter(shipped_models())))
    with pytest.raises(InputError, match="can't be a model's name"):
        model_path("../elsewhere")
    with pytest.raises(InputError, match="did you mean 'given'"):
        load_model("givn")
    with pytest.raises(InputError, match="isn't one of your own models"):
        save_copy("fluo-2d", folder / "x.safetensors")


def test_what_isnt_a_model_file_is_refused(tmp_path, folder):
    (tmp_path / "note.safetensors").write_text("no model")
    with pytest.raises(InputError, match="not a model file"):
        add_model(tmp_path / "note.safetensors")
    with pytest.raises(InputError, match="no such model file"):
        add_model(tmp_path / "missing.safetensors")
    assert not folder.exists()
