"""One network for several tasks: noise learned, labels that are missing, what sharing gains."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.multi_task import MultiTaskConfig, MultiTaskModel, Rows, Task
from models.multi_task.network import task_losses, weighed
from models.weight_files import ModelFileError

REAL = (Task(name="near", kind="real"), Task(name="far", kind="real"))
FUNNEL = (Task(name="click"), Task(name="buy"), Task(name="rating", kind="real"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(12)


def config(tasks: tuple[Task, ...] = REAL, **settings: object) -> MultiTaskConfig:
    return MultiTaskConfig.model_validate(
        {"tasks": tasks, "hidden_units": 16, "batch_size": 256, "l2": 0.0, **settings}
    )


def test_the_noise_of_each_task_is_recovered(rng: np.random.Generator) -> None:
    """Two measures of the same thing, one a tenth as exact as the other, on another scale."""
    x = rng.normal(size=(4000, 3))
    truth = x @ [1.0, -0.5, 0.2]
    labels = {
        "near": truth + 0.3 * rng.normal(size=4000),
        "far": 100.0 * (truth + 3.0 * rng.normal(size=4000)),
    }
    model = MultiTaskModel(config(max_epochs=12))
    model.fit(Rows.of(features=x), labels)
    assert model.noise["near"] == pytest.approx(0.3, rel=0.1)
    assert model.noise["far"] == pytest.approx(300.0, rel=0.1)
    assert np.corrcoef(model.predict(Rows.of(features=x))["far"], truth)[0, 1] > 0.94


def test_the_weighed_loss_is_least_where_sigma_squared_is_the_mean_squared_error() -> None:
    errors = torch.tensor([0.4, 2.5])  # halves of mean squares 0.8 and 5
    noise = torch.log(torch.tensor([0.8, 5.0])).requires_grad_()
    weighed(errors, noise, torch.ones(2)).backward()
    assert noise.grad is not None
    assert noise.grad == pytest.approx(np.zeros(2), abs=1e-6)


def test_rows_without_a_label_teach_its_task_nothing() -> None:
    outputs = torch.randn(5, 2, requires_grad=True)
    labels = torch.tensor([[1.0, 0.0], [0.0, torch.nan], [1.0, 1.0], [0.0, torch.nan], [1.0, 0.0]])
    losses = task_losses(outputs, labels, torch.tensor([False, True]))
    losses[1].backward()
    assert outputs.grad is not None
    assert (outputs.grad[[1, 3]] == 0).all()
    assert (outputs.grad[[0, 2, 4], 1] != 0).all()
    known = outputs[[0, 2, 4], 1].detach() - labels[[0, 2, 4], 1]
    assert losses[1].item() == pytest.approx(0.5 * float(known.square().mean()))


def test_a_task_without_any_label_is_no_problem(rng: np.random.Generator) -> None:
    x = rng.normal(size=(500, 2))
    labels = {"near": x[:, 0], "far": np.full(500, np.nan)}
    model = MultiTaskModel(config(max_epochs=40, validation_share=0.0, learning_rate=0.02))
    model.fit(Rows.of(features=x), labels)
    found = model.predict(Rows.of(features=x))
    assert np.abs(found["near"] - x[:, 0]).mean() < 0.15
    assert np.isfinite(found["far"]).all()


def test_ratings_of_purchases_alone_are_learned_better_beside_clicks(
    rng: np.random.Generator,
) -> None:
    """Everybody's clicks tell of a taste that also decides the few ratings there are."""
    users, items, rows = 80, 60, 9000
    taste, trait = rng.normal(size=(users, 2)), rng.normal(size=(items, 2))
    u, i = rng.integers(0, users, rows), rng.integers(0, items, rows)
    liking = (taste[u] * trait[i]).sum(axis=1)
    click = rng.random(rows) < 1.0 / (1.0 + np.exp(-2.0 * liking))
    buy = np.where(click, rng.random(rows) < 0.3, 0.0)
    rating = np.where(buy > 0, liking + 0.3 * rng.normal(size=rows), np.nan)
    rating[rows // 3 :] = np.nan
    pairs = Rows.of(u, i)
    settings = {"embedding_size": 4, "l2": 0.01, "learning_rate": 0.02, "max_epochs": 25}
    together = MultiTaskModel(config(FUNNEL, **settings))
    alone = MultiTaskModel(config(FUNNEL[2:], **settings))
    together.fit(pairs, {"click": click, "buy": buy, "rating": rating})
    rated = ~np.isnan(rating)
    alone.fit(Rows.of(u[rated], i[rated]), {"rating": rating[rated]}, n_users=users, n_items=items)
    a, b = np.meshgrid(np.arange(users), np.arange(items), indexing="ij")
    every, truth = Rows.of(a.ravel(), b.ravel()), (taste[a] * trait[b]).sum(axis=2).ravel()
    by_sharing = np.corrcoef(together.predict(every)["rating"], truth)[0, 1]
    by_itself = np.corrcoef(alone.predict(every)["rating"], truth)[0, 1]
    assert by_sharing > 0.85 > by_itself + 0.3


def test_weights_that_are_equal_leave_noise_alone(rng: np.random.Generator) -> None:
    x = rng.normal(size=(300, 2))
    model = MultiTaskModel(config(FUNNEL[:2], weighting="equal", max_epochs=5))
    model.fit(Rows.of(features=x), {"click": x[:, 0] > 0, "buy": x[:, 1] > 0})
    assert model.noise == {"click": 1.0, "buy": 1.0}


def test_probabilities_are_probabilities_and_the_same_seed_gives_the_same_bytes(
    rng: np.random.Generator,
) -> None:
    x = rng.normal(size=(400, 2)) * [1.0, 1e4] + [5.0, -1e5]
    chance = 1.0 / (1.0 + np.exp(-(x[:, 0] - 5.0)))
    labels = {"click": rng.random(400) < chance, "buy": rng.random(400) < 0.3}
    first, second = (MultiTaskModel(config(FUNNEL[:2], batch_size=32)) for _ in range(2))
    for model in (first, second):
        model.fit(Rows.of(features=x), labels, seed=3)
    found, again = (one.predict(Rows.of(features=x)) for one in (first, second))
    assert found["click"].tobytes() == again["click"].tobytes()
    assert ((found["click"] > 0) & (found["click"] < 1)).all()
    assert np.corrcoef(found["click"], chance)[0, 1] > 0.9
    assert found["buy"].mean() == pytest.approx(0.3, abs=0.08)


def test_newcomers_are_the_mean_of_those_known_and_a_saved_model_predicts_alike(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    users, items = rng.integers(0, 20, 300), rng.integers(0, 10, 300)
    model = MultiTaskModel(config(FUNNEL[:1], embedding_size=4, max_epochs=3))
    model.fit(Rows.of(users, items), {"click": rng.random(300) < 0.5}, n_items=12)
    model.save(tmp_path)
    pairs = Rows.of([3, 20, 900], [4, 11, 12])
    found = model.predict(pairs)["click"]
    assert MultiTaskModel.load(tmp_path).predict(pairs)["click"].tobytes() == found.tobytes()
    strangers = model.predict(Rows.of([20, 99], [4, 4]))["click"]
    assert strangers[0] == strangers[1]
    with pytest.raises(ModelFileError, match="no such file"):
        MultiTaskModel.load(tmp_path / "elsewhere")


def test_what_cannot_be_learned_is_refused() -> None:
    x, model = Rows.of(features=np.ones((2, 1))), MultiTaskModel(config(FUNNEL[:1]))
    with pytest.raises(ValueError, match="not trained yet"):
        model.predict(x)
    with pytest.raises(ValueError, match="labels: of buy, but the tasks are click"):
        model.fit(x, {"buy": [0, 1]})
    with pytest.raises(ValueError, match=r"click is binary and must lie in \[0, 1\]"):
        model.fit(x, {"click": [0, 2]})
    with pytest.raises(ValueError, match=r"click has shape \(1,\), not \(2,\)"):
        model.fit(x, {"click": [0]})
    with pytest.raises(ValueError, match="users, items or features are needed"):
        Rows.of()
    with pytest.raises(ValueError, match="names must differ"):
        config((Task(name="a"), Task(name="a")))
    model.fit(x, {"click": [0, 1]})
    with pytest.raises(ValueError, match="not the columns that the model was trained on"):
        model.predict(Rows.of(users=[0]))
