"""How the numbers of a report were made, in words."""

from __future__ import annotations

from experiments.statistics.more_replications import POWER
from experiments.statistics.resampling import RESAMPLES
from experiments.studies.results import StudyResults
from experiments.studies.schema import Grid
from experiments.study_report.survival import world_confidence


def method(results: StudyResults) -> tuple[str, ...]:
    """Paragraphs on luck, intervals, the set of the best, and what else the page rests on."""
    loaded = results.loaded
    days = loaded.base.days
    told = (
        (
            "Weal is an agent-based model of a marketplace. Each run lives through "
            f"{days} days; an outcome is a number made of the days of a window."
        ),
        (
            "Luck is shared: replication r has the same seed under every setting and in every "
            "world, and each decision by chance draws from a stream of its own, so that two "
            "settings differ by nothing but the setting. Differences are paired by replication."
        ),
        (
            f"Intervals are bootstrap-t (Hall 1988; {RESAMPLES:,} resamples) at 95 %. Those of "
            "differences from the base hold jointly for all settings of an outcome. Differences "
            "of percentages are in percentage points."
        ),
    )
    if isinstance(loaded.study.design, Grid):
        return (*told, *_grid(results))
    return (*told, DRAWN)


DRAWN = (
    "Sobol indices are estimates of Saltelli et al. (2010), elementary effects those of Morris "
    "(1991) and Campolongo et al. (2007), each without the bias of luck. Differences of thirds are "
    "of points that were drawn independently, with Welch’s intervals at 95 %, each for itself."
)


def _grid(results: StudyResults) -> list[str]:
    layout = results.loaded.layout
    told = [
        (
            "Best or tied: a setting is out if another is better by more than chance explains, "
            "jointly over all comparisons (multiple comparisons with the best: Hsu 1984; Nelson & "
            "Matejcik 1995). With 95 % confidence the true best is among those that are left. "
            "Numbers of more replications are those that tell a difference as large as observed "
            f"with a chance of {POWER:.0%}."
        )
    ]
    worlds = len(layout.worlds) - 1
    if worlds:
        told.append(
            "Other worlds: the settings are compared anew in each, at a confidence of "
            f"{world_confidence(worlds):.2%}, so that all {worlds} together err in about 5 %. The "
            "answer survives if in none of them another setting is better for sure, or the "
            "recommended one breaks a red line."
        )
    return told
