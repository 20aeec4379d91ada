"""What is packed for the page's script can be unpacked, as the module's text describes it."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.reporting.map_points import SIDE, Frame, Streets, polylines, runs

POINT = st.tuples(st.integers(0, 6), st.integers(0, 6))
PATH = st.lists(POINT, min_size=1, max_size=12)


def unpacked_runs(text: str) -> list[int]:
    values: list[int] = []
    for zeros, more, letter in re.findall(r"(\d*)(z*)([a-y]?)", text):
        values += [0] * int(zeros or 0)
        values += [25 * len(more) + ord(letter) - ord("a") + 1] if letter else []
    return values


@given(st.lists(st.one_of(st.just(0), st.integers(0, 80)), max_size=60))
def test_runs_keep_every_number(values: list[int]) -> None:
    text = runs(values)
    assert unpacked_runs(text) == values
    assert re.fullmatch(r"[0-9a-z]*", text)


@given(st.lists(PATH, min_size=1, max_size=8))
def test_paths_are_found_again_from_what_is_packed(drawn: list[list[tuple[int, int]]]) -> None:
    streets = Streets([np.array(path) for path in drawn])
    steps = np.array(streets.packed_points()).reshape(-1, 2)
    points = [tuple(cell) for cell in np.cumsum(steps, axis=0).tolist()]
    beside: list[list[int]] = [[] for _ in points]
    for one, row in enumerate(streets.packed_streets().split(";")):
        for back in filter(None, row.split(",")):
            beside[one].append(one - int(back))
            beside[one - int(back)].append(one)
    assert [sorted(others) for others in beside] == streets.beside
    for path, original in zip(streets.paths, drawn, strict=True):
        first, _, text = streets.packed_path(path).partition(":")
        found = [int(first)]
        for rank in unpacked_runs(text):
            found.append(streets.ways(found[-2] if len(found) > 1 else -1, found[-1])[rank])
        cells = [points[number] for number in found]
        assert cells == [
            cell for place, cell in enumerate(original) if not place or cell != original[place - 1]
        ]


def test_the_way_straight_on_comes_first_and_back_comes_last() -> None:
    lines = [[(0, 0), (1, 0), (2, 0)], [(1, 0), (1, 1)], [(1, 0), (0, 1)]]
    streets = Streets([np.array(line) for line in lines])
    number = {point: row for row, point in enumerate(streets.points)}
    ways = streets.ways(number[0, 0], number[1, 0])
    assert [streets.points[one] for one in ways] == [(2, 0), (1, 1), (0, 1), (0, 0)]


def test_a_point_of_many_streets_has_a_letter_for_each() -> None:
    rim = [(n, 1) for n in range(60)]
    streets = Streets([np.array([[0, 0], end]) for end in rim])
    for path in streets.paths:
        first, _, text = streets.packed_path(path).partition(":")
        assert streets.ways(-1, int(first))[unpacked_runs(text)[0]] == path[1]


@given(st.lists(st.tuples(POINT, POINT), max_size=30))
def test_polylines_draw_each_street_once(
    pairs: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    text = polylines(np.array(pairs, dtype=np.int64).reshape(-1, 4))
    drawn: list[frozenset[tuple[int, int]]] = []
    for line in text.split("M")[1:]:
        start, _, rest = line.partition("l")
        x, y = (int(one) for one in re.findall(r"-?\d+", start))
        steps = [int(one) for one in re.findall(r"-?\d+", rest)]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            drawn.append(frozenset([(x, y), (x + dx, y + dy)]))
            x, y = x + dx, y + dy
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == {frozenset(pair) for pair in pairs if pair[0] != pair[1]}


@given(
    st.lists(st.tuples(st.floats(-5e5, 5e5), st.floats(-5e5, 5e5)), min_size=1, max_size=20),
)
def test_a_frame_holds_all_places_north_up(places: list[tuple[float, float]]) -> None:
    x, y = np.array(places).T
    frame = Frame.around(x, y)
    cells = frame.cells(x, y)
    assert max(frame.width, frame.height) == SIDE
    assert 0.49 <= frame.height / frame.width <= 1.41
    assert (cells >= 0).all()
    assert (cells <= [frame.width, frame.height]).all()
    assert cells[np.argmax(y), 1] == cells[:, 1].min()
    assert cells[np.argmax(x), 0] == cells[:, 0].max()
