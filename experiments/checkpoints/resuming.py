"""Go on with a run that ended early, to the same bytes as if it had not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.checkpoints.file import About, Checkpoint, CheckpointError, plugin_hashes
from experiments.checkpoints.keeping import Keeper
from experiments.checkpoints.places import Place, begin, newest, place_of
from experiments.run_folder import read_manifest, refuse_foreign
from experiments.running import RunResult, Sources, run_on
from policies.registry import load_plugin
from scenarios.schema import Scenario
from sim.market import Marketplace


class FinishedError(CheckpointError):
    """A run of which nothing is left to be done."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run that can go on."""

    checkpoint: Checkpoint
    scenario: Scenario
    market: Marketplace  # on the eve of the day of the checkpoint
    sources: Sources
    run: Path  # the run's folder, to be written
    notes: list[str]  # what the user should know

    def finish(self, on_day: Callable[[Marketplace], None] | None = None) -> RunResult:
        """Live on to the end, with checkpoints as before, and write the run's folder."""
        about, keeper = self.checkpoint.about, None
        if about.every is not None:
            keeper = Keeper(
                self.run, about.every, self.sources.plugins, self.sources.input_hashes, {about.day}
            )
        return run_on(
            self.market, self.scenario, self.sources, out=self.run, on_day=on_day, keeper=keeper
        )


def resume(
    run: str | Path,
    *,
    plugins: Sequence[Path] = (),
    out: Path | None = None,
    on_day: Callable[[Marketplace], None] | None = None,
) -> RunResult:
    """Go on with a run from its newest whole checkpoint.

    Args:
        run: the run's folder (or where it would be), the folder of its checkpoints, or one of them.
        plugins: files of the plug-ins that it was begun with.
        out: another folder for the run.
        on_day: called after every day.

    Returns:
        As `experiments.run` would have, had it not been interrupted.

    Raises:
        FinishedError: if the run is finished.
        CheckpointError: if there is no whole checkpoint, or it was written by another version of
            the model, or with plug-ins that are not given or have changed.
    """
    for plugin in plugins:
        load_plugin(plugin)
    return resumption(Path(run), plugins, out).finish(on_day)


def resumption(named: Path, plugins: Sequence[Path], out: Path | None = None) -> Resumption:
    """What `resume` goes on with; the plug-ins are loaded.

    Raises:
        FinishedError, CheckpointError: as `resume`.
    """
    place = place_of(named)
    hashes = plugin_hashes(plugins)
    checkpoint, notes = newest(place, hashes)
    run = out or place.run
    if run is None:
        raise CheckpointError(
            f"{named}: lies in no folder of a run's checkpoints; name the run's folder by --out"
        )
    if is_of(run, checkpoint.about) and not read_manifest(run).interrupted:
        raise FinishedError(f"{run}: is finished; all its days are written")
    refuse_foreign(run)
    market = checkpoint.market()
    scenario = scenario_of(checkpoint, market)
    if place.run is None or run.absolute() != place.run.absolute():
        begin(run)
    sources = Sources(checkpoint.about.input_hashes, checkpoint.about.plugins)
    return Resumption(checkpoint, scenario, market, sources, run, notes + checkpoint.notes())


def scenario_of(checkpoint: Checkpoint, market: Marketplace) -> Scenario:
    """The scenario that a market lives by.

    Raises:
        CheckpointError: if it was made from bare settings, without a scenario.
    """
    if not isinstance(market.initial_settings, Scenario):
        raise CheckpointError(
            f"{checkpoint.path}: is of a market without a scenario; load it by load_checkpoint"
        )
    return market.initial_settings


def is_of(run: Path, about: About) -> bool:
    """Whether a run's folder holds the run that a checkpoint is of."""
    toml = run / "scenario.toml"
    if not toml.is_file() or not (run / "manifest.json").is_file():
        return False
    told = hashlib.sha256(toml.read_bytes()).hexdigest()
    return told == about.scenario_hash and read_manifest(run).model == about.model


def refuse_another_run(place: Place, about: About) -> None:
    """A run's folder and the checkpoints beside it must be of one run.

    Raises:
        CheckpointError: if they are not: a later run of that name was begun and not finished.
    """
    run = place.run
    if run is not None and (run / "manifest.json").is_file() and not is_of(run, about):
        raise CheckpointError(
            f"{run}: the checkpoints beside it are of a later run with other settings or of "
            "another version, which was not finished; `weal resume` finishes it"
        )
