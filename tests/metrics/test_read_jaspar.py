import numpy as np
import pytest

from gde.metrics import read_jaspar

MOTIF = ">MA1.1\tABF1\nA [ 1 2 ]\nC [3 4]\nG [ 5 6 ]\nT [ 7 8 ]\n"


def test_rows_are_in_the_order_of_the_letters(tmp_path):
    (tmp_path / "m.jaspar").write_text(MOTIF + MOTIF.replace("MA1.1", "MA1.2"))
    motifs = read_jaspar(tmp_path / "m.jaspar")
    assert list(motifs) == ["ABF1", "ABF1 (MA1.2)"]
    np.testing.assert_array_equal(motifs["ABF1"], [[1, 2], [3, 4], [5, 6], [7, 8]])


@pytest.mark.parametrize("text", ["", "A [ 1 ]", ">M x\nA [ 1 2 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]", ">M x\nA [ 1 ]"])
def test_another_format_is_refused(tmp_path, text):
    (tmp_path / "m.txt").write_text(text)
    with pytest.raises(ValueError, match="format of JASPAR"):
        read_jaspar(tmp_path / "m.txt")


@pytest.mark.data
def test_reads_the_170_motifs_of_yeast(prepared):
    assert len(read_jaspar(prepared("jaspar2024_core_scerevisiae.jaspar"))) == 170
