import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.data import Alphabet

sequences = st.lists(st.text("ACGTN", min_size=1, max_size=12), min_size=1, max_size=8)


@given(sequences)
def test_decoding_is_the_way_back(sequences):
    dna = Alphabet.find("dna")
    tokens = dna.encode(sequences)
    assert tokens.shape == (len(sequences), max(map(len, sequences)))
    assert dna.decode(tokens) == sequences
    assert ((tokens == dna.end).sum(1) == tokens.shape[1] - np.array([len(s) for s in sequences])).all()


def test_a_given_length_fills_up_and_refuses_what_is_longer():
    dna = Alphabet.find("dna")
    assert dna.encode(["AC"], max_length=4).tolist() == [[0, 1, 5, 5]]
    with pytest.raises(ValueError, match="1 sequences are longer than 2 letters.*max_length"):
        dna.encode(["AC", "ACG"], max_length=2)


def test_unknown_letters_are_named_or_mapped():
    dna = Alphabet.find("dna")
    with pytest.raises(ValueError, match="'R', 'Y'.*unknown_letters='map'"):
        dna.encode(["ARY"])
    assert dna.decode(dna.encode(["ARY"], unknown_letters="map")) == ["ANN"]
    assert Alphabet.find("protein").decode(Alphabet.find("protein").encode(["MB*"], unknown_letters="map")) == ["MXX"]


def test_lower_case_is_read_where_letters_have_no_case_and_refused_in_a_given_alphabet():
    assert Alphabet.find("dna").decode(Alphabet.find("dna").encode(["acGt"])) == ["ACGT"]
    with pytest.raises(ValueError, match="'a'.*Drop them, give an `alphabet=`"):
        Alphabet.find("ACGU-").encode(["aC"], unknown_letters="map")


def test_a_given_alphabet_keeps_its_order_and_any_letters():
    assert Alphabet.find("TG-Ω").encode(["ΩT-"]).tolist() == [[3, 0, 2]]


@pytest.mark.parametrize("letters", ["", "AA"])
def test_an_alphabet_has_each_letter_once(letters):
    with pytest.raises(ValueError, match="each once"):
        Alphabet(letters)


def test_decoding_stops_at_the_first_end():
    assert Alphabet("AC").decode(np.array([[0, 2, 1], [2, 0, 0]])) == ["A", ""]
