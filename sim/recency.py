"""The recent past: exponentially weighted means with a half-life of two weeks."""

from __future__ import annotations

RECENT = 1.0 - 0.5 ** (1.0 / 14.0)
"""Weight of today in such a mean."""

EFFECTIVE_DAYS = round(1.0 / RECENT, 1)
"""Sum of the daily weights of a decayed total such as `sold_recently`, which it makes a mean."""
