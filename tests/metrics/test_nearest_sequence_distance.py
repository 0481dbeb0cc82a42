from gde.metrics import nearest_sequence_distance


def test_a_copy_has_distance_zero():
    assert nearest_sequence_distance(["ACGT", "GGGG", "ACG"], ["TTTT", "ACGT"]).tolist() == [0, 3, 1]
