import pytest

from experiments.documents import current, documents


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_the_committed_document_is_what_the_code_says(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == current(text), "run: python -m experiments.documents"


def test_the_odd_protocol_has_its_generated_tables() -> None:
    assert {"odd.md", "glossary.md"} <= {path.name for path in documents()}
