"""What is wrong with a state that cannot be saved or read."""

from __future__ import annotations


class StateError(ValueError):
    """Something that cannot be saved, or a saved state that cannot be what it says."""
