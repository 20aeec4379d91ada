"""What a multi-task network is shown: users, items and features of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, IdArray, check_same_length, checked_floats, checked_ids


@dataclass(frozen=True, slots=True)
class Rows:
    """E rows of F features; a table without users, without items or without features has none."""

    users: IdArray  # (E,) or (0,)
    items: IdArray  # (E,) or (0,)
    features: FloatArray  # (E, F)

    @classmethod
    def of(
        cls,
        users: npt.ArrayLike | None = None,
        items: npt.ArrayLike | None = None,
        features: npt.ArrayLike | None = None,
    ) -> Self:
        """Check the columns; at least one must be given.

        Args:
            users: (E,) user ids.
            items: (E,) item ids.
            features: (E, F) numbers of any scale.

        Raises:
            ValueError: if columns differ in length or hold what is not allowed.
        """
        none = np.empty(0, dtype=np.int64)
        user_ids = none if users is None else checked_ids("users", users)
        item_ids = none if items is None else checked_ids("items", items)
        given = {
            name: column
            for name, column, there in (
                ("users", user_ids, users is not None),
                ("items", item_ids, items is not None),
            )
            if there
        }
        if features is None:
            if not given:
                raise ValueError("rows: users, items or features are needed")
            table = np.empty((len(next(iter(given.values()))), 0))
        else:
            table = checked_floats("features", features, ndim=2)
        check_same_length(features=table, **given)
        return cls(user_ids, item_ids, table)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.features)
