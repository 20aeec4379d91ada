"""The command `weal`. Imports are late, so that `weal --help` answers at once."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, Optional

import typer

app = typer.Typer(
    name="weal",
    help="What does a policy do to the health of a marketplace?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERRUPTED = 130

ScenarioArgument = Annotated[
    str, typer.Argument(help="Name of a scenario that ships, or a TOML file.", metavar="SCENARIO")
]
StudyArgument = Annotated[
    str, typer.Argument(help="Name of a study that ships, or a TOML file.", metavar="STUDY")
]
StudyOrFolder = Annotated[
    str, typer.Argument(help="Name or file of a study, or its folder.", metavar="STUDY")
]
Days = Annotated[Optional[int], typer.Option(help="Another length, in days.")]  # noqa: UP045
Seed = Annotated[Optional[int], typer.Option(help="Another seed.")]  # noqa: UP045
Set = Annotated[
    list[str], typer.Option("--set", help="Set a field: KEY=VALUE.", metavar="KEY=VALUE")
]
Plugin = Annotated[
    list[Path], typer.Option(help="A Python file with policies of your own.", metavar="FILE.py")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


ALLOCATIONS_BETWEEN_COLLECTIONS = 100_000
"""A run makes few cycles: Python's 700 would look for them all the time."""


@contextmanager
def _imports_that_stay() -> Iterator[None]:
    """Import without looking for garbage, in what stays as long as the command: 0.4 s a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_BETWEEN_COLLECTIONS)
        gc.enable()


@app.command()
def run(
    scenario: ScenarioArgument,
    days: Days = None,
    seed: Seed = None,
    set_: Set = [],  # noqa: B006 - typer copies it
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for the run; default: runs/SCENARIO-SEED."),
    ] = None,
    checkpoint_every: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            min=1,
            help="Keep a checkpoint every so many days, for resume and branch.",
            metavar="DAYS",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Run a scenario and write its folder, with report.html."""
    with _imports_that_stay():
        from experiments.commands.run import run_command

    raise typer.Exit(
        run_command(
            scenario,
            days,
            seed,
            set_,
            plugin,
            out,
            as_json=json,
            checkpoint_every=checkpoint_every,
        )
    )


@app.command()
def resume(
    run: Annotated[
        Path, typer.Argument(help="A run's folder, or one of its checkpoints.", metavar="RUN")
    ],
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Another folder for the run."),
    ] = None,
    json: Json = False,
) -> None:
    """Go on with a run that ended early, from its newest checkpoint, to the same bytes."""
    with _imports_that_stay():
        from experiments.commands.resume import resume_command

    raise typer.Exit(resume_command(run, plugin, out, as_json=json))


@app.command()
def branch(
    run: Annotated[
        Path, typer.Argument(help="A run with checkpoints, or one of them.", metavar="RUN")
    ],
    day: Annotated[int, typer.Option(min=0, help="Day on which the futures part.")],
    set_: Set = [],  # noqa: B006
    vary: Annotated[
        list[str],
        typer.Option(help="A field and its values: a future each.", metavar="KEY=V1,V2"),
    ] = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for the futures; default: RUN-from-day-DAY."),
    ] = None,
    json: Json = False,
) -> None:
    """Start several futures of a run from one of its days: unchanged, and with other settings."""
    with _imports_that_stay():
        from experiments.commands.branch import branch_command

    raise typer.Exit(branch_command(run, day, set_, plugin, out, vary=vary, as_json=json))


@app.command()
def dispatch(
    instances: Annotated[
        list[Path],
        typer.Argument(
            help="Folder of an instance of Grubhub's, file of one of Li and Lim's, or a folder of "
            "instances.",
            metavar="INSTANCE",
        ),
    ],
    policy: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Name of a dispatch policy; default: the strongest."),
    ] = None,
    set_: Annotated[
        list[str],
        typer.Option("--set", help="Set a parameter of the policy.", metavar="KEY=VALUE"),
    ] = [],  # noqa: B006
    preparation_noise: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="Standard deviation of true preparation times around the expected, minutes.",
            metavar="MINUTES",
        ),
    ] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 1,
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for the solutions; default: runs/dispatch-INSTANCE."),
    ] = None,
    json: Json = False,
) -> None:
    """Dispatch couriers on published instances, and write solutions that can be checked."""
    with _imports_that_stay():
        from experiments.commands.dispatch import dispatch_command

    raise typer.Exit(
        dispatch_command(
            instances,
            policy,
            set_,
            plugin,
            out,
            seed=seed,
            preparation_noise=preparation_noise,
            as_json=json,
        )
    )


@app.command()
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(help="Two or more scenarios, the first the base; or one, with --vary."),
    ],
    replications: Annotated[
        int, typer.Option(min=2, help="Runs of each under the same luck.")
    ] = 10,
    days: Days = None,
    seed: Seed = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="CSV file for the whole table."),
    ] = None,
    vary: Annotated[
        list[str],
        typer.Option(help="A field and its values; the first is the base.", metavar="KEY=V1,V2"),
    ] = [],  # noqa: B006
    span: Annotated[
        list[str],
        typer.Option(help="Days to average over as well: war=20:70.", metavar="NAME=FIRST:END"),
    ] = [],  # noqa: B006
    page: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="HTML page that tells which setting is best, and how sure that is."),
    ] = None,
    json: Json = False,
) -> None:
    """Run several scenarios under the same luck and table the paired differences."""
    with _imports_that_stay():
        from experiments.commands.compare import compare_command

    raise typer.Exit(
        compare_command(
            scenarios,
            replications,
            days,
            seed,
            set_,
            plugin,
            out,
            vary=vary,
            spans=span,
            page=page,
            as_json=json,
        )
    )


@app.command()
def plan(
    study: StudyArgument,
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Runs at a time; default: one a processor."),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The study's folder, whose finished runs are counted."),
    ] = None,
    each_alternative: Annotated[
        bool, typer.Option("--each-alternative", help="Measure a run of every alternative too.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell how many runs a study takes, how long, and how much disk, measured on one run."""
    with _imports_that_stay():
        from experiments.commands.plan import plan_command

    raise typer.Exit(
        plan_command(
            study, workers, set_, plugin, out, each_alternative=each_alternative, as_json=json
        )
    )


@app.command()
def sweep(
    study: StudyArgument,
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Runs at a time; default: one a processor."),
    ] = None,
    executor: Annotated[str, typer.Option(help="local, ray or dask.")] = "local",
    address: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Of a Ray or Dask cluster that runs already."),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for the study; default: runs/study-NAME."),
    ] = None,
    timeout: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(min=0.001, help="Seconds that a run may take.", metavar="SECONDS"),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try runs again that failed before.")
    ] = False,
    json: Json = False,
) -> None:
    """Make all runs of a study that are not there yet; exit code 1 where some failed."""
    with _imports_that_stay():
        from experiments.commands.sweep import sweep_command

    raise typer.Exit(
        sweep_command(
            study,
            workers,
            executor,
            address,
            set_,
            plugin,
            out,
            timeout,
            retry_failed=retry_failed,
            as_json=json,
        )
    )


@app.command()
def status(study: StudyOrFolder, json: Json = False) -> None:
    """Tell how far a study is, while it is swept or afterwards; exit code 1 where runs failed."""
    from experiments.commands.status import status_command

    raise typer.Exit(status_command(study, as_json=json))


@app.command()
def compact(study: StudyOrFolder, json: Json = False) -> None:
    """Merge a study's run files into shards, which are read a hundred times faster."""
    from experiments.commands.status import compact_command

    raise typer.Exit(compact_command(study, as_json=json))


@app.command()
def sensitivity(
    study: StudyArgument,
    outcome: Annotated[str, typer.Option(help="Name of an outcome; default: decide_by's.")] = "",
    setting: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="In a grid: the setting, by label or number.", metavar="LABEL"),
    ] = None,
    base: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="In a grid: the setting that it is compared with.", metavar="LABEL"),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The study's folder; default: runs/study-NAME."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell which factors a study's outcome depends on, and how much of it is luck."""
    with _imports_that_stay():
        from experiments.commands.sensitivity import sensitivity_command

    raise typer.Exit(
        sensitivity_command(study, outcome, setting, base, set_, plugin, out, as_json=json)
    )


@app.command()
def discover(
    study: StudyArgument,
    outcome: Annotated[str, typer.Option(help="Name of an outcome; default: decide_by's.")] = "",
    setting: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="In a grid: the setting, by label or number.", metavar="LABEL"),
    ] = None,
    against: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            help="Failing is to be worse than this: base or best. Default: to break the threshold, "
            "or the outcome's red line.",
            metavar="base|best",
        ),
    ] = None,
    threshold: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="Value to keep to; with --against: how much worse is too much."),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The study's folder; default: runs/study-NAME."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell under which circumstances a setting of a study fails (PRIM)."""
    with _imports_that_stay():
        from experiments.commands.discover import discover_command

    raise typer.Exit(
        discover_command(
            study, outcome, setting, against, threshold, set_, plugin, out, as_json=json
        )
    )


@app.command()
def report(
    what: Annotated[
        str, typer.Argument(help="A study, its folder, or a run's.", metavar="STUDY_OR_FOLDER")
    ],
    pdf: Annotated[bool, typer.Option("--pdf", help="Make report.pdf of a study as well.")] = False,
    plugin: Plugin = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Make the report of a study or rebuild that of a run, byte for byte the same."""
    with _imports_that_stay():
        from experiments.commands.report import report_command

    raise typer.Exit(report_command(what, plugin, pdf=pdf, as_json=json))


@app.command()
def reviews(
    run: Annotated[Path, typer.Argument(help="A run's folder.", metavar="RUN")],
    adapter: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder of a sentiment adapter to read them with (extra lm)."),
    ] = None,
    fit: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Train an adapter on this run's stars and save it here (extra lm)."),
    ] = None,
    device: Annotated[str, typer.Option(help="Of PyTorch, for the adapter.")] = "cpu",
    plugin: Plugin = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Tell what a run's reviews say of quality, delivery, price, service and authenticity."""
    with _imports_that_stay():
        from experiments.commands.reviews import reviews_command

    raise typer.Exit(reviews_command(run, adapter, fit, device, plugin, as_json=json))


@app.command()
def search(
    study: Annotated[
        str, typer.Argument(help="Name of a study that ships, or a TOML file.", metavar="STUDY")
    ],
    trials: Annotated[int, typer.Option(min=1, help="Settings to try.")] = 60,
    replications: Annotated[int, typer.Option(min=1, help="Runs of each in the search.")] = 5,
    batch: Annotated[int, typer.Option(min=1, help="Settings chosen at a time.")] = 8,
    sampler: Annotated[str, typer.Option(help="tpe, gp or random.")] = "tpe",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search itself.")] = 0,
    finalists: Annotated[int, typer.Option(min=1, help="Best settings to test again.")] = 5,
    fresh: Annotated[int, typer.Option(min=2, help="Fresh seeds for that.")] = 20,
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Runs at a time; default: as many as there are cores."),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder of the results; default: runs/search-STUDY."),
    ] = None,
    json: Json = False,
) -> None:
    """Search a study's levers for the best setting; test the finalists on fresh seeds."""
    with _imports_that_stay():
        from experiments.commands.search import search_command
        from experiments.searching.optimising import SearchSettings, sampler_of

    raise typer.Exit(
        search_command(
            study,
            lambda: SearchSettings(trials, replications, batch, sampler_of(sampler), seed),
            finalists,
            fresh,
            workers,
            set_,
            plugin,
            out,
            as_json=json,
        )
    )


@app.command()
def calibrate(
    calibration: Annotated[
        str,
        typer.Argument(
            help="Name of a calibration that ships, or a TOML file.", metavar="CALIBRATION"
        ),
    ],
    workers: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Runs at a time; default: as many as there are cores."),
    ] = None,
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder of the results; default: runs/calibration-NAME."),
    ] = None,
    json: Json = False,
) -> None:
    """Fit unknown parameters to a table of target moments; check what the fitted model predicts."""
    with _imports_that_stay():
        from experiments.commands.calibrate import calibrate_command

    raise typer.Exit(calibrate_command(calibration, workers, set_, plugin, out, as_json=json))


@app.command()
def replicate(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Which one; without a name they are listed.", metavar="NAME"),
    ] = None,
    replications: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "--replications",
            "--sessions",
            min=1,
            help="How often it is repeated; default: as its result needs.",
        ),
    ] = None,
    set_: Set = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for table, figure and page; default: runs/replicate-NAME."),
    ] = None,
    json: Json = False,
) -> None:
    """Reproduce theory or a published result; exit code 1 where it is not reproduced."""
    from experiments.commands.replicate import replicate_command

    raise typer.Exit(replicate_command(name, replications, set_, out, as_json=json))


@app.command()
def check(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of a scenario or study that ships, or a TOML file.",
            metavar="SCENARIO|STUDY",
        ),
    ],
    set_: Set = [],  # noqa: B006
    plugin: Plugin = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Check a scenario or a study and show all that is wrong at once."""
    with _imports_that_stay():
        from experiments.commands.check import check_command

    raise typer.Exit(check_command(name, set_, plugin, as_json=json))


@app.command(name="list")
def list_(
    what: Annotated[
        str,
        typer.Argument(
            help="policies, scenarios, studies, calibrations, indicators, settings or "
            "replications.",
            metavar="WHAT",
        ),
    ],
    plugin: Plugin = [],  # noqa: B006
    json: Json = False,
) -> None:
    """List policies, scenarios, studies, calibrations, indicators, settings or replications."""
    with _imports_that_stay():
        from experiments.commands.listing import list_command

    raise typer.Exit(list_command(what, plugin, as_json=json))


@app.command(name="import")
def import_(
    items: Annotated[
        str, typer.Argument(help="CSV of items; or: completejourney.", metavar="ITEMS.csv")
    ],
    interactions: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(help="CSV of interactions.", metavar="INTERACTIONS.csv"),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Name of the catalogue, or a folder for it."),
    ] = None,
    column: Annotated[
        list[str],
        typer.Option(help="Name of a column in your file: price=preis.", metavar="NAME=YOURS"),
    ] = [],  # noqa: B006
    skip_bad_rows: Annotated[
        bool, typer.Option(help="Import the good rows; bad ones are listed in rejected.csv.")
    ] = False,
    overwrite: Annotated[bool, typer.Option(help="Replace a catalogue of that name.")] = False,
    json: Json = False,
) -> None:
    """Turn a shop's tables into a catalogue and consumers that scenarios can name."""
    with _imports_that_stay():
        from experiments.commands.importing import import_command

    raise typer.Exit(
        import_command(
            items,
            interactions,
            out,
            column,
            skip_bad_rows=skip_bad_rows,
            overwrite=overwrite,
            as_json=json,
        )
    )


@app.command()
def train(
    log: Annotated[
        list[Path],
        typer.Argument(help="Parquet files, or folders of them: who took what.", metavar="LOG"),
    ],
    model: Annotated[
        str,
        typer.Option(
            help="popularity, ease, als, bpr, softmax_dot, fair_softmax, ranking_net or sasrec.",
            metavar="MODEL",
        ),
    ] = "bpr",
    set_: Set = [],  # noqa: B006
    column: Annotated[
        list[str],
        typer.Option(help="Name of user, item or time in your file.", metavar="NAME=YOURS"),
    ] = [],  # noqa: B006
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for the model; default: runs/model-MODEL."),
    ] = None,
    in_shards: Annotated[
        bool, typer.Option(help="Hold a few row groups at a time, not the log: bpr, ranking_net.")
    ] = False,
    passes: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Over the log at most; default: the model's."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is drawn.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "cpu",
    held_out_share: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Of the pairs, kept for the evaluation.")
    ] = 0.1,
    go_on_from: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--from", help="Folder of a model to go on from.", metavar="FOLDER"),
    ] = None,
    tune: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Settings to try first, by Optuna.", metavar="TRIALS"),
    ] = None,
    tensorboard: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for TensorBoard's file of the losses.", metavar="FOLDER"),
    ] = None,
    int8: Annotated[bool, typer.Option(help="Save tables as 8-bit numbers.")] = False,
    json: Json = False,
) -> None:
    """Train a recommender on a log of your own, see how well it ranks, and save it."""
    with _imports_that_stay():
        from experiments.commands.train import train_command

    raise typer.Exit(
        train_command(
            log,
            model,
            set_,
            column,
            out,
            in_shards=in_shards,
            passes=passes,
            seed=seed,
            device=device,
            held_out_share=held_out_share,
            go_on_from=go_on_from,
            tune=tune,
            tensorboard=tensorboard,
            int8=int8,
            as_json=json,
        )
    )


def main() -> None:
    """Run the command line; errors of the user's are told in plain words, without a traceback."""
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = INTERRUPTED
    except SystemExit as ending:
        if not isinstance(ending.code, int):
            raise
        code = ending.code
    else:
        code = 0
    # What is done is done: Ctrl-C while the process ends changes nothing of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process without taking its modules apart object by object: 0.25 s a command.

    What is registered for the end of the process is done, and what was printed is out.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public way to run them early
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
