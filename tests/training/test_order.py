"""Which pairs a step draws, and at which rate: functions of the step alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_lessons.training.order import Batches, Order
from gan_lessons.training.schedule import rate_at
from gan_lessons.training.sections import Phase, Rate

from .conftest import Dots


def phases(*sizes: tuple[int, int]) -> list[Phase]:
    return [Phase(steps=steps, batch=batch, patch=16, rate=1e-3) for steps, batch in sizes]


@given(st.integers(1, 20), st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5)), min_size=1, max_size=3))
@settings(max_examples=30)
def test_every_pair_is_drawn_once_an_epoch(pairs: int, sizes: list[tuple[int, int]]) -> None:
    order = Order(phases(*sizes), pairs, seed=3)
    drawn = sum(steps * batch for steps, batch in sizes)
    indices = [order.index(place) for place in range(drawn)]
    for epoch in range(drawn // pairs):
        assert sorted(indices[epoch * pairs : (epoch + 1) * pairs]) == list(range(pairs))
    moments = [order.at(step) for step in range(order.total)]
    assert [moment.drawn for moment in moments] == list(np.cumsum([0] + [m.phase.batch for m in moments])[:-1])


@given(st.integers(0, 11), st.sampled_from([1, 2, 4]))
@settings(max_examples=12)
def test_processes_share_the_batch_that_one_would_draw(step: int, ranks: int) -> None:
    order = Order(phases((12, 4)), 6, seed=1)
    whole = Batches(Dots(), order)[step]
    shares = [Batches(Dots(), order, rank=rank, ranks=ranks)[step] for rank in range(ranks)]
    assert torch.equal(torch.cat([share.image for share in shares]), whole.image)
    assert torch.equal(torch.cat([share.weight for share in shares]), whole.weight)


def test_a_run_that_is_taken_up_draws_what_it_would_have() -> None:
    order = Order(phases((3, 2), (4, 1)), 5, seed=1)
    later = Batches(Dots(5), order, first=4)
    assert len(later) == 3
    assert torch.equal(later[1].image, Batches(Dots(5), order)[5].image)


def test_epochs_are_counted_in_pairs() -> None:
    order = Order([Phase(epochs=2.5, batch=4, patch=16, rate=1e-3)], 10, seed=0)
    assert order.total == 7  # 25 pairs in batches of 4
    assert order.at(5).epochs == 2


@pytest.mark.parametrize(
    ("rate", "ends"),
    [
        (Rate(first=1.0), (1.0, 1.0)),
        (Rate(first=1.0, last=0.5, along="linear"), (1.0, 0.5)),
        (Rate(first=1.0, last=0.5, along="cosine"), (1.0, 0.5)),
        (Rate(first=1.0, along="epochs", falls=0.5), (1.0, 0.25)),
    ],
)
def test_rates_begin_and_end_where_they_should(rate: Rate, ends: tuple[float, float]) -> None:
    assert (rate_at(rate, 0.0, 0.0), rate_at(rate, 1.0, 2.0)) == pytest.approx(ends)
