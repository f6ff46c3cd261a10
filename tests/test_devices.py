"""What the machine offers, against what the system says of itself."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from gan_lessons.devices import Device, list_devices, parse_nvidia


def test_the_processor_comes_first_with_its_memory() -> None:
    first = list_devices()[0]
    assert first.name == "cpu"
    assert first.total == pytest.approx(psutil.virtual_memory().total, rel=0.02)
    assert first.free == pytest.approx(psutil.virtual_memory().available, rel=0.25)


def test_torch_is_not_needed() -> None:
    code = "import sys; from gan_lessons.devices import list_devices; list_devices(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_several_cards_and_one_that_hides_its_memory() -> None:
    told = "NVIDIA A100-SXM4-40GB, 40000, 40960\nNVIDIA GB10, [N/A], [N/A]\n"
    first, second = parse_nvidia(told)
    assert first == Device("cuda:0", "cuda:0 (NVIDIA A100-SXM4-40GB)", 40000 * 2**20, 40960 * 2**20)
    assert str(second) == "cuda:1 (NVIDIA GB10)"
