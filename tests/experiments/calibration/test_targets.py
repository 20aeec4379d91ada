"""Tables of target moments: what they hold, and what is told of each fault."""

from pathlib import Path

import pytest

from experiments.calibration.targets import errors, fitted, read_targets
from scenarios.commerce.faults import CommerceError
from scenarios.errors import ScenarioError


def write(folder: Path, text: str) -> Path:
    path = folder / "moments.csv"
    path.write_text(text)
    return path


def test_a_table_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "moment,indicator,first_day,end_day,statistic,quantile,value,standard_error,sd,n,weight,"
        "use,source\n"
        "orders,,2,5,,,40,2,,,,,a report\n"
        "late_orders,orders,,,quantile,0.9,60,,6,9,0.5,check,\n",
    )
    first, second = read_targets(path, 10)
    assert (first.outcome.indicator, first.outcome.first_day, first.outcome.end_day) == (
        "orders",
        2,
        5,
    )
    assert (first.value, first.error, first.weight, first.source) == (40.0, 2.0, 1.0, "a report")
    assert (second.outcome.statistic, second.outcome.quantile) == ("quantile", 0.9)
    assert (second.error, second.weight, second.use) == (2.0, 0.5, "check")
    assert fitted((first, second)) == [0]
    assert errors((first, second)).tolist() == [2.0, 2.0]


HEAD = "moment,value,standard_error\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "orders,forty,2\n", '{}:2: value = "forty": must be a number'),
        (HEAD + "orders,,2\n", "{}:2: value: is empty"),
        (HEAD + "orders,40,\n", "{}:2: standard_error: give either standard_error, or both"),
        (HEAD + "orders,40,0\n", '{}:2: standard_error = "0": must be above 0'),
        (HEAD + "orders,40,nan\n", '{}:2: standard_error = "nan": must be a number'),
        (HEAD + "\norders,40,2\norders,41,2\n", '{}:4: moment = "orders": stands twice'),
        (HEAD + "order,40,2\n", "names no indicator itself"),
        (HEAD + "order,40,2\n", "did you mean 'orders'?"),
        (HEAD + "orders,40\n", "{}:2: wrong number of cells"),
        ("moment,value,standard_error,sauce\norders,40,2,x\n", "did you mean 'source'?"),
        ("moment,value,sd\norders,40,2\n", "give either standard_error, or both sd and n"),
        ("moment,value,sd,n\norders,40,2,1\n", '{}:2: n = "1": must be above 1'),
        (
            "moment,value,standard_error,first_day\norders,40,2,10\n",
            "{}:2: first_day = 10: must be before the run's end; its last day is 9",
        ),
        (
            "moment,value,standard_error,end_day\norders,40,2,11\n",
            "{}:2: end_day = 11: must be at most the run's length, 10 days",
        ),
        (
            "moment,value,standard_error,end_day\norders,40,2,1.5\n",
            '{}:2: end_day = "1.5": must be a whole number',
        ),
        ("moment,value,standard_error,indicator\na,40,2,ordres\n", "{}:2: indicator"),
        ("moment,value,standard_error,statistic\norders,40,2,avg\n", "{}:2: statistic"),
        ("moment,value,standard_error,use\norders,40,2,fitted\n", "must be fit or check"),
        ("moment,value,standard_error,use\norders,40,2,check\n", "every moment is held out"),
        ("moment,value,standard_error,weight\norders,40,2,0\n", "{}:2: weight"),
        (HEAD, "there is no row"),
    ],
)
def test_faults_are_told_with_file_line_and_column(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ScenarioError) as error:
        read_targets(path, 10)
    assert told.format(path) in str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "orders,x,2\ngmv,40,-1\n")
    with pytest.raises(ScenarioError, match="2 errors"):
        read_targets(path, 10)


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommerceError, match="column 'value' is missing"):
        read_targets(write(tmp_path, "moment,standard_error\norders,2\n"), 10)
