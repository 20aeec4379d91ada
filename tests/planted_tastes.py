"""Choices with planted tastes, and every retrieval model at a size that learns them in a moment."""

from collections.abc import Callable

import numpy as np

from models.interactions import Interactions
from models.recommender import RecommenderConfig
from models.retrieval.als import Als, AlsConfig
from models.retrieval.bpr import Bpr, BprConfig
from models.retrieval.ease import Ease, EaseConfig
from models.retrieval.fair_softmax import FairSoftmax, FairSoftmaxConfig
from models.retrieval.popularity import Popularity
from models.retrieval.ranking_net import RankingNet, RankingNetConfig
from models.retrieval.repeat import RepeatAndDiscovery, RepeatAndDiscoveryConfig
from models.retrieval.retriever import Retriever
from models.retrieval.sasrec import Sasrec, SasrecConfig
from models.retrieval.softmax_dot import SoftmaxDot, SoftmaxDotConfig
from models.retrieval.two_tower import TwoTower, TwoTowerConfig

USERS, ITEMS = 300, 60

MAKERS: dict[str, Callable[[], Retriever]] = {
    "popularity": Popularity,
    "ease": lambda: Ease(EaseConfig(l2=20.0)),
    "repeat_and_discovery": lambda: RepeatAndDiscovery(
        RepeatAndDiscoveryConfig(discovery=EaseConfig(l2=20.0), discovery_weight=4.0)
    ),
    "als": lambda: Als(AlsConfig(factors=8, sweeps=6)),
    "bpr": lambda: Bpr(BprConfig(factors=8, epochs=40, batch_size=512, l2=0.002)),
    "softmax_dot": lambda: SoftmaxDot(SoftmaxDotConfig(size=8, epochs=40, batch_size=64, l2=0.01)),
    "two_tower": lambda: TwoTower(
        TwoTowerConfig(size=8, units=8, epochs=30, batch_size=64, learning_rate=0.01),
        np.eye(3)[np.arange(ITEMS) % 3],
    ),
    "fair_softmax": lambda: FairSoftmax(
        FairSoftmaxConfig(
            size=8, epochs=40, batch_size=64, l2=0.01, group_l2=0.01, share=0.5, ease_share=0.2
        )
    ),
    "sasrec": lambda: Sasrec(
        SasrecConfig(size=16, blocks=1, length=16, epochs=60, batch_size=64, learning_rate=0.01)
    ),
    "ranking_net": lambda: RankingNet(
        RankingNetConfig(
            negatives=4, network=RecommenderConfig(embedding_size=8, batch_size=512, max_epochs=30)
        )
    ),
}
KNOW_HISTORIES = (
    "ease",
    "repeat_and_discovery",
    "als",
    "softmax_dot",
    "fair_softmax",
    "two_tower",
    "sasrec",
)


def planted_log() -> Interactions:
    """Users of three kinds, who mostly take items of their kind, and some items of all kinds."""
    rng = np.random.default_rng(3)
    users = np.repeat(np.arange(USERS), 20)
    own = rng.integers(0, ITEMS // 3, len(users)) * 3 + users % 3
    anything = (ITEMS * rng.beta(1.0, 4.0, len(users))).astype(int)
    items = np.where(rng.random(len(users)) < 0.7, own, anything)
    return Interactions.of(users, items, n_users=USERS, n_items=ITEMS)
