"""Plain sentences made of what was found: which settings are best, never one maximum alone.

The word of confidence follows the rule in `confidence.RULE`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from experiments.numerals import NOTHING, finely, measured
from experiments.statistics.best_set import BestSet
from experiments.statistics.confidence import Confidence, confidence
from experiments.statistics.intervals import Interval
from experiments.statistics.more_replications import MoreReplications
from experiments.statistics.pareto import ParetoFront
from experiments.statistics.red_lines import Verdict
from experiments.statistics.zones import Zone, zones
from policies.arrays import BoolArray


def best_level(
    found: BestSet,
    more: MoreReplications,
    levels: Sequence[float],
    noun: str = "setting",
    told: Callable[[float], str] = lambda level: f"{level:g}",
    survives: bool | None = None,
) -> tuple[str, ...]:
    """The answer for one ordered lever: which zone of levels is best, and how sure that is.

    Args:
        found: the set of the best, of S levels.
        more: what it would take to narrow it.
        levels: (S,) the lever's values, in the order of `found`.
        noun: what one of them is called, such as "cap".
        told: how a level is written.
        survives: as in `confidence.confidence`.

    Returns:
        Sentences, the first of which answers: "A cap between 0.1 and 0.3 is best (very likely):
        the other 8 are worse."

    Raises:
        ValueError: as `zones.zones`.
    """
    areas = zones(levels, found.in_set)
    article = "An" if noun[:1].lower() in {*"aeiou"} else "A"
    if len(areas) == 1:
        claim = f"{article} {noun} {_span(areas[0], told)} is best"
    else:
        claim = f"The best {noun} is one {_either([_span(area, told) for area in areas])}"
    names = [told(level) for level in levels]
    sentences = _answer(found, more, claim, names, noun, survives)
    if any(area.is_edge for area in areas) and not found.nothing_told:
        sentences += (f"It reaches the edge of what was tested: the best {noun} may lie beyond.",)
    return sentences


def best_setting(
    found: BestSet,
    more: MoreReplications,
    labels: Sequence[str],
    noun: str = "setting",
    survives: bool | None = None,
) -> tuple[str, ...]:
    """The answer for settings in no order: which are best, and how sure that is.

    Args:
        found: the set of the best, of S settings.
        more: what it would take to narrow it.
        labels: (S,) what the settings are called, in the order of `found`.
        noun: what one of them is.
        survives: as in `confidence.confidence`.

    Returns:
        Sentences, the first of which answers: "flat is best (almost certain): ...".
    """
    inside = _named(labels, found.in_set)
    claim = f"{inside[0]} is best" if len(inside) == 1 else f"The best {noun} is {_either(inside)}"
    return _answer(found, more, claim, labels, noun, survives)


def difference(interval: Interval, unit: str) -> str:
    """A paired difference with its interval: "0, exactly", or "0.21 (0.10 to 0.33)"."""
    if np.isnan(interval.mean):
        return NOTHING
    if interval.is_exact:
        return "0, exactly" if interval.mean == 0.0 else f"{finely(interval.mean, unit)}, exactly"
    if np.isnan(interval.low) or np.isnan(interval.high):
        return f"{finely(interval.mean, unit)} (interval unknown)"
    low, high = finely(interval.low, unit), finely(interval.high, unit)
    return f"{finely(interval.mean, unit)} ({low} to {high})"


def red_line(
    limit: float,
    at_least: bool,
    title: str,
    unit: str,
    labels: Sequence[str],
    by: Sequence[Verdict],
) -> str:
    """Who keeps one red line: "Trust at least 0.40: kept by ...; broken by ...; unsure: ..."."""
    parts = []
    for verdict, words in (("kept", "kept by"), ("broken", "broken by"), ("unsure", "unsure:")):
        names = [label for label, one in zip(labels, by, strict=True) if one == verdict]
        if names:
            all_of_them = len(names) == len(labels) > 1
            parts.append(f"{words} {f'all {len(names)}' if all_of_them else ', '.join(names)}")
    bound = f"{'at least' if at_least else 'at most'} {measured(limit, unit)}"
    return f"{title} {bound}: {'; '.join(parts)}."


def pareto(front: ParetoFront, labels: Sequence[str]) -> str:
    """Who is on the front by means, and who else may be: no better setting in all outcomes."""
    first = _named(labels, front.on_front)
    rest = _named(labels, front.may_be_on_front & ~front.on_front)
    out = _named(labels, front.measured & ~front.may_be_on_front)
    if not first:
        return "No setting was measured in all outcomes."
    text = f"By the means, no other is at least as good in all outcomes: {', '.join(first)}."
    if rest:
        text += f" It cannot be told yet whether these are worse in all: {', '.join(rest)}."
    if out:
        text += f" Beaten for sure by another, in all outcomes: {', '.join(out)}."
    return text


def _answer(
    found: BestSet,
    more: MoreReplications,
    claim: str,
    names: Sequence[str],
    noun: str,
    survives: bool | None,
) -> tuple[str, ...]:
    """The claim with its confidence, or what is to be said in its place."""
    size, inside = int(found.contest.sum()), int(found.in_set.sum())
    broken = found.verdicts.count("broken")
    if size == 0:
        if broken == len(found.verdicts) > 0:
            return (
                f"No {noun} keeps the red lines: {_count(broken, noun)} tested, all break one.",
            )
        return (f"Nothing can be said about the best {noun}: nothing was measured.",)
    sure = confidence(found, survives)
    if found.all_equal and found.pairs[found.contest].min() > 1:
        parts = [f"The {noun} makes no difference: all {size} give exactly the same."]
    elif size == 1:
        alone = "does not break a red line" if broken else "was measured"
        parts = [f"{_named(names, found.in_set)[0]} is the only {noun} that {alone}."]
    elif inside == size:
        parts = [f"Cannot tell yet which {noun} is best: each of the {size} compared may be."]
    elif sure == Confidence.CANNOT_TELL:
        claimed = f"{claim[0].lower()}{claim[1:]}"
        parts = [
            f"Cannot tell yet which {noun} is best.",
            f"What was found does not survive other assumptions: {claimed}.",
        ]
    else:
        rest = size - inside
        told = "the other is worse" if rest == 1 else f"the other {rest} are worse"
        parts = [f"{claim} ({sure.word}): {told}."]
    if broken:
        parts.append(f"{_count(broken, noun)} {'is' if broken == 1 else 'are'} out by a red line.")
    unknown = len(found.verdicts) - size - broken
    if unknown:
        parts.append(f"{_count(unknown, noun)} could not be compared: nothing was measured.")
    unsure = _named(names, found.in_set & np.array([one == "unsure" for one in found.verdicts]))
    if unsure:
        parts.append(f"Not sure to keep the red lines: {', '.join(unsure)}.")
    if inside > 1 and not found.all_equal:
        parts.append(_what_it_takes(found, more, noun))
    return tuple(parts)


def _what_it_takes(found: BestSet, more: MoreReplications, noun: str) -> str:
    """How many more replications would narrow a set of several."""
    inside, equals = int(found.in_set.sum()), int(more.equal.sum())
    if equals == inside - 1:
        if bool(more.equal_for_sure[found.in_set].all()):
            return f"These {noun}s are practically equal: at most {more.indifference:g} apart."
        return (
            f"These {noun}s seem to be practically equal: their means are less than "
            f"{more.indifference:g} from the best."
        )
    if found.verdicts[found.best] != "kept":
        return "First it must be told whether the red lines are kept."
    chance = f"each told with a chance of {more.power:.0%} if differences are as observed"
    narrow, decide = more.to_narrow, more.to_decide
    if narrow is None:
        return (
            f"Not even {more.cap:,} replications would narrow that ({chance}): the differences "
            "are too small, or too few runs have values."
        )
    first = f"{narrow:,} more replications would" if narrow > 1 else "One more replication would"
    which = "the first" if found.nothing_told else "the next"
    left = "all but one" if equals == 0 else f"all but {equals + 1}, which are practically equal"
    if decide is None:
        return f"{first} rule out {which} ({chance}); {more.cap:,} are too few for {left}."
    if decide == narrow:
        return f"{first} rule out {left} ({chance})."
    return f"{first} rule out {which}, {decide:,} more {left} ({chance})."


def _span(area: Zone, told: Callable[[float], str]) -> str:
    if area.is_one:
        return f"of {told(area.low)}"
    return f"between {told(area.low)} and {told(area.high)}"


def _either(names: Sequence[str]) -> str:
    """Names as a choice: "a, b or c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _named(labels: Sequence[str], which: BoolArray) -> list[str]:
    return [label for label, one in zip(labels, which, strict=True) if one]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
