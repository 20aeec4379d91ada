"""Reductions carried on day by day, against a look back through the record."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from look_back import reductions_began

from policies.observations import PriceRecord
from sim.reductions import Reductions

DAYS = st.lists(st.lists(st.integers(0, 7), min_size=4, max_size=4), min_size=1, max_size=14)
"""Days of four listings; a price of 1 to 4 cents, beyond that with a reduction announced."""


@given(DAYS)
def test_a_reduction_began_when_a_look_back_says_so(days: list[list[int]]) -> None:
    code = np.array(days)
    asked = np.where(code == 0, 3, (code - 1) % 4 + 1)
    told = asked + (code > 4)
    spells = Reductions(4)
    for day in range(len(asked) - 1):
        spells.enter(day, told[day], asked[day])
    today = len(asked) - 1
    nothing = np.zeros(4, dtype=np.int64)
    record = PriceRecord(asked[:-1], asked[:-1], told[:-1], 0 * asked[:-1], nothing)
    expected = reductions_began(record, told[-1], asked[-1])
    assert (today - spells.since(today, told[-1], asked[-1])).tolist() == expected.tolist()


def test_newcomers_have_announced_nothing() -> None:
    spells = Reductions(1)
    spells.enter(0, np.array([5]), np.array([4]))
    spells.grow(1)
    assert spells.since(1, np.array([5, 5]), np.array([4, 4])).tolist() == [0, 1]
