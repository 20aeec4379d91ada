"""`weal import`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from experiments.commands.refusal import refuses
from scenarios.commerce.library import folder_for

COMPLETE_JOURNEY = "completejourney"


@refuses
def import_command(
    items: str,
    interactions: Path | None,
    out: str | None,
    columns: list[str],
    *,
    skip_bad_rows: bool,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Import a shop's tables, or dunnhumby's Complete Journey; returns the exit code."""
    if items == COMPLETE_JOURNEY and interactions is None:
        from scenarios.commerce.completejourney import import_completejourney

        folder = folder_for(out or COMPLETE_JOURNEY)
        summary = import_completejourney(folder, overwrite=overwrite)
    else:
        from scenarios.commerce.tables import import_tables

        if interactions is None:
            raise ImportUsageError(
                f"import {items}: a second table is needed: weal import ITEMS.csv "
                "INTERACTIONS.csv --out NAME; or: weal import completejourney"
            )
        if out is None:
            raise ImportUsageError(
                "--out NAME is missing: the name by which scenarios will know the catalogue"
            )
        folder = folder_for(out)
        summary = import_tables(
            items,
            interactions,
            folder,
            column_names(columns),
            on_bad_row="skip" if skip_bad_rows else "refuse",
            overwrite=overwrite,
        )
    name = out or COMPLETE_JOURNEY
    if as_json:
        sys.stdout.write(json.dumps({"folder": str(folder), **asdict(summary)}, indent=2) + "\n")
        return 0
    sys.stdout.write(f"{summary}\n\nWritten: {folder}\n")
    sys.stdout.write(
        "A scenario names it so:\n\n"
        f'    [commerce]\n    source = "imported"\n    imported = "{name}"\n'
    )
    return 0


class ImportUsageError(ValueError):
    """A call of `weal import` that lacks something."""


def column_names(columns: list[str]) -> dict[str, str]:
    """`NAME=YOURS` each, as a mapping."""
    mapping = {}
    for one in columns:
        name, equals, yours = one.partition("=")
        if not equals or not name.strip() or not yours.strip():
            raise ImportUsageError(f"--column {one}: must be NAME=YOURS, such as price=preis")
        mapping[name.strip()] = yours.strip()
    return mapping
