"""Pseudonyms: customers are logged under keyed hashes that change, and the log is short-lived."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.params import PolicyParams

_KEYS_PER_HASH = 8
_UNKNOWN = -1


class Pseudonymise:
    """Logs customers under a keyed hash that is renewed from time to time, and deletes old logs.

    Without the secret nobody can tell which account a key belongs to, or that two keys of different
    periods are one account; a recommender that learns from the log starts anew each time.

    The key of account r is word `r mod 8` of BLAKE2b(block `r div 8`) under the secret of the
    period, without its sign bit: one hash serves eight accounts, and keys are remembered.

    Source: Article 4(5) GDPR (pseudonymisation); keyed hashing: Aumasson, Neves, Wilcox-O'Hearn &
    Winnerlein (2013), "BLAKE2: simpler, smaller, fast as MD5", ACNS; RFC 7693.
    """

    family: ClassVar[str] = "privacy"
    name: ClassVar[str] = "pseudonymise"

    class Params(PolicyParams):
        """Parameters of pseudonyms."""

        secret: str = Field(
            "weal", min_length=1, max_length=200, description="what keys are derived from"
        )
        rotate_days: int = Field(
            28, ge=1, le=100_000, description="days after which everybody gets a new key"
        )
        retention: int = Field(28, ge=1, le=3650, description="days that the log is kept")

    def __init__(self, params: Params) -> None:
        self.params = params
        self._period: tuple[str, int] | None = None
        self._secret = b""
        self._known: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def keys(self, consumers: IntArray, day: int) -> IntArray:
        """The pseudonyms of some accounts on a day.

        Args:
            consumers: (n,) account numbers, >= 0.
            day: the day; keys are renewed every `rotate_days`.

        Returns:
            (n,) int64 keys, >= 0.
        """
        self._begin_period(day // self.params.rotate_days)
        account = np.asarray(consumers, dtype=np.int64)
        if len(account) == 0:
            return account
        self._make_room(int(account.max()) // _KEYS_PER_HASH + 1)
        block = account // _KEYS_PER_HASH
        self._derive(np.unique(block[self._known[account] == _UNKNOWN]))
        return self._known[account]

    def retention_days(self) -> int | None:
        """As the parameters say."""
        return self.params.retention

    def _begin_period(self, number: int) -> None:
        period = (self.params.secret, number)
        if period == self._period:
            return
        self._period = period
        name = f"{self.params.secret}/{number}".encode()
        self._secret = hashlib.blake2b(name, digest_size=hashlib.blake2b.MAX_KEY_SIZE).digest()
        self._known = np.full(len(self._known), _UNKNOWN, dtype=np.int64)

    def _make_room(self, blocks: int) -> None:
        missing = blocks * _KEYS_PER_HASH - len(self._known)
        if missing > 0:
            unknown = np.full(missing, _UNKNOWN, dtype=np.int64)
            self._known = np.concatenate([self._known, unknown])

    def _derive(self, blocks: NDArray[np.int64]) -> None:
        secret, blake2b = self._secret, hashlib.blake2b
        names = blocks.astype("<i8").tobytes()
        digests = b"".join(
            blake2b(names[at : at + 8], key=secret).digest() for at in range(0, len(names), 8)
        )
        keys = np.frombuffer(digests, dtype="<u8") >> np.uint64(1)
        table = self._known.reshape(-1, _KEYS_PER_HASH)
        table[blocks] = keys.astype(np.int64).reshape(-1, _KEYS_PER_HASH)
