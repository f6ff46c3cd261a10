"""An invalid manifest makes the plugin vanish without a word."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml

npe2 = pytest.importorskip("npe2")

AT_THE_ROOT = Path(__file__).resolve().parents[2] / "napari.yaml"


@pytest.fixture(scope="module")
def manifest() -> npe2.PluginManifest:
    return npe2.PluginManifest.from_distribution("napari-deblur")


def test_npe2_finds_the_one_copy_at_the_root(manifest: npe2.PluginManifest) -> None:
    # An environment that was installed before napari.yaml changed has a stale copy: uv sync renews it.
    expected = npe2.PluginManifest.from_file(AT_THE_ROOT)
    assert manifest.contributions == expected.contributions


def test_name_is_the_distributions(manifest: npe2.PluginManifest) -> None:
    assert manifest.name == distribution("napari-deblur").metadata["Name"]


@pytest.mark.gui
def test_every_python_name_resolves(manifest: npe2.PluginManifest) -> None:
    manifest.validate_imports()
    assert manifest.contributions.commands


def test_every_command_is_used(manifest: npe2.PluginManifest) -> None:
    contributions = yaml.safe_load(AT_THE_ROOT.read_text())["contributions"]
    commands = {command["id"] for command in contributions.pop("commands")}
    kinds = ("widgets", "readers", "writers", "sample_data")
    entries = [entry for kind in kinds for entry in contributions.get(kind, [])]
    for menu in contributions.get("menus", {}).values():
        entries += menu
    assert commands == {entry["command"] for entry in entries}
