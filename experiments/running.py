"""Run a scenario, day by day, and keep what it leaves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pandas as pd

from experiments.checkpoints.file import CheckpointError, plugin_hashes
from experiments.checkpoints.keeping import Keeper
from experiments.checkpoints.places import remove
from experiments.run_folder import Branch, Manifest, make_manifest, refuse_foreign, write_run
from policies.plugin_errors import told_of_plugins
from policies.registry import load_plugin
from scenarios.build import read_inputs
from scenarios.find import find_scenario
from scenarios.loading import load_toml
from scenarios.schema import STARTS_FROM, Scenario
from sim.market import Marketplace


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gives back to Python."""

    scenario: Scenario
    manifest: Manifest
    indicators: pd.DataFrame  # (days, indicators), index: day
    folder: Path | None  # where it was written, if it was
    stopped: bool  # Ctrl-C was pressed, be it while the last day was written


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a market comes from, beside its scenario."""

    input_hashes: dict[str, str]  # by kind of input
    plugins: dict[str, str]  # SHA-256 of plug-ins' files by name
    branch: Branch | None = None  # what it was until it went its own way


def resolve(
    scenario: str | Path | Scenario,
    *,
    days: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
) -> tuple[Scenario, Path | None]:
    """A scenario by name, file or value, with the changes of a command line.

    Args:
        scenario: the name of one that ships, a TOML file, or a scenario.
        days: another length.
        seed: another seed.
        overrides: `KEY=VALUE` each.

    Returns:
        The scenario, and the folder that its relative paths start from.

    Raises:
        scenarios.errors.ScenarioError: with all that is wrong.
    """
    more = list(overrides)
    more += [f"days={days}"] if days is not None else []
    more += [f"seed={seed}"] if seed is not None else []
    if isinstance(scenario, Scenario):
        from scenarios.loading import override

        return override(scenario, more, {STARTS_FROM: None}), None
    path = find_scenario(scenario)
    loaded = load_toml(path, Scenario, more, {STARTS_FROM: path.parent})
    if not loaded.name:
        loaded = loaded.model_copy(update={"name": path.stem})
    return loaded, path.parent


def run(
    scenario: str | Path | Scenario,
    *,
    days: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    plugins: Sequence[Path] = (),
    out: Path | None = None,
    on_day: Callable[[Marketplace], None] | None = None,
    checkpoint_every: int | None = None,
) -> RunResult:
    """Run a scenario.

    Args:
        scenario: the name of one that ships, a TOML file, or a scenario.
        days: another length than the scenario's.
        seed: another seed than the scenario's.
        overrides: `KEY=VALUE` each, as on the command line.
        plugins: Python files with policies of the user's own.
        out: folder to write; absent: nothing is written.
        on_day: called after every day.
        checkpoint_every: days between two checkpoints, which lie beside `out` and from which
            `resume` goes on; absent: none are made.

    Returns:
        Daily indicators and where they come from. Interrupted (Ctrl-C), the run ends with the last
        whole day, and its manifest says so.

    Raises:
        experiments.checkpoints.file.CheckpointError: if no checkpoints can be made there.
        sim.state.StateError: if a policy holds something that no checkpoint can hold.
        scenarios.errors.ScenarioError: if the scenario is not allowed.
        policies.registry.PolicyError: if a plug-in is not usable, or fails during the run.
    """
    for plugin in plugins:
        load_plugin(plugin)
    resolved, folder = resolve(scenario, days=days, seed=seed, overrides=overrides)
    return run_resolved(
        resolved,
        folder,
        plugins=plugins,
        out=out,
        on_day=on_day,
        checkpoint_every=checkpoint_every,
    )


def run_resolved(
    resolved: Scenario,
    folder: Path | None,
    *,
    plugins: Sequence[Path] = (),
    out: Path | None = None,
    on_day: Callable[[Marketplace], None] | None = None,
    checkpoint_every: int | None = None,
) -> RunResult:
    """Run what `resolve` gave.

    Args:
        resolved: a validated scenario, whose plug-ins are loaded.
        folder: where its relative paths start from.
        plugins: files of those plug-ins, for the manifest.
        out: folder to write; absent: nothing is written.
        on_day: called after every day.
        checkpoint_every: as `run`.

    Returns:
        As `run`.
    """
    if out is None and checkpoint_every is not None:
        raise CheckpointError("checkpoint_every: checkpoints lie beside `out`, which is not given")
    if out is not None:
        refuse_foreign(out)
    inputs = read_inputs(resolved, seed=resolved.seed, folder=folder)
    sources = Sources(inputs.hashes, plugin_hashes(plugins))
    keeper = None
    if out is not None and checkpoint_every is not None:
        keeper = Keeper.of_new_run(out, checkpoint_every, sources.plugins, sources.input_hashes)
    with told_of_plugins():
        market = Marketplace(resolved, inputs.market, resolved.seed)
    return run_on(market, resolved, sources, out=out, on_day=on_day, keeper=keeper)


def run_on(
    market: Marketplace,
    scenario: Scenario,
    sources: Sources,
    *,
    out: Path | None,
    on_day: Callable[[Marketplace], None] | None = None,
    keeper: Keeper | None = None,
) -> RunResult:
    """Let a market live to the end of its scenario, and write its folder.

    Args:
        market: on the eve of any day.
        scenario: its resolved scenario.
        sources: where it comes from.
        out: folder to write; absent: nothing is written.
        on_day: called after every day.
        keeper: writes checkpoints; without one, those of an earlier run of that folder go when its
            folder is replaced.

    Returns:
        As `run`.
    """

    def after_day(market: Marketplace) -> None:
        if keeper is not None:
            keeper.after_day(market)
        if on_day is not None:
            on_day(market)

    with finished_on_interrupt() as interrupted:
        with told_of_plugins():
            if keeper is not None:
                keeper.after_day(market)
            live(market, scenario.days - market.day, after_day, interrupted)
            if keeper is not None and interrupted():
                keeper.now(market)
        done = market.day
        manifest = make_manifest(
            scenario,
            days_done=done,
            hashes=sources.input_hashes,
            plugins=sources.plugins,
            attribution=market.network.attribution,
            seed=scenario.seed,
            branch=sources.branch,
        )
        if out is not None and done > 0:
            from experiments.reporting import write_report  # pages need matplotlib; few runs do

            if keeper is None:
                remove(out)
            write_run(out, market, scenario, manifest, write_report)
        stopped = interrupted()
    indicators = market.health.frame()
    market.end()
    return RunResult(scenario, manifest, indicators, out if done > 0 else None, stopped)


def live(
    market: Marketplace,
    days: int,
    on_day: Callable[[Marketplace], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Let a market live.

    Args:
        market: the market.
        days: how long, days.
        on_day: called after every day.
        stopped: asked before every day whether to end here.

    Returns:
        The whole days done, fewer than `days` if stopped.
    """
    for done in range(days):
        if stopped():
            return done
        market.step()
        if on_day is not None:
            on_day(market)
    return days


@contextmanager
def finished_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C end a run after the day that is being lived; a second one stops at once.

    What is being written when it is pressed is written to its end.

    Yields:
        A function that says whether Ctrl-C was pressed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)
    pressed = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
