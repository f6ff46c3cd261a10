import dataclasses
import subprocess
import sys

import pytest
import torch

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.zoo import Card, Model, find_model, load_model, read_card, save_model, shipped_models

CARD = Card("tiny", "a test", "unshuffle-unet", {"guides": 3, "widths": [4, 8]}, "YX", metrics={"psnr": 30.5})


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Model(build_generator(CARD.architecture, **CARD.arguments).eval(), CARD)


def test_a_model_comes_back_bit_for_bit(model, tmp_path):
    path = tmp_path / "tiny.safetensors"
    save_model(model, path)
    loaded = load_model(path)
    assert loaded.card == model.card == read_card(path)
    assert not loaded.generator.training
    assert len(loaded.sha256) == 64
    for name, tensor in model.generator.state_dict().items():
        assert torch.equal(loaded.generator.state_dict()[name], tensor)


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({}, False),
        ({"critics": []}, False),
        ({"critics": [{}]}, True),
        ({"finetuned": {"adversarial": 0.0}, "parent": {"critics": []}}, False),
        ({"finetuned": {"adversarial": 0.005}, "parent": {"critics": []}}, True),
        ({"finetuned": {"adversarial": 0.0}, "parent": {"critics": [{}]}}, True),
    ],
)
def test_what_a_critic_had_a_say_in_is_for_looks(recipe, expected):
    assert dataclasses.replace(CARD, recipe=recipe).for_looks == expected


@pytest.mark.parametrize("name", [name for name, card in shipped_models().items() if card.for_looks])
def test_a_sibling_ships_with_its_own_figures_and_its_parents(name):
    """Fidelity, and what is false: whoever looks at it sees what it costs."""
    metrics, parent = read_card(find_model(name)).metrics, name.removesuffix("-gan")
    assert {"PSNR", f"PSNR of {parent}", "false detail", f"false detail of {parent}"} <= metrics.keys()


def test_half_precision_is_half_the_size(model, tmp_path):
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    save_model(model, whole)
    save_model(model, half, half=True)
    ours, theirs = model.generator.state_dict(), load_model(half).generator.state_dict()
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    for name, tensor in ours.items():
        assert theirs[name].dtype == tensor.dtype
        torch.testing.assert_close(theirs[name], tensor, rtol=1e-3, atol=1e-6)


def test_a_models_own_psf_comes_back(model, tmp_path):
    psf = torch.rand(5, 5)
    save_model(dataclasses.replace(model, psf=psf), tmp_path / "own.safetensors")
    assert torch.equal(load_model(tmp_path / "own.safetensors").psf, psf)


def test_text_is_no_model(tmp_path):
    path = tmp_path / "text.safetensors"
    path.write_text("hello")
    with pytest.raises(InputError, match="not a model file"):
        load_model(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.safetensors: no such model file"):
        load_model(tmp_path / "nothing.safetensors")


def test_weights_must_fit(model, tmp_path):
    path = tmp_path / "wrong.safetensors"
    save_model(Model(model.generator, dataclasses.replace(CARD, arguments={"guides": 3})), path)
    with pytest.raises(InputError, match="don't fit"):
        load_model(path)


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(InputError, match="unknown model 'nonsense'"):
        load_model("nonsense")


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models_load_and_say_what_they_are(name):
    model = load_model(name)
    card = model.card
    assert card.name == name
    assert card.purpose
    assert card.training_data
    assert card.licence
    assert card.recipe
    assert card.version
    assert any(parameter.any() for parameter in model.generator.last.parameters()), "an untrained weight is not a model"


def test_cards_are_read_without_torch():
    code = "import sys; from gan_lessons.zoo import shipped_models; shipped_models(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
