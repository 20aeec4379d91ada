"""A log in Parquet, read a row group at a time: for logs larger than memory.

Rows are shuffled as far as memory allows: row groups come in random order, `MIXED` of them are held
at a time, and their rows are shuffled together. Several processes share the row groups out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.array_checks import IdArray
from models.histories import Histories
from models.interactions import Interactions
from models.pair_hashing import chosen_pairs
from models.training.pair_filter import PairFilter

MIXED = 4
"""Row groups whose rows are shuffled together."""

EVALUATION_KEY = 0xE7A1
"""Chooses the pairs that no training sees."""

_IDS_A_ROW = 64
"""Ids may exceed rows by this factor: above it they were not numbered from 0."""


class ShardError(ValueError):
    """A log in Parquet that cannot be trained on."""


@dataclass(frozen=True, slots=True)
class LogColumns:
    """What the columns of a log are called."""

    user: str = "user"
    item: str = "item"
    time: str | None = None  # whole numbers; absent: the order of the rows

    @property
    def names(self) -> list[str]:
        """All that are read."""
        return [self.user, self.item, *([self.time] if self.time else [])]


@dataclass(frozen=True, slots=True)
class Events:
    """Rows of a log."""

    users: IdArray  # (E,)
    items: IdArray  # (E,)
    times: IdArray  # (E,)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.users)

    def rows(self, chosen: npt.NDArray[np.bool_] | IdArray) -> Events:
        """Return some of the rows."""
        return Events(self.users[chosen], self.items[chosen], self.times[chosen])


@dataclass(frozen=True, slots=True)
class _Group:
    path: Path
    number: int  # of the row group in its file
    first: int  # row of the file that it begins with


class ShardedLog:
    """Parquet files as one log, a share of its pairs held out from every training."""

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        columns: LogColumns | None = None,
        held_out_share: float = 0.1,
    ) -> None:
        """Read the log once: count its rows, users and items, and check every row.

        Args:
            paths: Parquet files, or folders of them.
            columns: what its columns are called.
            held_out_share: of the (user, item) pairs that no training sees, in [0, 0.5].

        Raises:
            ShardError: if files, columns or rows are not as they must be.
        """
        if not 0.0 <= held_out_share <= 0.5:
            raise ShardError(f"held_out_share: must lie in [0, 0.5], got {held_out_share:g}")
        self.columns = columns or LogColumns()
        self.held_out_share = held_out_share
        self._groups = _row_groups(_files(paths), self.columns)
        self._training_rows = np.zeros(len(self._groups), dtype=np.int64)
        of_users = of_items = np.zeros(0, dtype=np.int64)
        self.rows = 0  # all of them
        for place, group in enumerate(self._groups):
            events = self._read(group)
            kept = events.rows(~self._held_out(events))
            self.rows += len(events)
            self._training_rows[place] = len(kept)
            of_users = _added(of_users, kept.users, events.users)
            of_items = _added(of_items, kept.items, events.items)
            for name, counted in (("user", of_users), ("item", of_items)):
                if len(counted) > _IDS_A_ROW * (self.rows + 1024):
                    raise ShardError(
                        f"{group.path}: {name} ids up to {len(counted) - 1} in {self.rows} rows; "
                        "number them from 0"
                    )
        if not self._training_rows.sum():
            raise ShardError(f"{self._groups[0].path}: no rows to train on")
        self.events_of_user = of_users  # (N,) rows to train on
        self.events_of_item = of_items  # (M,)

    @property
    def n_users(self) -> int:
        """Users that the log names, held out or not, or that it has room for."""
        return len(self.events_of_user)

    @property
    def n_items(self) -> int:
        """Items that the log names, held out or not, or that it has room for."""
        return len(self.events_of_item)

    def make_room(self, n_users: int, n_items: int) -> None:
        """Count users and items that the log does not name too, below these numbers of them."""
        for name, length in (("events_of_user", n_users), ("events_of_item", n_items)):
            counted = getattr(self, name)
            setattr(self, name, np.pad(counted, (0, max(length - len(counted), 0))))

    @property
    def training_rows(self) -> int:
        """Rows that a training sees."""
        return int(self._training_rows.sum())

    def known_pairs(self) -> PairFilter:
        """Return which pairs a training sees."""
        known = PairFilter(self.training_rows, self.n_items)
        for events in self._training():
            known.tell(events.users, events.items)
        return known

    def batches(
        self, size: int, seed: int, *, rank: int = 0, of: int = 1
    ) -> Iterator[Events | None]:
        """Go once through the rows to train on, in random order.

        Args:
            size: rows of a batch over all processes together.
            seed: of the order.
            rank: of this process.
            of: how many processes there are.

        Yields:
            As many batches in every process; None where a process has no rows left.
        """
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self._groups))
        mine = max(size // of, 1)
        shares = [order[other::of] for other in range(of)]
        steps = max(-(-int(self._training_rows[share].sum()) // mine) for share in shares)
        own = np.random.default_rng([seed, rank])
        made = 0
        rest: list[Events] = []
        held = 0
        for start in range(0, len(shares[rank]), MIXED):
            read = [self._kept(self._groups[one]) for one in shares[rank][start : start + MIXED]]
            mixed = _joined(read)
            rest.append(mixed.rows(own.permutation(len(mixed))))
            held += len(mixed)
            if held < mine:
                continue
            whole = _joined(rest)
            whole_batches = held // mine
            for number in range(whole_batches):
                yield whole.rows(np.arange(number * mine, (number + 1) * mine))
            made += whole_batches
            rest = [whole.rows(np.arange(whole_batches * mine, held))]
            held -= whole_batches * mine
        if held:
            made += 1
            yield _joined(rest)
        for _ in range(made, steps):
            yield None

    def whole(self) -> Interactions:
        """Return all rows to train on, for models that need them in memory."""
        events = _joined(list(self._training()))
        return self._as_log(events, events.users, self.n_users)

    def of_users(self, users: IdArray) -> tuple[Histories, Interactions]:
        """Read what some users took.

        Args:
            users: (U,) distinct ascending ids.

        Returns:
            Their U rows of what a training sees, and what is held out of them, as of users 0 to U.
        """
        seen: list[Events] = []
        asked: list[Events] = []
        for group in self._groups:
            events = self._read(group)
            place = np.searchsorted(users, events.users)
            theirs = users[np.minimum(place, len(users) - 1)] == events.users
            held_out = self._held_out(events)
            seen.append(events.rows(theirs & ~held_out))
            asked.append(events.rows(theirs & held_out))
        known, wanted = _joined(seen), _joined(asked)
        history = self._as_log(known, np.searchsorted(users, known.users), len(users))
        held = self._as_log(wanted, np.searchsorted(users, wanted.users), len(users))
        return Histories.of_log(history), held

    def users_held_out(self, at_most: int, seed: int) -> IdArray:
        """Return some users who have held-out rows, drawn at random, ascending."""
        found = np.zeros(self.n_users, dtype=np.bool_)
        for group in self._groups:
            events = self._read(group)
            found[events.users[self._held_out(events)]] = True
        asked = np.flatnonzero(found)
        if len(asked) > at_most:
            asked = np.random.default_rng(seed).choice(asked, at_most, replace=False)
        return np.sort(asked)

    def _as_log(self, events: Events, users: IdArray, n_users: int) -> Interactions:
        return Interactions(
            users, events.items, n_users, self.n_items, np.ones(len(events)), events.times
        )

    def _training(self) -> Iterator[Events]:
        for group in self._groups:
            yield self._kept(group)

    def _kept(self, group: _Group) -> Events:
        events = self._read(group)
        return events.rows(~self._held_out(events))

    def _held_out(self, events: Events) -> npt.NDArray[np.bool_]:
        return chosen_pairs(events.users, events.items, self.held_out_share, EVALUATION_KEY)

    def _read(self, group: _Group) -> Events:
        from pyarrow import parquet

        with parquet.ParquetFile(group.path) as file:
            table = file.read_row_group(group.number, columns=self.columns.names)
        columns = self.columns
        users = _whole_numbers(table, columns.user, group, lowest=0)
        items = _whole_numbers(table, columns.item, group, lowest=0)
        times = (
            _whole_numbers(table, columns.time, group, lowest=None)
            if columns.time
            else np.arange(group.first, group.first + len(users))
        )
        return Events(users, items, times)


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        if not inside:
            raise ShardError(f"{path}: no Parquet file in this folder")
        found += inside
    return found


def _row_groups(paths: Sequence[Path], columns: LogColumns) -> list[_Group]:
    import pyarrow as pa
    from pyarrow import parquet

    groups: list[_Group] = []
    first = 0
    for path in paths:
        try:
            with parquet.ParquetFile(path) as file:
                metadata, there = file.metadata, file.schema_arrow.names
        except FileNotFoundError as error:
            raise ShardError(f"{path}: no such file") from error
        except pa.ArrowInvalid as error:
            raise ShardError(f"{path}: not a Parquet file: {error}") from error
        for name in columns.names:
            if name not in there:
                near = difflib.get_close_matches(name, there, 1)
                raise ShardError(
                    f"{path}: no column {name!r}; it has {', '.join(there)}"
                    + (f"; did you mean {near[0]!r}?" if near else "")
                )
        for number in range(metadata.num_row_groups):
            groups.append(_Group(path, number, first))
            first += metadata.row_group(number).num_rows
    if not groups:
        raise ShardError(f"{paths[0]}: no rows to train on")
    return groups


def _whole_numbers(table: Any, name: str, group: _Group, lowest: int | None) -> IdArray:
    import pyarrow as pa

    column = table.column(name)
    if not pa.types.is_integer(column.type):
        raise ShardError(
            f"{group.path}: column {name!r} must hold whole numbers, but is {column.type}; number "
            "users and items from 0"
        )
    where = "row {} of row group " + str(group.number)
    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy()))
        raise ShardError(f"{group.path}: column {name!r} is empty in {where.format(row)}")
    values: IdArray = column.to_numpy().astype(np.int64)
    if lowest is not None and len(values) and int(values.min()) < lowest:
        row = int(np.argmax(values < lowest))
        raise ShardError(
            f"{group.path}: column {name!r} holds {int(values[row])} in {where.format(row)}; ids "
            "count from 0"
        )
    return values


def _added(counts: IdArray, kept: IdArray, everyone: IdArray) -> IdArray:
    """Counts (N,) with more ids counted; as long as all ids named so far need."""
    length = max(len(counts), int(everyone.max(initial=-1)) + 1)
    more = np.bincount(kept, minlength=length)
    more[: len(counts)] += counts
    return more


def _joined(parts: Sequence[Events]) -> Events:
    if len(parts) == 1:
        return parts[0]
    empty = np.empty(0, dtype=np.int64)
    return Events(
        np.concatenate([empty, *(one.users for one in parts)]),
        np.concatenate([empty, *(one.items for one in parts)]),
        np.concatenate([empty, *(one.times for one in parts)]),
    )


def columns_named(told: Mapping[str, str]) -> LogColumns:
    """Return the columns of a log from what a user calls them.

    Raises:
        ShardError: if something else than user, item or time is named.
    """
    odd = [name for name in told if name not in ("user", "item", "time")]
    if odd:
        raise ShardError(f"column: {odd[0]!r} is not one of user, item, time")
    return LogColumns(**told)
