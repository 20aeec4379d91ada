"""`weal report`."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from pathlib import Path

from experiments.commands.refusal import refuses
from policies.registry import load_plugin
from scenarios.errors import Problem, ScenarioError


@refuses
def report_command(what: str, plugins: list[Path], *, pdf: bool, as_json: bool) -> int:
    """Rebuild the report of a run's folder or of a study; plug-ins are those it was made with."""
    for plugin in plugins:
        load_plugin(plugin)
    _refuse_unknown(what)
    if _is_run(Path(what)):
        if pdf:
            told = "is a run's folder; reports of studies alone are made as PDF"
            raise ScenarioError((Problem.of_file(what, f"--pdf: {told}"),))
        from experiments.reporting import write_report

        paths = {"report": str(write_report(Path(what)))}
    else:
        from experiments.study_report.writing import write_study_report
        from experiments.sweeping.folder import folder_of

        written = write_study_report(folder_of(what), plugins, pdf=pdf)
        names = ("report", "data", "pdf")
        paths = {name: str(path) for name, path in zip(names, written, strict=False)}
    sys.stdout.write(json.dumps(paths) if as_json else "\n".join(paths.values()))
    sys.stdout.write("\n")
    return 0


def _refuse_unknown(what: str) -> None:
    from experiments.studies.loading import is_study, shipped_names

    if Path(what).is_dir() or is_study(what):
        return
    known = shipped_names()
    near = get_close_matches(what, known, n=1, cutoff=0.5)
    told = f"no such folder, and no study of that name; known: {', '.join(known)}"
    told += f"; did you mean {near[0]}?" if near else ""
    raise ScenarioError((Problem.of_file(what, told),))


def _is_run(path: Path) -> bool:
    """Whether a path is a run's folder, or may be meant as one: there is no study of its own."""
    return path.is_dir() and not (path / "study.toml").is_file()
