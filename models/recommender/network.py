"""The network: two embeddings, their element-wise product, a small perceptron, and biases.

With e_u and e_i the embeddings of user u and item i, * the element-wise product:

    logit(u, i) = w . relu(W (e_u * e_i) + c) + b_u + b_i + b

The product lets a taste and a trait meet entry by entry; the perceptron weighs the meetings; the
biases hold what needs no meeting, how readily a user buys and how popular an item is.

Source: He et al. (2017), "Neural Collaborative Filtering", WWW, section 3.2 (the generalised
matrix factorisation, here with a hidden layer); Koren, Bell & Volinsky (2009), "Matrix
Factorization Techniques for Recommender Systems", Computer 42(8) (the biases).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recommender.config import RecommenderConfig

_MUTE_LOGITS = 0.05
"""Standard deviation over pairs below which the perceptron says nothing about them."""

_PAIRS_TO_LISTEN_TO = 10_000


class EmbeddingProductNetwork(nn.Module):
    """The recommender's parameters and its forward pass. N users, M items, D numbers, H units."""

    user_embedding: nn.Parameter  # (N, D)
    item_embedding: nn.Parameter  # (M, D)
    user_bias: nn.Parameter  # (N,) logits
    item_bias: nn.Parameter  # (M,) logits
    hidden_weight: nn.Parameter  # (H, D)
    hidden_bias: nn.Parameter  # (H,)
    output_weight: nn.Parameter  # (H,)
    output_bias: nn.Parameter  # () logit
    user_trained: Tensor  # (N,) bool: the user was in the rows of some training
    item_trained: Tensor  # (M,) bool

    def __init__(self, n_users: int, n_items: int, config: RecommenderConfig) -> None:
        """Lay out zeros. PyTorch's own layers draw from the global stream, hence plain tensors."""
        super().__init__()
        size, units = config.embedding_size, config.hidden_units
        self.user_embedding = nn.Parameter(torch.zeros(n_users, size))
        self.item_embedding = nn.Parameter(torch.zeros(n_items, size))
        self.user_bias = nn.Parameter(torch.zeros(n_users))
        self.item_bias = nn.Parameter(torch.zeros(n_items))
        self.hidden_weight = nn.Parameter(torch.zeros(units, size))
        self.hidden_bias = nn.Parameter(torch.zeros(units))
        self.output_weight = nn.Parameter(torch.zeros(units))
        self.output_bias = nn.Parameter(torch.zeros(()))
        self.register_buffer("user_trained", torch.zeros(n_users, dtype=torch.bool))
        self.register_buffer("item_trained", torch.zeros(n_items, dtype=torch.bool))

    @property
    def n_users(self) -> int:
        """Rows of the user table."""
        return self.user_bias.shape[0]

    @property
    def n_items(self) -> int:
        """Rows of the item table."""
        return self.item_bias.shape[0]

    def forward(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits (B,) of the pairs users[b], items[b]."""
        logits: Tensor = self.logits(*self.embeddings(users, items), users, items)
        return logits

    def embeddings(self, users: Tensor, items: Tensor) -> tuple[Tensor, Tensor]:
        """Return the embeddings (B, D) of users and of items."""
        return (
            functional.embedding(users, self.user_embedding),
            functional.embedding(items, self.item_embedding),
        )

    def logits(self, tastes: Tensor, traits: Tensor, users: Tensor, items: Tensor) -> Tensor:
        """Return the logits (B,) of pairs whose embeddings were looked up before."""
        product = tastes * traits
        hidden = torch.relu(functional.linear(product, self.hidden_weight, self.hidden_bias))
        return (
            hidden @ self.output_weight
            + self.user_bias[users]
            + self.item_bias[items]
            + self.output_bias
        )


def first_network(
    n_users: int,
    n_items: int,
    config: RecommenderConfig,
    base_rate: float,
    generator: torch.Generator,
) -> EmbeddingProductNetwork:
    """Return an untrained network that answers about `base_rate` for every pair.

    Args:
        n_users: Rows of the user table.
        n_items: Rows of the item table.
        config: The network's size.
        base_rate: Mean label, in [0, 1].
        generator: The stream that the weights are drawn from.
    """
    network = EmbeddingProductNetwork(n_users, n_items, config)
    clipped_rate = min(max(base_rate, 1e-4), 1.0 - 1e-4)
    with torch.no_grad():
        network.output_bias.fill_(math.log(clipped_rate / (1.0 - clipped_rate)))
    _draw_all(network, config.initial_scale, generator)
    return network


def grown_network(
    network: EmbeddingProductNetwork,
    n_users: int,
    n_items: int,
    config: RecommenderConfig,
    generator: torch.Generator,
) -> EmbeddingProductNetwork:
    """Return a copy of a trained network with tables for more ids; known ids keep their rows.

    Args:
        network: The network so far.
        n_users: Rows of the new user table, at least as many as before.
        n_items: Rows of the new item table, at least as many as before.
        config: The network's size.
        generator: The stream that new rows are drawn from.
    """
    grown = EmbeddingProductNetwork(n_users, n_items, config)
    with torch.no_grad():
        for name, old in network.state_dict().items():
            new = grown.state_dict()[name]
            if old.ndim:
                new[: old.shape[0]] = old
            else:
                new.copy_(old)
    _draw_untrained_rows(grown, config.initial_scale, generator)
    return grown


def start_anew_if_mute(
    network: EmbeddingProductNetwork,
    users: Tensor,
    items: Tensor,
    scale: float,
    generator: torch.Generator,
) -> None:
    """Draw all weights anew if the embeddings no longer tell pairs apart.

    From a thin log the priors pull all embeddings to zero, rightly. Zero is a trap though: the
    gradient of a product of zeros is zero, so that the richer log of later weeks would teach a
    warm-started network nothing. Its biases are lost too, which is cheap, and needed: from biases
    that already explain what is popular, embeddings rarely grow out of the noise.

    Args:
        network: Changed in place.
        users: (E,) users of the log.
        items: (E,) items of the log.
        scale: Standard deviation of new embedding entries.
        generator: The stream of the draws.
    """
    if is_mute(network, users, items):
        _draw_all(network, scale, generator)


def is_mute(network: EmbeddingProductNetwork, users: Tensor, items: Tensor) -> bool:
    """Return whether a network tells pairs (E,) of a log apart by their biases alone."""
    some_users, some_items = users[:_PAIRS_TO_LISTEN_TO], items[:_PAIRS_TO_LISTEN_TO]
    with torch.no_grad():
        said = network(some_users, some_items)
        said = said - network.user_bias[some_users] - network.item_bias[some_items]
        return float(said.std(correction=0)) < _MUTE_LOGITS


def _draw_all(network: EmbeddingProductNetwork, scale: float, generator: torch.Generator) -> None:
    """Start all weights but the output bias; the perceptron's as He et al. (2015) propose."""
    units, size = network.hidden_weight.shape
    with torch.no_grad():
        network.user_embedding.normal_(0.0, scale, generator=generator)
        network.item_embedding.normal_(0.0, scale, generator=generator)
        network.user_bias.zero_()
        network.item_bias.zero_()
        network.hidden_weight.normal_(0.0, math.sqrt(2.0 / size), generator=generator)
        network.hidden_bias.zero_()
        network.output_weight.normal_(0.0, math.sqrt(1.0 / units), generator=generator)


def _draw_untrained_rows(
    network: EmbeddingProductNetwork, scale: float, generator: torch.Generator
) -> None:
    """Start every id that was never trained at the mean of the trained ones, plus noise.

    Args:
        network: Changed in place.
        scale: Standard deviation of the noise.
        generator: The stream of the noise.
    """
    with torch.no_grad():
        for embedding, bias, trained in (
            (network.user_embedding, network.user_bias, network.user_trained),
            (network.item_embedding, network.item_bias, network.item_trained),
        ):
            fresh = ~trained
            noise = torch.empty(int(fresh.sum()), embedding.shape[1])
            noise.normal_(0.0, scale, generator=generator)
            embedding[fresh] = mean_of_trained(embedding, trained) + noise
            bias[fresh] = mean_of_trained(bias, trained)


def mean_of_trained(table: Tensor, trained: Tensor) -> Tensor:
    """Return the mean row of a table over its trained ids, zeros if there are none."""
    if not bool(trained.any()):
        return torch.zeros(table.shape[1:])
    return table[trained].mean(dim=0)
