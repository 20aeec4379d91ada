"""The report of a run: one HTML file that answers first."""

from experiments.reporting.page import write_report

__all__ = ["write_report"]
