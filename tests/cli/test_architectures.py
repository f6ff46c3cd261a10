"""``gan-lessons architectures``: figures of every network, checked against sums made by hand."""

import json

import pytest

from gan_lessons.blocks import cost
from gan_lessons.cli import architectures, main
from gan_lessons.critics import list_critics
from gan_lessons.generators import list_generators


@pytest.fixture
def two_networks(monkeypatch):
    """Time only two: the whole list takes a minute."""
    monkeypatch.setattr(architectures, "_names", lambda: [("generator", "unshuffle-unet"), ("critic", "patchgan")])


def test_json(two_networks, capsys):
    assert main(["architectures", "--json"]) == 0
    generator, critic = json.loads(capsys.readouterr().out)
    assert generator["name"] == "unshuffle-unet"
    assert generator["parameters"] == 425_088
    # Weights times the places where they are used, by level: half, quarter and eighth of the side.
    at = [9 * 128**2, 9 * 64**2, 9 * 32**2]
    macs = at[0] * (4 * 48 + 48 * 48 + (64 + 48) * 48 + 48 * 48 + 48 * 4)
    macs += at[1] * (48 * 64 + 64 * 64 + (96 + 64) * 64 + 64 * 64) + at[2] * (64 * 96 + 96 * 96)
    assert generator["macs"] == macs
    assert generator["receptive_field"] == 99
    assert generator["cpu_ms"] > 0
    assert (critic["kind"], critic["receptive_field"]) == ("critic", 70)
    assert critic["paper"]
    assert isinstance(critic["parameters"], int)


def test_table(two_networks, capsys):
    assert main(["architectures"]) == 0
    text = capsys.readouterr().out
    assert "425,088" in text
    assert "patchgan" in text


def test_all_are_listed():
    names = [name for _, name in architectures._names()]
    assert names == list_generators() + list_critics()


def test_timing_leaves_the_network_as_it_was():
    from torch import nn

    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout()).train()
    assert cost.measure_milliseconds(network, (1, 3, 8, 8), seconds=1e-9) > 0
    assert network.training
