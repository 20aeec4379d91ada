"""Merchants' conduct as columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.merchants.conduct import Character, Conduct

KINDS = ("bait", "below_cost", "gouging")


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(KINDS)), st.booleans(), st.integers(0, 9)), max_size=9
    )
)
def test_columns_tell_of_each_merchant_what_it_would_tell_itself(
    merchants: list[tuple[set[str], bool, int]],
) -> None:
    conduct = Conduct()
    for kinds, by_strategy, deterred in merchants:
        own = frozenset(kinds)
        row = conduct.enter("surge", own, own if by_strategy else frozenset())
        one = Character.of(conduct, row)
        one.deterred_until, one.war_chest = deterred, 10 * row
        known = conduct.of_kind("bait")  # asked again after each: who is new is known, too
        assert known.tolist() == ["bait" in kinds for kinds, _, _ in merchants[: row + 1]]
    for kind in KINDS:
        assert conduct.cheats(kind, 5).tolist() == [
            kind in kinds and not by_strategy and deterred <= 5
            for kinds, by_strategy, deterred in merchants
        ]
    assert conduct.war_chest.tolist() == [10 * row for row in range(len(merchants))]


def test_a_merchant_that_mends_its_ways_is_of_the_kind_no_more() -> None:
    conduct = Conduct()
    conduct.enter("fixed", frozenset({"bait"}))
    conduct.enter("surge", frozenset({"bait"}))
    assert conduct.of_kind("bait").all()
    Character.of(conduct, 0).misconduct = frozenset({"below_cost"})
    assert conduct.of_kind("bait").tolist() == [False, True]
    assert conduct.of_kind("below_cost").tolist() == [True, False]
    assert conduct.uses("surge").tolist() == [False, True]


def test_a_view_of_a_column_is_written_to() -> None:
    conduct = Conduct()
    for _ in range(5):
        conduct.enter("fixed")
    np.maximum(conduct.war_chest, 7, out=conduct.war_chest)
    assert [Character.of(conduct, row).war_chest for row in range(5)] == [7] * 5
