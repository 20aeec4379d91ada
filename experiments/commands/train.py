"""`weal train`."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from experiments.commands.importing import column_names
from experiments.commands.plain_json import print_json
from experiments.commands.refusal import FAILED, refuses
from models.retrieval.kinds import kind_named
from models.training.fitting import Watch
from models.training.job import Trained, TrainingJob, train_and_judge
from models.training.processes import joined_processes
from models.training.shards import ShardedLog, columns_named
from scenarios.loading import override


class TrainUsageError(ValueError):
    """A call of `weal train` whose options do not go together."""


@refuses
def train_command(
    logs: list[Path],
    kind_name: str,
    overrides: list[str],
    columns: list[str],
    out: Path | None,
    *,
    in_shards: bool,
    passes: int | None,
    seed: int,
    device: str,
    held_out_share: float,
    go_on_from: Path | None,
    tune: int | None,
    tensorboard: Path | None,
    int8: bool,
    as_json: bool,
) -> int:
    """Train a model on a log in Parquet, evaluate it and save it; returns the exit code."""
    kind = kind_named(kind_name)
    if go_on_from is not None and (overrides or tune):
        raise TrainUsageError(
            "--from: a model goes on with its own settings; drop --set and --tune"
        )
    config = override(kind.Config(), overrides)
    folder = out or Path("runs") / f"model-{kind_name}"
    if folder.exists() and not folder.is_dir():
        raise TrainUsageError(f"--out {folder}: is a file; name a folder")
    began = time.monotonic()
    with joined_processes() as processes, ExitStack() as open_ones:
        if processes.size > 1 and not in_shards:
            raise TrainUsageError(
                "several processes share out shards: add --in-shards, or start one process"
            )
        log = ShardedLog(
            logs,
            columns=columns_named(column_names(columns)),
            held_out_share=held_out_share,
        )
        search: dict[str, Any] = {}
        if tune:
            config, search = _searched(kind_name, config, log, tune, seed, passes, device)
        job = TrainingJob(kind, config, in_shards, seed, passes, device, go_on_from)
        watches: list[Watch] = [_told] if processes.leads else []
        if tensorboard is not None and processes.leads:
            from models.training.tensorboard import tensorboard_watch

            watches.append(open_ones.enter_context(tensorboard_watch(tensorboard)))

        def watch(number: int, numbers: Any) -> None:
            for one in watches:
                one(number, numbers)

        try:
            trained = train_and_judge(
                job,
                log,
                watch=watch,
                processes=processes,
                folder_for_int8=folder if int8 else None,
            )
        except FloatingPointError as error:
            sys.stderr.write(f"{kind_name}: {error}\n")
            return FAILED
        if not processes.leads:
            return 0
        file = folder / f"{kind_name}.safetensors" if int8 else trained.model.save(folder)
        told = {
            "model": kind_name,
            "config": trained.model.config_used(),
            "log": {
                "rows": log.rows,
                "rows_trained_on": log.training_rows,
                "users": log.n_users,
                "items": log.n_items,
            },
            "processes": processes.size,
            "passes": trained.report.passes,
            "losses": list(trained.report.losses),
            "held_out_losses": list(trained.report.validation),
            "evaluation": trained.figures(),
            "weight_bytes": trained.model.weight_bytes(),
            "file": str(file),
            "seconds": round(time.monotonic() - began, 2),
            **search,
        }
        if int8:
            told["weight_bytes_int8"] = trained.model.weight_bytes(int8=True)
    if as_json:
        print_json(told)
    else:
        _print(told, trained)
    return 0


def _searched(
    name: str,
    config: Any,
    log: ShardedLog,
    trials: int,
    seed: int,
    passes: int | None,
    device: str,
) -> tuple[Any, dict[str, Any]]:
    from models.training.tuning import tuned

    def on_trial(made: int, best: float) -> None:
        sys.stderr.write(f"search: {made} of {trials} settings, best NDCG@10 {best:.4f}\n")

    found = tuned(
        kind_named(name),
        config,
        log.whole(),
        trials=trials,
        seed=seed,
        passes=passes,
        device=device,
        on_trial=on_trial,
    )
    search = {
        "search": {
            "trials": len(found.trials),
            "ndcg": found.ndcg,
            "ndcg_as_given": found.ndcg_as_given,
        }
    }
    return found.config, search


def _told(number: int, numbers: Any) -> None:
    values = ", ".join(f"{name} {value:.5f}" for name, value in numbers.items())
    sys.stderr.write(f"pass {number}: {values}\n")


def _print(told: dict[str, Any], trained: Trained) -> None:
    log, write = told["log"], sys.stdout.write
    write(
        f"{told['model']}: {log['rows_trained_on']:,} of {log['rows']:,} rows, {log['users']:,} "
        f"users, {log['items']:,} items; {told['passes']} passes, {told['seconds']:.1f} s\n\n"
    )
    figures = told["evaluation"]
    if figures:
        write(f"{'held out':12}{'NDCG@10':>9}{'recall':>9}{'hit rate':>10}{'coverage':>10}\n")
        for name, one in figures.items():
            write(
                f"{name:12}{one['ndcg']:9.4f}{one['recall']:9.4f}{one['hit_rate']:10.4f}"
                f"{one['coverage']:10.3f}\n"
            )
    else:
        write("Nothing was held out, so nothing is known about its rankings.\n")
    if "search" in told:
        search = told["search"]
        write(
            f"\nBest of {search['trials']} settings on a part of the training rows: NDCG@10 "
            f"{search['ndcg']:.4f}; as given {search['ndcg_as_given']:.4f}\n"
        )
    if trained.quality_int8 is not None:
        write(f"\nWeights: {told['weight_bytes']:,} bytes, {told['weight_bytes_int8']:,} as int8\n")
    write(f"\nWritten: {told['file']}\n")
