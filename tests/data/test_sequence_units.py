import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from gde.data import SequenceUnits, make_units


def _adata(sequences, **obsm) -> AnnData:
    obs = pd.DataFrame({"sequence": sequences}, index=[f"s{i}" for i in range(len(sequences))])
    return AnnData(obs=obs, obsm=obsm)


def test_the_alphabet_is_dna_only_where_all_letters_are():
    assert SequenceUnits("sequence").settings(_adata(["ACG", "nt"]))["alphabet"] == "dna"
    assert SequenceUnits("sequence").settings(_adata(["ACG", "MKV"])) == {
        "observation": "sequence",
        "alphabet": "protein",
        "max_length": 3,
    }


def test_what_was_found_makes_the_same_units_again():
    settings = SequenceUnits("sequence").settings(_adata(["ACGTA"]))
    again = make_units(sequence_key="sequence", **settings)
    assert again.matrix(_adata(["GG"])).tolist() == [[2, 2, 5, 5, 5]]


def test_strings_are_written_back():
    adata = _adata(["ACG", "TT"])
    settings = SequenceUnits("sequence").settings(adata)
    units = make_units(sequence_key="sequence", **settings)
    spec = units.spec({"setup_args": settings})
    assert (spec.shape, spec.letters, spec.n_letters) == ((3,), "ACGTN", 5)
    chunk = units.pack(_tensor(units.matrix(adata)), spec)
    obs = pd.DataFrame({"group": list("abab")}, index=list("0123"))
    assert units.write([chunk, chunk], obs, None).obs["sequence"].tolist() == ["ACG", "TT", "ACG", "TT"]


def test_codes_in_obsm_are_written_back_negative_after_the_end():
    codes = np.array([[0, 2, 1], [1, -1, -1]])
    adata = _adata(["", ""], codes=codes)
    settings = SequenceUnits("codes").settings(adata)
    units = make_units(sequence_key="codes", **settings)
    spec = units.spec({"setup_args": settings})
    assert (spec.shape, spec.letters, spec.n_letters) == ((3,), "", 3)
    packed = units.pack(_tensor(units.matrix(adata)), spec)
    np.testing.assert_array_equal(units.write([packed], adata.obs, None).obsm["codes"], codes)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.array([[0.5, 1]]), "integers"),
        (np.array([[-1, 1]]), "negative after the end only"),
        (np.array([[0, -1, 1]]), "negative after the end only"),
        (np.array([0, 1]), "integers"),
    ],
)
def test_codes_that_are_no_sequences_are_refused(codes, message):
    adata = _adata([""] * len(codes))
    with pytest.raises(ValueError, match=message):
        adata.obsm["codes"] = codes if codes.ndim == 2 else codes[:, None, None]
        SequenceUnits("codes").check_values(adata)


def test_units_without_a_sequence_are_named():
    with pytest.raises(ValueError, match="2 units have no sequence, e.g. 's1'"):
        SequenceUnits("sequence").check(_adata(["A", "", None]))


def test_a_key_that_is_nowhere_suggests_one():
    with pytest.raises(KeyError, match="neither in `.obs` nor in `.obsm`.*sequence"):
        SequenceUnits("sequense").check(_adata(["A"]))


def test_letters_for_codes_and_a_number_for_strings_are_refused():
    with pytest.raises(ValueError, match="give letters"):
        SequenceUnits("sequence", alphabet=4).check(_adata(["A"]))
    with pytest.raises(ValueError, match="give their number"):
        SequenceUnits("codes", alphabet="dna").check(_adata(["A"], codes=np.array([[0, 1]])))


def test_arguments_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="leave out"):
        make_units(sequence_key="sequence", layer="counts")
    with pytest.raises(ValueError, match="sequence_key="):
        make_units(alphabet="dna")
    with pytest.raises(ValueError, match="'refuse' or 'map'"):
        make_units(sequence_key="sequence", unknown_letters="drop")


def _tensor(values):
    import torch

    return torch.from_numpy(values.astype(np.int64))
