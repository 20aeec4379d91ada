"""The answer in three sentences: what is best; how sure that is; who gains and who pays.

Each is one sentence. What else there is to be said of the best setting follows as `more`.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.statistics.confidence import Confidence, confidence
from experiments.statistics.wording import best_level, best_setting
from experiments.studies.loading import LoadedStudy
from experiments.study_report.answer import Change, Row, Setting, Survival
from experiments.study_report.labels import factor_labels, level_text, listed, unit_beside, within
from experiments.study_report.recommendation import Recommendation
from experiments.study_report.rows import gainers

SINGULAR = frozenset({"profit", "fines", "rival_profit"})
"""Indicators of sides that there is one of."""


def noun_of(loaded: LoadedStudy) -> str:
    """What a setting is called: the lever's label where there is one lever."""
    levers = loaded.study.levers
    return within(factor_labels(levers)[0]) if len(levers) == 1 else "setting"


def answer_text(
    loaded: LoadedStudy, one: Recommendation, labels: Sequence[str], survives: bool | None
) -> tuple[str, ...]:
    """The sentences on what is best, the first of which answers."""
    noun = noun_of(loaded)
    if one.levels is not None and len(set(one.levels)) == len(one.levels) > 1:
        lever = loaded.study.levers[0]
        return best_level(
            one.found, one.more, one.levels, noun, lambda level: level_text(lever, level), survives
        )
    first, *rest = best_setting(one.found, one.more, labels, noun, survives)
    return f"{first[:1].upper()}{first[1:]}", *rest


def how_sure(
    one: Recommendation, survives: bool | None, tried: Survival | None, overturned: bool
) -> str:
    """The second sentence: the word of confidence with what it rests on."""
    found = one.found
    if one.best < 0:
        return "No word of confidence applies, since no setting can be recommended."
    sure = confidence(found, survives)
    pairs = int(found.pairs[found.contest].min())
    alone = found.contest.sum() == 1 and sure == Confidence.CANNOT_TELL
    if alone or (found.all_equal and pairs > 1):
        why = "there is nothing to compare it with" if alone else "all give exactly the same"
        return f"No word of confidence applies, since {why}; {_elsewhere(tried, survives, False)}."
    rests = f"from {pairs} {'pair' if pairs == 1 else 'pairs'} of runs under the same luck"
    if sure == Confidence.CANNOT_TELL:
        told = f"How sure that is cannot be told yet {rests}"
    else:
        told = (
            f"By the rule below that is {sure.word}, {rests} and at a joint confidence of "
            f"{found.confidence:.0%}"
        )
    return f"{told}; {_elsewhere(tried, survives, overturned)}; {_more_runs(one)}."


def _elsewhere(tried: Survival | None, survives: bool | None, overturned: bool) -> str:
    worlds = [] if tried is None else [w for w in tried.worlds[1:] if w.fate != "unknown"]
    bad = [world for world in worlds if world.fate == "reversed"]
    if survives is None:
        return "it was not tried under other assumptions"
    if overturned and not bad:
        return "it does not survive other ways to make the index"
    many = f"{len(worlds)} other worlds" if len(worlds) > 1 else "the other world"
    if bad:
        named = listed([world.label for world in bad[:3]]) + (" and more" if bad[3:] else "")
        return f"it does not hold in {len(bad)} of {many} that were tried ({named})"
    open_ = sum(world.fate == "unclear" for world in worlds)
    if open_ == len(worlds):
        return f"in {many} that {_were(len(worlds))} tried no setting could be told from the best"
    every = f"all {many}" if len(worlds) > 1 else many
    if not open_:
        return f"it holds in {every} that {_were(len(worlds))} tried"
    return f"it holds in {len(worlds) - open_} of {many}, and in {open_} nothing could be told"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _more_runs(one: Recommendation) -> str:
    """What more replications would bring, as a part of a sentence."""
    inside, narrow, decide = int(one.found.in_set.sum()), one.more.to_narrow, one.more.to_decide
    if inside < 2:
        return "more replications are not needed to tell the settings apart"
    if int(one.more.equal.sum()) == inside - 1:
        return "more replications would tell no more, since these settings are equal"
    if narrow is None:
        return f"not even {one.more.cap:,} replications would narrow it"
    runs = "replications" if narrow > 1 else "replication"
    told = f"about {narrow:,} more {runs} would rule out one setting more"
    if decide is not None and decide != narrow:
        told += f", about {decide:,} all but one"
    return told


def who_pays(
    one: Recommendation,
    settings: Sequence[Setting],
    sides: Sequence[Row],
    tried: Survival | None,
    noun: str,
) -> str:
    """The third sentence: who gains and who pays, or what would change the answer."""
    if one.best < 0:
        return "What it would cost, and whom, is told below for every setting."
    if one.best == one.base:
        return _stays(one, settings, tried, noun)
    several = int(one.found.in_set.sum()) > 1 and not one.found.all_equal
    chosen = ", of those the one with the best mean," if several else ""
    best, base = settings[one.best].label, settings[one.base].label
    head = f"With {best}{chosen} instead of the base, {base},"
    if not sides:
        return f"{head} who gains and who pays cannot be said, since no side’s income was kept."
    changes = [row.changes[one.best] for row in sides]
    if set(changes) == {"same"}:
        return f"{head} nothing changes for any side of the market."
    parts = []
    signs: tuple[tuple[str, Change], ...] = (("gain", "better"), ("pay", "worse"))
    for who, sign in signs:
        if found := gainers(sides, one.best, sign):
            parts.append(f"those who {who} are {listed([_sum(row, one.best) for row in found])}")
    if not parts:
        return f"{head} no side of the market was told to gain or to pay."
    rest = [named(row) for row in sides if row.changes[one.best] in {"unclear", "same"}]
    if rest:
        parts.append(f"no difference was told for {listed(rest)}")
    return f"{head} {'; '.join(parts)}."


def _stays(
    one: Recommendation, settings: Sequence[Setting], tried: Survival | None, noun: str
) -> str:
    label = settings[one.base].label
    bad = [] if tried is None else [w.label for w in tried.worlds[1:] if w.fate == "reversed"]
    told = f"It costs nobody anything, since {label} is the base that all else is compared with"
    if bad:
        return f"{told}; in other worlds ({listed(bad[:3])}) another {noun} would be better."
    if one.found.nothing_told and int(one.found.contest.sum()) > 1:
        return f"Staying with the base, {label}, costs nobody anything."
    return f"{told}, and nothing that was tried would change it."


def named(row: Row) -> str:
    """A side of the market within a sentence: "the platform", "consumers"."""
    return f"the {within(row.label)}" if row.key in SINGULAR else within(row.label)


def _sum(row: Row, setting: int) -> str:
    """A side with what it gains: "consumers (+3.2 currency a day, +1.1 to +5.3)"."""
    gap = row.differences[setting]
    return f"{named(row)} ({gap.told} {unit_beside(row.unit)}, {gap.band})"
