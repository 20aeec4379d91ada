"""JSON of results: numbers of NumPy as numbers, what is not finite as null."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any


def print_json(told: Any) -> None:
    """Write records to stdout."""
    sys.stdout.write(json.dumps(plain(told), indent=2) + "\n")


def plain(told: Any) -> Any:
    """What JSON can hold of records."""
    if isinstance(told, Mapping):
        return {str(key): plain(value) for key, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [plain(value) for value in told]
    if hasattr(told, "item"):
        told = told.item()
    return None if isinstance(told, float) and not math.isfinite(told) else told
