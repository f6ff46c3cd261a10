import numpy as np

from gan_lessons.training.stacks import confine


def test_a_confined_specimen_lies_in_a_few_planes():
    rng = np.random.default_rng(0)
    specimen = rng.random((48, 20, 20)).astype(np.float32)
    for _ in range(20):
        light = confine(specimen, rng).sum((1, 2))
        lit = np.flatnonzero(light > 0.5 * light.max())
        assert 1 <= len(lit) <= 17
        assert 12 <= lit.mean() <= 36
        assert light[:3].max() < 0.02 * light.max()
