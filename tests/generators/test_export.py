"""Every generator goes through torch.jit.trace, ONNX and torch.compile, with batch, height and width left open."""

import warnings

import numpy as np
import pytest
import torch

from tests.generators.conftest import inputs, small


def test_torch_jit_trace_takes_any_size(name):
    generator = small(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, and that it is getting old
        traced = torch.jit.trace(generator, inputs(generator, 2, 33, 47))
    for size in [(1, 33, 47), (3, 64, 40), (1, 5, 17), (1, 1, 1)]:
        image = inputs(generator, *size)
        torch.testing.assert_close(traced(*image), generator(*image))


@pytest.mark.slow
def test_onnx_takes_any_size(name, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    generator = small(name)
    image = inputs(generator, 2, 33, 47)
    open_sides = {0: torch.export.Dim.DYNAMIC, 2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(generator, image, dynamo=True, dynamic_shapes=(open_sides,), verbose=False)
    program.save(tmp_path / "generator.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "generator.onnx")
    for size in [(1, 33, 47), (3, 64, 40), (1, 5, 17)]:
        image = inputs(generator, *size)
        (result,) = session.run(None, {session.get_inputs()[0].name: image[0].numpy()})
        np.testing.assert_allclose(result, generator(*image).detach(), rtol=0, atol=1e-4)


@pytest.mark.slow
def test_torch_compile_takes_it_whole(name):
    """One graph for open sizes; what a backend makes of it is torch's."""
    torch.compiler.reset()
    generator = small(name)
    compiled = torch.compile(generator, backend="eager", fullgraph=True, dynamic=True)
    with torch.no_grad():
        for size in [(2, 33, 47), (3, 64, 40)]:
            image = inputs(generator, *size)
            torch.testing.assert_close(compiled(*image), generator(*image))
