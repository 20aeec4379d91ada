"""Listings that are shown twice."""

from __future__ import annotations

from policies.compiled import compiled


@compiled
def drop_repeats(alternatives):  # type: ignore[no-untyped-def]
    """Empty every place (S, K) of a listing that its session has seen already; in place."""
    sessions, width = alternatives.shape
    for s in range(sessions):
        for k in range(1, width):
            for earlier in range(k):
                if alternatives[s, earlier] == alternatives[s, k]:
                    alternatives[s, k] = -1
                    break
