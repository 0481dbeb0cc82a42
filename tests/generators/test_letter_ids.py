import pytest

from gde.generators.letter_ids import letter_ids
from tests.pretrained import save_causal_lm


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    transformers = pytest.importorskip("transformers")
    return transformers.AutoTokenizer.from_pretrained(save_causal_lm(tmp_path_factory.mktemp("model"), "ACGT"))


def test_letters_are_followed_by_the_end(tokenizer):
    assert letter_ids(tokenizer, "GA") == [4, 2, 1]
    assert letter_ids(tokenizer, "GA", end_token="T") == [4, 2, 5]


def test_a_letter_outside_the_vocabulary_is_named(tokenizer):
    with pytest.raises(ValueError, match="'X', '-'"):
        letter_ids(tokenizer, "AX-")


def test_an_end_that_is_not_there_is_asked_for(tokenizer):
    with pytest.raises(ValueError, match="end_token="):
        letter_ids(tokenizer, "A", end_token="<stop>")
