"""Recommenders and the concentration of sales, as Fleder & Hosanagar (2009) found it."""

import numpy as np
import pytest

from experiments.replications.protocol import Outcome
from experiments.replications.sales_concentration import SalesConcentration, comparisons
from experiments.replications.study import Study, quietly

pytestmark = pytest.mark.xdist_group("sales_concentration")  # its market is lived once, on one core

SHORT = ("days=15", "commerce.population.visits_per_day=1.0")


@pytest.fixture(scope="module")
def short() -> Outcome:
    study = Study("sales_concentration", replications=2, overrides=SHORT, workers=1)
    return SalesConcentration().measure(study, quietly)


def test_the_signs_are_there_early_on(short: Outcome) -> None:
    assert [row.quantity for row in short.rows if not row.reproduced] == []


def test_the_control_has_the_same_consumers_and_products(short: Outcome) -> None:
    gini = short.data["gini"]
    assert gini["none"].between(0.2, 0.9).all()
    assert gini["none"].nunique() == 2
    assert (gini["collaborative"] > gini["random"]).all()


def test_recommenders_that_change_nothing_reproduce_nothing() -> None:
    same = {name: np.full(4, 0.5) for name in ("none", "collaborative", "discounted", "random")}
    assert not any(row.reproduced for row in comparisons(same))
