"""Jobs wait in the order in which they came."""

from hypothesis import given
from hypothesis import strategies as st

from sim.delivery.known_jobs import WaitingLine

JOBS = 6


@given(st.lists(st.tuples(st.integers(0, JOBS - 1), st.booleans()), max_size=80))
def test_the_line_keeps_the_order_whoever_leaves_it(steps: list[tuple[int, bool]]) -> None:
    line, order = WaitingLine(JOBS), []
    for job, looks in steps:
        if job in order:
            order.remove(job)
            line.quit(job)
        else:
            order.append(job)
            line.join(job)
        assert len(line) == len(order)
        if looks:
            assert line.shown().tolist() == order
    assert line.shown().tolist() == order
    assert not line.shown().flags.writeable
