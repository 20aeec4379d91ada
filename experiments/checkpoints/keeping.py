"""Checkpoints of a run as it goes: one on its eve, one every so many days, one when interrupted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from experiments.checkpoints.file import CheckpointError, save_checkpoint
from experiments.checkpoints.places import begin, file_of
from sim.market import Marketplace


@dataclass(slots=True)
class Keeper:
    """Writes the checkpoints of one run."""

    run: Path  # the run's folder
    every: int  # days
    plugins: dict[str, str]  # hashes of plug-ins' files by name
    input_hashes: dict[str, str]
    _kept: set[int] = field(default_factory=set)

    @classmethod
    def of_new_run(
        cls, run: Path, every: int, plugins: dict[str, str], input_hashes: dict[str, str]
    ) -> Keeper:
        """The keeper of a run that begins; the checkpoints of an earlier one are removed.

        Raises:
            CheckpointError: if the number of days is not positive, or the folder holds something
                else than checkpoints.
            OSError: if nothing can be written there.
        """
        if every < 1:
            raise CheckpointError(f"--checkpoint-every {every}: must be a day at least")
        begin(run)
        return cls(run, every, plugins, input_hashes)

    def after_day(self, market: Marketplace) -> None:
        """Write a checkpoint if one is due: on the eve of day 0, and every so many days."""
        if market.day % self.every == 0:
            self.now(market)

    def now(self, market: Marketplace) -> None:
        """Write a checkpoint, unless there is one of this day.

        Raises:
            sim.state.StateError: if the market holds something that cannot be saved.
            OSError: if it cannot be written.
        """
        if market.day in self._kept:
            return
        save_checkpoint(
            market,
            file_of(self.run, market.day),
            plugins=self.plugins,
            input_hashes=self.input_hashes,
            every=self.every,
        )
        self._kept.add(market.day)
