"""``gan-lessons convert``: a file in, a model file out, or a line for each tensor that doesn't fit."""

import torch

from gan_lessons.cli import main
from gan_lessons.generators import build_generator
from gan_lessons.zoo import load_model


def published(folder, **changed):
    """Zero-DCE's public layout, with random weights."""
    ours = build_generator("zero_dce").state_dict()
    tensors = {f"e_conv{int(key.split('.')[1]) + 1}.{key.split('.')[2]}": tensor for key, tensor in ours.items()}
    torch.save(tensors | changed, folder / "published.pth")
    return str(folder / "published.pth")


def test_convert(tmp_path, capsys):
    out = str(tmp_path / "model.safetensors")
    words = ["convert", published(tmp_path), "--architecture", "zero_dce", "--out", out]
    assert main(words) == 0
    assert out in capsys.readouterr().out.replace("\n", "")
    assert load_model(out).card.architecture == "zero_dce"
    assert main(words) == 2
    assert "add --overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


def test_each_misfit_has_a_line_and_nothing_is_written(tmp_path, capsys):
    file = published(tmp_path, e_conv8=torch.zeros(3), e_conv9=torch.zeros(1))
    assert main(["convert", file, "--architecture", "zero_dce", "--out", str(tmp_path / "m.safetensors")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "unexpected: e_conv8 (3,)" in lines
    assert "unexpected: e_conv9 (1,)" in lines
    assert not (tmp_path / "m.safetensors").exists()


def test_settings(tmp_path, capsys):
    file = published(tmp_path)
    words = ["convert", file, "--architecture", "zero_dce", "--out", str(tmp_path / "m.safetensors"), "--set"]
    assert main([*words, "curves=4"]) == 2
    assert "expected (12, 64, 3, 3)" in capsys.readouterr().err
    assert main([*words, "curves"]) == 2
    assert "expected NAME=VALUE" in capsys.readouterr().err
