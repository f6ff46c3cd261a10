"""What a network costs: parameters, multiplications, memory. Counted on torch's meta device, in no time."""

from __future__ import annotations

import copy
import statistics
import time
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode


class Cost(NamedTuple):
    """Of one forward pass.

    Parameters
    ----------
    parameters : int
        Learned numbers; running statistics don't count.
    macs : int
        Multiply-accumulate operations of convolutions, linear layers and attention, as torch counts them; norms and
        activations aren't counted, as in most papers.
    memory : int
        Bytes of all feature maps that are alive at once, at most, without gradients and without the weights.
    """

    parameters: int
    macs: int
    memory: int


def measure_cost(network: nn.Module, *shapes: tuple[int, ...]) -> Cost:
    """Count the cost of a network in evaluation for inputs of the given shapes, in float32.

    >>> measure_cost(nn.Conv2d(3, 8, 3, padding=1, bias=False), (1, 3, 16, 16))
    Cost(parameters=216, macs=55296, memory=11264)
    """
    from torch.utils.flop_counter import FlopCounterMode  # brings triton, which must not be loaded beside Qt's windows

    twin = _on_meta(network).eval()
    inputs = [torch.empty(shape, device="meta") for shape in shapes]
    flops, peak = FlopCounterMode(display=False), _Peak(inputs)
    with torch.inference_mode(), flops, peak:
        twin(*inputs)
    return Cost(sum(p.numel() for p in network.parameters()), flops.get_total_flops() // 2, peak.bytes)


def measure_milliseconds(network: nn.Module, *shapes: tuple[int, ...], seconds: float = 0.5) -> float:
    """Return the median time of a forward pass as `restore` runs it: in evaluation, in channels-last order.

    Passes are timed until ``seconds`` have gone by; the first, which is slower, counts only where it takes that long.
    """
    training = network.training
    times: list[float] = []
    network.eval()
    inputs = [torch.rand(shape) for shape in shapes]
    inputs = [x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x for x in inputs]
    with torch.inference_mode():
        while sum(times) < seconds:
            began = time.perf_counter()
            network(*inputs)
            times.append(time.perf_counter() - began)
    network.train(training)
    return 1000 * statistics.median(times[1:] or times)


def describe_network(network: nn.Module, receptive_field: int | None, *shapes: tuple[int, ...]) -> str:
    """Return the class, its cost for inputs of the given shapes, and its receptive field, in one line."""
    cost = measure_cost(network, *shapes)
    side = "×".join(str(length) for length in shapes[0][2:])
    sees = "the whole image" if receptive_field is None else f"{receptive_field} pixels"
    return (
        f"{type(network).__name__}: {cost.parameters:,} parameters; at {side} {cost.macs / 1e9:.3g} GMACs and "
        f"{cost.memory / 1e6:.3g} MB of feature maps; receptive field {sees}"
    )


def _on_meta(network: nn.Module) -> Any:
    """Copy a network without its numbers."""
    memo: dict[int, Any] = {id(p): nn.Parameter(p.detach().to("meta"), False) for p in network.parameters()}
    memo |= {id(b): b.detach().to("meta") for b in network.buffers()}
    return copy.deepcopy(network, memo)


class _Peak(TorchDispatchMode):
    """Add up the bytes of all tensors that are alive, after each operation."""

    def __init__(self, inputs: list[Tensor]) -> None:
        super().__init__()
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.bytes = 0
        self._watch(inputs)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self._watch(result if isinstance(result, (list, tuple)) else [result])
        return result

    def _watch(self, results: Any) -> None:
        for tensor in results:
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                self.alive[storage._cdata] = (StorageWeakRef(storage), storage.nbytes())
        self.alive = {key: (ref, size) for key, (ref, size) in self.alive.items() if not ref.expired()}
        self.bytes = max(self.bytes, sum(size for _, size in self.alive.values()))
