import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.event_tables import DELIVERIES, ORDERS, Ending
from sim.tables import Column, Table

SCHEMA = {
    "day": Column(np.int32, "day", "when"),
    "paid": Column(np.int64, "cents", "how much"),
    "score": Column(np.float64, "1", "how good"),
}


@given(st.lists(st.lists(st.integers(-(2**40), 2**40), max_size=9), max_size=12))
def test_a_table_holds_what_was_appended_in_order(batches: list[list[int]]) -> None:
    table = Table(SCHEMA, capacity=1)
    numbers: list[int] = []
    for day, batch in enumerate(batches):
        numbers += table.append(day=day, paid=np.array(batch, np.int64), score=0.5).tolist()
    assert numbers == list(range(len(table)))
    assert table["paid"].tolist() == [one for batch in batches for one in batch]
    assert table["day"].tolist() == [day for day, batch in enumerate(batches) for _ in batch]


def test_only_scalars_make_one_row() -> None:
    table = Table(SCHEMA)
    assert table.append(day=3, paid=7, score=0.25).tolist() == [0]
    assert [table[name][0] for name in SCHEMA] == [3, 7, 0.25]


def test_values_of_a_row_may_change_and_survive_growth() -> None:
    table = Table(SCHEMA, capacity=2)
    rows = table.append(day=0, paid=[1, 2], score=0.0)
    table["paid"][rows[1]] = 20
    table.append(day=1, paid=np.arange(50), score=1.0)
    assert table["paid"][:2].tolist() == [1, 20]


def test_a_copy_does_not_follow_the_table() -> None:
    table = Table(SCHEMA)
    table.append(day=0, paid=[1, 2], score=0.0)
    copy = table.to_dict()
    table["paid"][:] = 9
    assert copy["paid"].tolist() == [1, 2]
    assert list(copy) == list(SCHEMA)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"day": 0, "paid": 1}, r"columns missing: \['score'\]"),
        ({"day": 0, "paid": 1, "score": 0.0, "tip": 3}, r"unknown: \['tip'\]"),
        ({"day": [0, 1], "paid": [1, 2, 3], "score": 0.0}, r"different lengths: \[2, 3\]"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_leave_no_trace(values: dict, said: str) -> None:
    table = Table(SCHEMA)
    with pytest.raises(ValueError, match=said):
        table.append(**values)
    assert len(table) == 0


@given(st.lists(st.integers(0, 5), max_size=20), st.integers(-2, 7))
def test_the_first_row_since_a_day_comes_after_all_earlier_ones(days: list[int], day: int) -> None:
    table = Table(SCHEMA)
    for one in sorted(days):
        table.append(day=one, paid=0, score=0.0)
    assert table.first_since(day) == sum(one < day for one in days)


def test_tables_say_what_each_code_of_an_order_and_a_parcel_means() -> None:
    for column in (ORDERS["status"], DELIVERIES["status"]):
        assert column.unit == "0 open, 1 delivered, 2 cancelled, 3 refunded"
    told = dict(code.split(" ", 1) for code in DELIVERIES["ending"].unit.split(", "))
    assert told == {str(one.value): one.name.lower().replace("_", " ") for one in Ending}
