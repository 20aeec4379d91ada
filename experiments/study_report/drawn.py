"""The answer of a drawn design: Latin hypercube, Sobol, Morris."""

from __future__ import annotations

from experiments.studies.results import StudyResults
from experiments.study_report.answer import StudyAnswer


def analyse_drawn(results: StudyResults) -> StudyAnswer:
    """What a drawn design tells: which factors move the outcomes, and how far."""
    raise NotImplementedError
