"""Where a training computes is one parameter, and no model names a device of its own."""

from pathlib import Path

import pytest
import torch

import models
from models.training.fitting import DeviceError, device_named

NAME_DEVICES = {"fitting.py", "reproducible.py", "product_top_k.py", "retriever.py",
                "recommender.py", "job.py", "tuning.py"}  # fmt: skip
"""Those that choose or ask for a device; the last four have it as an argument's default."""

LEARN = ("retrieval", "recommender", "training")


def test_no_model_names_a_device() -> None:
    root = Path(models.__file__).parent
    for folder in LEARN:
        for path in (root / folder).glob("*.py"):
            if path.name not in NAME_DEVICES:
                text = path.read_text()
                found = [name for name in ('"cuda', '"cpu"', '"mps', ".cuda(") if name in text]
                assert not found, f"{path.name}: {found}"


def test_auto_takes_what_is_there() -> None:
    best = "cuda" if torch.cuda.is_available() else "cpu"
    assert device_named("auto").type in (best, "mps")
    assert device_named("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cuda:x", ""])
def test_other_devices_are_refused(name: str) -> None:
    with pytest.raises(DeviceError, match="device: "):
        device_named(name)
