"""Several futures of one state: the market of a day lives on unchanged, and with other settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.checkpoints.file import Checkpoint, CheckpointError, copies, plugin_hashes
from experiments.checkpoints.places import newest, place_of
from experiments.checkpoints.resuming import refuse_another_run, scenario_of
from experiments.run_folder import Branch, refuse_foreign
from experiments.running import RunResult, Sources, finished_on_interrupt, live, run_on
from experiments.varying import variants
from policies.plugin_errors import told_of_plugins
from policies.registry import load_plugin
from scenarios.changes import LENGTH, changed_from
from scenarios.schema import Scenario
from sim.events import reschedule
from sim.market import Marketplace

UNCHANGED = "unchanged"
"""What the future without changes is called, and its folder."""

LONGEST_NAME = 80
"""Signs of a future's folder."""


@dataclass(frozen=True, slots=True)
class Future:
    """One of the futures."""

    label: str
    folder: Path
    scenario: Scenario  # with the changes as events; running it gives the same numbers
    changes: dict[str, str]  # what was set, as it was written, by dotted name


@dataclass(frozen=True, slots=True)
class Branching:
    """Futures that are planned and checked, of a state that is read."""

    checkpoint: Checkpoint
    scenario: Scenario  # of the run that they branch from
    day: int
    futures: tuple[Future, ...]
    sources: Sources
    notes: list[str]

    def live(
        self, on_day: Callable[[str, Marketplace], None] | None = None
    ) -> tuple[RunResult, ...]:
        """Live all futures, one after the other, and write their folders.

        Args:
            on_day: called after every day with the future's label; with "" before the branch.

        Returns:
            Their results; fewer than futures if Ctrl-C was pressed, and then the last ended early.

        Raises:
            KeyboardInterrupt: if it was pressed before the day of the branch.
        """
        state, results = self._on_that_day(on_day), []
        for future in self.futures:
            market = state.market()
            reschedule(market, future.scenario)
            came_from = Branch(self.checkpoint.about.scenario_hash, self.day, future.changes)
            results.append(
                run_on(
                    market,
                    future.scenario,
                    Sources(self.sources.input_hashes, self.sources.plugins, came_from),
                    out=future.folder,
                    on_day=None if on_day is None else _of_label(on_day, future.label),
                )
            )
            if results[-1].stopped:
                break
        return tuple(results)

    def _on_that_day(self, on_day: Callable[[str, Marketplace], None] | None) -> Checkpoint:
        """The state on the eve of the day; a checkpoint of an earlier one lives on until then."""
        missing = self.day - self.checkpoint.about.day
        if missing == 0:
            return self.checkpoint
        market = self.checkpoint.market()
        after_day = None if on_day is None else _of_label(on_day, "")
        with finished_on_interrupt() as interrupted, told_of_plugins():
            if live(market, missing, after_day, interrupted) < missing:
                raise KeyboardInterrupt
        state = copies(market)
        market.end()
        return state


def branch(
    run: str | Path,
    day: int,
    *,
    overrides: Sequence[str] = (),
    vary: Mapping[str, Sequence[str]] | None = None,
    plugins: Sequence[Path] = (),
    out: Path | None = None,
    on_day: Callable[[str, Marketplace], None] | None = None,
) -> pd.DataFrame:
    """Start several futures from one state of a run with checkpoints.

    Args:
        run: the run's folder, the folder of its checkpoints, or one of them.
        day: on which the futures part.
        overrides: `KEY=VALUE` each, for all futures but the unchanged one; `days` for all.
        vary: values, as TOML writes them, by the dotted name of a field: a future a combination.
        plugins: files of the plug-ins of the run, and of further policies.
        out: folder for the futures' folders; absent: RUN-from-day-DAY beside the run's.
        on_day: called after every day with the future's label.

    Returns:
        As `compared`.

    Raises:
        CheckpointError: if there is no checkpoint of that day or before, or it is of no use here.
        scenarios.errors.ScenarioError: if a setting is not allowed, or fixed at the founding.
    """
    for plugin in plugins:
        load_plugin(plugin)
    planned = branching(Path(run), day, overrides, vary or {}, plugins, out)
    return compared(planned, planned.live(on_day))


def branching(
    named: Path,
    day: int,
    overrides: Sequence[str],
    vary: Mapping[str, Sequence[str]],
    plugins: Sequence[Path],
    out: Path | None,
) -> Branching:
    """Read the state, and plan and check the futures; plug-ins are loaded.

    Raises:
        As `branch`.
    """
    if day < 0:
        raise CheckpointError(f"--day {day}: must be 0 or later")
    place = place_of(named)
    hashes = plugin_hashes(plugins)
    checkpoint, notes = newest(place, hashes, day=day)
    refuse_another_run(place, checkpoint.about)
    if out is None and place.run is None:
        raise CheckpointError(
            f"{named}: lies in no folder of a run's checkpoints; name a folder by --out"
        )
    where = out or place.run.with_name(f"{place.run.name}-from-day-{day}")  # type: ignore[union-attr]
    market = checkpoint.market()
    scenario = scenario_of(checkpoint, market)
    market.end()
    futures = _futures(scenario, day, overrides, vary, where)
    for future in futures:
        refuse_foreign(future.folder)
    sources = Sources(checkpoint.about.input_hashes, hashes)
    return Branching(checkpoint, scenario, day, futures, sources, notes + checkpoint.notes())


def compared(planned: Branching, results: Sequence[RunResult]) -> pd.DataFrame:
    """The futures' indicators after they parted.

    Returns:
        One row a future and indicator: `future`, `folder`, `indicator`, `mean` (over the days from
        the branch on) and `difference` from the first future.
    """
    means = [result.indicators.iloc[planned.day :].mean() for result in results]
    rows = [
        {
            "future": future.label,
            "folder": str(future.folder),
            "indicator": name,
            "mean": float(mean[name]),
            "difference": float(mean[name] - means[0][name]),
        }
        for future, mean in zip(planned.futures, means, strict=False)
        for name in mean.index
    ]
    return pd.DataFrame(rows, columns=["future", "folder", "indicator", "mean", "difference"])


def _futures(
    scenario: Scenario,
    day: int,
    overrides: Sequence[str],
    vary: Mapping[str, Sequence[str]],
    where: Path,
) -> tuple[Future, ...]:
    """The unchanged future, and one a variant."""
    lengths = [text for text in overrides if _key(text) == LENGTH]
    if not overrides and not vary:
        raise CheckpointError("nothing differs: give --set KEY=VALUE, or --vary KEY=VALUE,VALUE")
    wanted: list[tuple[str, Sequence[str]]] = [(UNCHANGED, lengths)]
    if vary:
        wanted += [(one.label, (*overrides, *one.overrides)) for one in variants(vary)]
    elif len(lengths) < len(overrides):
        told = ", ".join(text for text in overrides if text not in lengths)
        wanted.append((told, overrides))
    folders: list[str] = []
    futures = []
    for label, texts in wanted:
        name = re.sub(r"[^\w.=-]+", "_", label.replace(" = ", "=")).strip("._-")[:LONGEST_NAME]
        folders.append(name if name not in folders else f"{name}-{len(folders)}")
        changes = {_key(text): text.partition("=")[2].strip() for text in texts}
        changed = changed_from(scenario, day, texts)
        futures.append(Future(label, where / folders[-1], changed, changes))
    return tuple(futures)


def _key(text: str) -> str:
    return text.partition("=")[0].strip()


def _of_label(
    on_day: Callable[[str, Marketplace], None], label: str
) -> Callable[[Marketplace], None]:
    return lambda market: on_day(label, market)
