"""Published weights: names, wrappers, what doesn't fit. Public layouts are rebuilt here."""

import pickle
import re

import pytest
import torch
from safetensors.torch import save_file

from gan_lessons.errors import InputError
from gan_lessons.generators import build_generator
from gan_lessons.zoo import load_model, read_card, save_model
from gan_lessons.zoo.convert import Misfits, convert, load_published, read_tensors, rename
from gan_lessons.zoo.key_maps import KEY_MAPS, KeyMap


def as_published(network, names):
    """Give our tensors the names that a public code has."""
    ours = network.state_dict()
    return {theirs: ours[key].clone() for theirs, key in names.items()}


RRDB = {"scale": 4, "width": 4, "growth": 2, "depth": 1}


def rrdb_names(conv_first, body, rdb, conv_body, up, hr, suffix=""):
    names = {f"{conv_first}.": "first.", f"{conv_body}.": "after_trunk.", f"{hr}.": "before_last."}
    names |= {f"{up[i]}.": f"enlarge.{i}.1." for i in range(2)} | {f"{up[2]}.": "last."}
    for block in range(3):
        for conv in range(5):
            inside = f"grow.{conv}.0." if conv < 4 else "fuse."
            names[f"{body}.0.{rdb}{block + 1}.conv{conv + 1}{suffix}."] = f"trunk.0.{block}.{inside}"
    return {f"{theirs}{kind}": f"{ours}{kind}" for theirs, ours in names.items() for kind in ("weight", "bias")}


RRDB_NAMES = {
    "BasicSR": rrdb_names("conv_first", "body", "rdb", "conv_body", ("conv_up1", "conv_up2", "conv_last"), "conv_hr"),
    "2019": rrdb_names("conv_first", "RRDB_trunk", "RDB", "trunk_conv", ("upconv1", "upconv2", "conv_last"), "HRconv"),
    "2018": rrdb_names(
        "model.0", "model.1.sub", "RDB", "model.1.sub.23", ("model.3", "model.6", "model.10"), "model.8", ".0"
    ),
}


@pytest.mark.parametrize("names", RRDB_NAMES.values(), ids=RRDB_NAMES)
@pytest.mark.parametrize("wrapper", ["params_ema", "params", None])
def test_three_generations_of_esrgan(tmp_path, names, wrapper):
    torch.manual_seed(0)
    original = build_generator("rrdbnet", **RRDB)
    tensors = as_published(original, names)
    torch.save({wrapper: tensors} if wrapper else tensors, tmp_path / "x4.pth")
    model = convert(tmp_path / "x4.pth", "rrdbnet", **RRDB)
    image = torch.rand(1, 3, 5, 6)
    torch.testing.assert_close(model.generator(image), original(image), rtol=0, atol=0)


def test_averaged_weights_are_preferred(tmp_path):
    first, second = ({"a": torch.full((1,), value)} for value in (1.0, 2.0))
    torch.save({"params": first, "params_ema": second}, tmp_path / "both.pth")
    assert read_tensors(tmp_path / "both.pth")["a"] == 2


def test_data_parallel_and_half_precision_are_undone(tmp_path):
    torch.save({"model": {"module.a.b": torch.ones(2, dtype=torch.float16)}}, tmp_path / "parallel.pth")
    (found,) = read_tensors(tmp_path / "parallel.pth").items()
    assert found[0] == "a.b"
    assert found[1].dtype == torch.float32


def test_a_model_file_holds_what_was_converted(tmp_path):
    original = build_generator("rrdbnet", **RRDB)
    save_file(as_published(original, RRDB_NAMES["BasicSR"]), tmp_path / "x4.safetensors")
    save_model(convert(tmp_path / "x4.safetensors", "rrdbnet", **RRDB), tmp_path / "ours.safetensors")
    loaded = load_model(str(tmp_path / "ours.safetensors"))
    for key, tensor in original.state_dict().items():
        assert torch.equal(loaded.generator.state_dict()[key], tensor)
    card = read_card(tmp_path / "ours.safetensors")
    assert (card.axes, card.low, card.high, card.darkest, card.arguments) == ("YXC", 0, 100, 0, RRDB)
    assert "ESRGAN" in card.purpose


def test_every_tensor_that_does_not_fit_is_named(tmp_path):
    tensors = as_published(build_generator("rrdbnet", **RRDB), RRDB_NAMES["BasicSR"])
    del tensors["conv_body.bias"]
    tensors["conv_hr.bias"] = torch.zeros(7)
    tensors["conv_extra.weight"] = torch.zeros(1, 2)
    torch.save(tensors, tmp_path / "x4.pth")
    with pytest.raises(Misfits, match=r"x4.pth: 3 tensors don't fit rrdbnet") as error:
        convert(tmp_path / "x4.pth", "rrdbnet", **RRDB)
    assert sorted(error.value.lines) == [
        "missing: after_trunk.bias (4,)",
        "shape: before_last.bias is (7,), expected (4,)",
        "unexpected: conv_extra.weight (1, 2)",
    ]


def test_nothing_changes_where_something_does_not_fit():
    network = torch.nn.Linear(2, 2)
    before = network.weight.clone()
    assert load_published(network, {"weight": torch.ones(2, 2)}, KeyMap("", ())) == ["missing: bias (2,)"]
    assert torch.equal(network.weight, before)


def test_unused_tensors_and_foreign_statistics_are_passed_over():
    network = torch.nn.Conv2d(1, 1, 1, bias=False)
    theirs = {"old.weight": torch.ones(1, 1, 1, 1), "norm.running_mean": torch.ones(1), "head.weight": torch.ones(9)}
    assert load_published(network, theirs, KeyMap("", ((r"^old\.", ""),), unused=r"^head\.")) == []
    assert network.weight.item() == 1


def test_the_sign_of_zero_dce_is_turned():
    renamed = rename({"e_conv7.bias": torch.ones(2), "e_conv1.bias": torch.ones(2)}, KEY_MAPS["zero_dce"])
    assert renamed["layers.6.bias"].tolist() == [-1, -1]
    assert renamed["layers.0.bias"].tolist() == [1, 1]


class Evil:
    def __reduce__(self):
        return (print, ("run",))


def test_code_in_a_file_is_not_run(tmp_path, capsys):
    torch.save({"model": Evil()}, tmp_path / "evil.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Evil()))
    (tmp_path / "text.pth").write_text("no weights")
    for name in ("evil.pth", "plain.pth", "text.pth"):
        with pytest.raises(InputError, match=f"{name}: not a file of tensors that can be read without running code"):
            read_tensors(tmp_path / name)
    assert "run" not in capsys.readouterr().out


def test_messages(tmp_path):
    with pytest.raises(InputError, match="no published weights are known; did you mean 'nafnet'"):
        convert(tmp_path / "x.pth", "naf_net")
    with pytest.raises(InputError, match=r"x.pth: no such file"):
        convert(tmp_path / "x.pth", "zero_dce")
    with pytest.raises(InputError, match=r"'zero_dce' has no argument 'blocks'"):
        convert(tmp_path / "x.pth", "zero_dce", blocks=3)
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(InputError, match=r"list.pth: no tensors by name found"):
        read_tensors(tmp_path / "list.pth")


@pytest.mark.parametrize("name", [name for name in KEY_MAPS if name != "rrdbnet"])  # that one goes in steps, see above
def test_every_rule_leads_to_a_tensor_of_ours(name):
    with torch.device("meta"):
        network = build_generator(name, **({"norm": "batch"} if name == "resnet" else {}))
    ours = list(network.state_dict())
    for _, replacement in KEY_MAPS[name].rules:
        target = re.sub(r"\\\\\d", ".+", re.escape(replacement))
        assert any(re.search(target, key) for key in ours), replacement
