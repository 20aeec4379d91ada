"""Search pages of a world whose relevance and whose attention to places are known."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from models.search_ranking.pages import SearchPages

PLACES = 8
LOOKS = np.array([1.0, 0.8, 0.6, 0.45, 0.35, 0.25, 0.2, 0.15])


@dataclass(frozen=True, slots=True)
class World:
    """Pages as they were clicked, and the same pages with their true relevance as gain."""

    clicked: SearchPages
    truth: SearchPages


def world(pages: int, seed: int, *, looks: np.ndarray = LOOKS) -> World:
    """Pages ordered mostly by a feature that is worth nothing; two others make relevance."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((pages, PLACES, 4))
    order = np.argsort(-(x[:, :, 2] + 0.5 * rng.standard_normal(x.shape[:2])), axis=1)
    x = np.take_along_axis(x, order[:, :, None], axis=1)
    relevance = expit(1.2 * x[:, :, 0] - 0.8 * x[:, :, 1] - 0.5)
    clicked = rng.random(relevance.shape) < relevance * looks
    columns = (
        x.reshape(-1, 4),
        np.repeat(np.arange(pages), PLACES),
        np.tile(np.arange(PLACES), pages),
    )
    return World(
        SearchPages.of(*columns, clicked.ravel().astype(float)),
        SearchPages.of(*columns, relevance.ravel()),
    )
