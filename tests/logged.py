"""Days of a platform's log, of which a test says what matters to it."""

from typing import Any

import numpy as np

from sim.platform_log import LogDay


def log_day(day: int, *, listing: Any, **given: Any) -> LogDay:
    """A day on which `listing` was seen, each in a session of its own and in the first place.

    Args:
        day: the day.
        listing: (E,) listings seen.
        given: further columns of `LogDay`; what was bought was clicked unless `clicked` says else.
    """
    seen = np.asarray(listing)
    columns: dict[str, Any] = {
        "session": np.arange(len(seen)),
        "visitor": np.zeros(len(seen), np.int64),
        "listing": seen,
        "surface": np.zeros(len(seen), np.int8),
        "position": np.zeros(len(seen), np.int16),
        "price": np.full(len(seen), 1000),
        "query": np.full(len(seen), -1),
        "bought": np.zeros(len(seen), np.bool_),
    }
    columns |= {
        name: np.empty(0, np.int64)
        for name in ("rating_visitor", "rating_listing", "return_visitor", "return_listing")
    }
    columns["rating"] = np.empty(0)
    columns |= {name: np.asarray(value) for name, value in given.items()}
    columns.setdefault("clicked", columns["bought"])
    return LogDay(day=day, **columns)
