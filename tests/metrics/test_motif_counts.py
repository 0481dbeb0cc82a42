import numpy as np
import pytest

from gde.metrics import motif_counts

GATA = 100 * np.eye(4)[[2, 0, 3, 0]].T  # columns G, A, T, A


def test_both_strands_are_scanned_and_other_letters_never_match():
    sequences = ["CCGATACC", "CCTATCCC", "GATAGATA", "CCGANACC", "GAT"]
    assert motif_counts(sequences, {"GATA": GATA}, p_value=0.005)["GATA"].tolist() == [1, 1, 2, 0, 0]


def test_a_match_by_chance_has_the_given_probability():
    rng = np.random.default_rng(0)
    motifs = {str(i): rng.integers(0, 30, size=(4, 8)).astype(float) for i in range(5)}
    random = ["".join(row) for row in rng.choice(list("ACGT"), size=(400, 100))]
    share = motif_counts(random, motifs, p_value=5e-3).to_numpy().mean(0) / (2 * 93)
    assert (share < 6.5e-3).all() and share.mean() > 3e-3


def test_a_motif_that_no_place_can_match_is_not_matched_by_all():
    assert motif_counts(["ACGT"], {"flat": np.ones((4, 2))}, p_value=1e-4).to_numpy().sum() == 0


def test_nothing_to_scan_is_refused():
    with pytest.raises(ValueError, match="At least one"):
        motif_counts([], {"GATA": GATA})
