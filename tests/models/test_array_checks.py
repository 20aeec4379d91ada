import numpy as np
import pytest

from models.array_checks import check_count, check_same_length, checked_floats, checked_ids


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, -1], r"users: found -1 at position 1; ids count from 0"),
        ([0.0, 1.0], r"users: ids must have an integer dtype, got float64"),
        ([True, False], r"users: ids must have an integer dtype, got bool"),
        ([[1], [2]], r"users: 1-dimensional array expected, got shape \(2, 1\)"),
        (np.array([2**63], dtype=np.uint64), r"users: id 9223372036854775808 is too large"),
    ],
)
def test_what_is_no_id_is_refused_by_name_and_place(values: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked_ids("users", values)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.uint64])
def test_ids_of_any_integer_type_are_taken(dtype: type) -> None:
    ids = checked_ids("users", np.array([3, 0], dtype=dtype))
    assert ids.dtype == np.int64
    assert ids.tolist() == [3, 0]


def test_padding_is_allowed_where_it_is_asked_for() -> None:
    assert checked_ids("slate", [[4, -1]], ndim=2, padded=True).tolist() == [[4, -1]]
    with pytest.raises(ValueError, match="found -2 at position 0, 1"):
        checked_ids("slate", [[4, -2]], ndim=2, padded=True)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.5, 1.5], r"labels: 1.5 at position 1 is outside \[0, 1\]"),
        ([np.nan], "labels: NaN at position 0"),
        ([np.inf], r"labels: inf at position 0 is outside \[0, 1\]"),
        (["a"], "labels: numbers are needed"),
    ],
)
def test_what_is_no_label_is_refused_by_name_and_place(values: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked_floats("labels", values, lower=0.0, upper=1.0)


def test_columns_of_different_length_are_told_apart() -> None:
    with pytest.raises(ValueError, match="users has 2, items has 3"):
        check_same_length(users=np.zeros(2), items=np.zeros(3))


@pytest.mark.parametrize("value", [0, -4, 2.0, True, "3"])
def test_what_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="k: must be a whole number of at least 1"):
        check_count("k", value, lower=1)
