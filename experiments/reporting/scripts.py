"""Scripts and data of a page: the policy lets these scripts run and no other, data stay data."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any


def script(name: str) -> str:
    """A script of ours, the same for every page.

    Args:
        name: its file's name in `experiments/templates`.
    """
    return files("experiments").joinpath("templates", name).read_text("utf-8")


def script_hash(name: str) -> str:
    """What a page's security policy lets run: this script, and no other."""
    digest = hashlib.sha256(script(name).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def data_for_script(data: dict[str, Any]) -> str:
    """JSON that nothing within can end, or begin anything else, as HTML reads it."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
