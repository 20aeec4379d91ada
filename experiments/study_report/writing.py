"""Write the report of a study into its folder: report.html, report.json and, if wanted, a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.studies.results import StudyResults, mean_table
from experiments.studies.store import study_folder
from experiments.study_report.analysis import analyse
from experiments.study_report.page import as_json, render
from experiments.study_report.reproduction import Named
from experiments.sweeping.folder import SweepRecord, name_in, read_record
from experiments.sweeping.loading import load_results
from experiments.sweeping.outcomes import daily_of
from scenarios.atomic import write_file_atomically


class StudyReportError(ValueError):
    """A report that cannot be made."""


def write_study_report(
    folder: Path, plugins: Sequence[Path] = (), *, pdf: bool = False
) -> tuple[Path, ...]:
    """Make the report of a study, byte for byte the same each time.

    Args:
        folder: the study's folder; each file is written into it whole or not at all.
        plugins: files of the policies of the user's own that the study was swept with.
        pdf: whether to make report.pdf as well, which needs WeasyPrint.

    Returns:
        The files.

    Raises:
        StudyReportError: if there is nothing to report, or no WeasyPrint for the PDF.
        experiments.sweeping.folder.StudyFolderError: if the folder is no study's.
        scenarios.errors.ScenarioError: if the study cannot be read.
    """
    make_pdf = _pdf_maker() if pdf else None  # before the work: it may be missing
    if not folder.is_dir():
        raise StudyReportError(f"{folder}: no such folder; `weal sweep STUDY` makes it")
    results = with_means(load_results(folder, plugins=plugins), folder)
    if not len(results.runs):
        raise StudyReportError(f"{folder}: no run is done yet; `weal sweep STUDY` makes them")
    answer = analyse(results, named_in(folder, read_record(folder)))
    page = render(answer, results.loaded)
    contents: dict[str, str | bytes] = {"report.html": page, "report.json": as_json(answer)}
    if make_pdf is not None:
        contents["report.pdf"] = make_pdf(page)
    paths = []
    for name, content in contents.items():
        write_file_atomically(folder / name, content)
        paths.append(folder / name)
    return tuple(paths)


def with_means(results: StudyResults, folder: Path) -> StudyResults:
    """Results with the means of all indicators, which the daily values in the folder give."""
    names = results.runs["run"].unique()
    daily = daily_of(folder, results.model, names, None, {})
    return replace(results, means=mean_table(results.loaded, results.runs, daily))


def named_in(folder: Path, record: SweepRecord) -> Named:
    """What commands call the study of a folder: as it was swept last."""
    name = name_in(folder) or ""
    usual = folder.parts[-2:] == study_folder(name).parts
    return Named(record.study, record.overrides, record.plugins, "" if usual else str(folder))


def _pdf_maker() -> Any:
    """A function from a page to the bytes of its PDF.

    Raises:
        StudyReportError: if WeasyPrint, or a library that it needs, is missing.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise StudyReportError(
            f"--pdf: needs WeasyPrint, which is not here ({error}); "
            "`pip install 'weal[pdf]'` installs it"
        ) from None

    def refused(url: str, *_: Any, **__: Any) -> Any:
        raise ValueError(f"{url}: a report asks for nothing outside itself")

    def made(page: str) -> bytes:
        content: bytes = HTML(string=page, url_fetcher=refused).write_pdf()
        return content

    return made
