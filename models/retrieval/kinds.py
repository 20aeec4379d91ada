"""The kinds of retrieval model by name, imported when they are asked for."""

from __future__ import annotations

import difflib
import importlib

from models.retrieval.retriever import Retriever

KINDS = {
    "popularity": "models.retrieval.popularity:Popularity",
    "ease": "models.retrieval.ease:Ease",
    "als": "models.retrieval.als:Als",
    "bpr": "models.retrieval.bpr:Bpr",
    "softmax_dot": "models.retrieval.softmax_dot:SoftmaxDot",
    "fair_softmax": "models.retrieval.fair_softmax:FairSoftmax",
    "ranking_net": "models.retrieval.ranking_net:RankingNet",
    "sasrec": "models.retrieval.sasrec:Sasrec",
}
"""Where each kind of model is, by the name it has in files and on the command line."""


class UnknownModelError(ValueError):
    """A name that no kind of model has."""


def kind_named(name: str) -> type[Retriever]:
    """Return the class of a kind of model.

    Raises:
        UnknownModelError: if there is none of that name.
    """
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, 1)
        raise UnknownModelError(
            f"model: {name!r} is not one of {', '.join(KINDS)}"
            + (f"; did you mean {near[0]!r}?" if near else "")
        )
    module, _, attribute = KINDS[name].partition(":")
    kind: type[Retriever] = getattr(importlib.import_module(module), attribute)
    return kind
