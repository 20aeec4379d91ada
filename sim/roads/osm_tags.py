"""What the values of OpenStreetMap's tags mean, as OSMnx writes them into GraphML.

OSMnx joins the ways between two crossings into one edge, whose tags then are lists such as
"['30', '50']". The speed of such an edge is the mean of those it names, as in OSMnx.

Source: Boeing (2025), Modeling and Analyzing Urban Networks and Amenities with OSMnx,
Geographical Analysis; wiki.openstreetmap.org `Key:maxspeed`, `Key:oneway`.
"""

import ast
import re
from typing import Literal

ATTRIBUTION = "© OpenStreetMap contributors (ODbL 1.0)"
"""What every map of these streets must say."""

KPH_PER_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}

UNNUMBERED_SPEEDS = frozenset({"none", "signals", "variable", "walk", "unposted", "nan", ""})
"""Values of maxspeed that say no number; the default of the road's class holds instead."""

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z/]*)")
_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)*:[a-z0-9_:]+")  # such as DE:urban, in small letters

Direction = Literal["both", "forward", "backward", "as drawn"]

_DIRECTIONS: dict[str, Direction] = {
    "true": "forward",
    "yes": "forward",
    "1": "forward",
    "false": "both",
    "no": "both",
    "0": "both",
    "-1": "backward",
    "reverse": "backward",
    "none": "as drawn",
    "nan": "as drawn",
    "": "as drawn",
}


def several(value: object) -> list[str]:
    """The values of a tag: of a list as OSMnx writes it, or parted by ; , or |.

    Raises:
        ValueError: A list that is no list.
    """
    text = str(value).strip()
    if text.startswith("["):
        try:
            items = ast.literal_eval(text)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{text!r} is no list of values") from error
        return [part for item in items for part in several(item)]
    return [part.strip() for part in re.split(r"[;|,]", text)]


def speed_kph(value: object) -> float | None:
    """The mean of the speeds of a `maxspeed` in km/h; None where it names no number.

    Raises:
        ValueError: It is no speed.
    """
    known = [speed for part in several(value) if (speed := _one_speed(part.lower())) is not None]
    return sum(known) / len(known) if known else None


def road_class(value: object) -> str:
    """The class of a `highway` tag; of several, the first."""
    return several(value)[0]


def direction(value: object) -> Direction:
    """Which ways a `oneway` tag allows, seen from the first to the last node of the edge.

    Raises:
        ValueError: It is no such tag.
    """
    parts = {part.lower() for part in several(value)}
    if len(parts) > 1:
        # Ways of both kinds joined: only the direction in which the edge is drawn is sure.
        return "as drawn"
    text = parts.pop()
    if text not in _DIRECTIONS:
        raise ValueError(f"{text!r} is no direction")
    return _DIRECTIONS[text]


def _one_speed(text: str) -> float | None:
    if text in UNNUMBERED_SPEEDS or _ZONE.fullmatch(text):
        return None
    match = _NUMBER.fullmatch(text)
    if match is None or match[2] not in KPH_PER_UNIT or float(match[1]) <= 0:
        raise ValueError(f"{text!r} is no speed")
    return float(match[1]) * KPH_PER_UNIT[match[2]]
