"""How to make a study and its report again, and which runs failed."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import defaultdict
from dataclasses import dataclass

from experiments.studies.loading import SHIPPED, LoadedStudy
from experiments.studies.results import Failure, StudyResults
from experiments.study_report.answer import FailedRuns, Reproduction
from experiments.study_report.labels import setting_labels, world_label
from scenarios.writing import content_hash
from sim.settings.dotted import plain

PLACES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Named:
    """What commands call a study."""

    study: str  # its name or file
    overrides: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    out: str = ""  # its folder, if not the usual one

    @property
    def checked(self) -> str:
        """Study, changes and plug-ins as a shell has them."""
        words = [self.study]
        for option, values in (("--set", self.overrides), ("--plugin", self.plugins)):
            words += [word for value in values for word in (option, value)]
        return shlex.join(words)

    @property
    def swept(self) -> str:
        """The same, with the folder."""
        return self.checked + (f" --out {shlex.quote(self.out)}" if self.out else "")

    @property
    def reported(self) -> str:
        """Whose report is asked for."""
        words = [self.out or self.study]
        words += [word for value in self.plugins for word in ("--plugin", value)]
        return shlex.join(words)


def named_by(loaded: LoadedStudy) -> Named:
    """What commands call a study that is read from its own file."""
    name = loaded.path.stem if loaded.path.parent == SHIPPED else str(loaded.path)
    return Named(name, plugins=tuple(map(str, loaded.plugins)))


def reproduction(results: StudyResults, named: Named) -> Reproduction:
    """Commands, versions, seeds and hashes."""
    loaded = results.loaded
    first = loaded.base.seed
    last = first + (int(results.runs["replication"].max()) if len(results.runs) else 0)
    return Reproduction(
        (
            ("Check the study", f"weal check {named.checked}"),
            ("Run it; finished runs are kept", f"weal sweep {named.swept}"),
            ("Make this report again", f"weal report {named.reported}"),
        ),
        f"weal sweep {named.swept}",
        results.model,
        study_hash(loaded),
        content_hash(loaded.base),
        f"{first} to {last}, the same for every setting and world" if last > first else f"{first}",
        tuple((one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in loaded.plugins),
    )


def study_hash(loaded: LoadedStudy) -> str:
    """SHA-256 of the resolved study, whatever its file looks like."""
    text = json.dumps(plain(loaded.study), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def failed_runs(results: StudyResults) -> tuple[FailedRuns, ...]:
    """Runs that gave no result, put together by their reasons, the most frequent first."""
    found: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for one in sorted(results.failures, key=lambda one: (one.point, one.replication, one.run)):
        found[one.kind, _reason(one.told)].append(one)
    groups = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(
        FailedRuns(kind, reason, len(some), _places(results.loaded, some), some[0].told)
        for (kind, reason), some in groups
    )


def _reason(told: str) -> str:
    """The last line of a traceback, which says what went wrong."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason is known"


def _places(loaded: LoadedStudy, some: list[Failure]) -> str:
    labels = setting_labels(loaded)
    points = loaded.layout.points
    places = dict.fromkeys(
        f"{labels[points[one.point].setting]}; {world_label(loaded, points[one.point].world)}"
        for one in some
    )
    shown = [*places][:PLACES_SHOWN]
    more = len(places) - len(shown)
    return " / ".join(shown) + (f" / and {more} more" if more > 0 else "")
