from gde.data import near_matches


def test_near_names_come_first():
    assert near_matches("donr", ["donor", "donors", "batch"]) == "Did you mean 'donor' or 'donors'?"


def test_names_that_differ_by_zeros_capitals_or_signs_come_before_near_ones():
    donors = [f"D{i:02}" for i in range(1, 31)]
    assert near_matches("D1", donors).startswith("Did you mean 'D01' or ")
    assert near_matches("d-10", ["D01", "D10", "D100"]).startswith("Did you mean 'D10'")


def test_whole_numbers_may_have_a_point():
    assert near_matches(1, ["1.0", "2.0", "10.0"]) == "Did you mean '1.0'?"


def test_without_near_names_the_first_names_are_listed():
    assert near_matches("x", ["donor", "batch"]) == "There are: 'donor', 'batch'."
    listed = near_matches("x", [f"name{i}" for i in range(50)])
    assert "'name9', …" in listed and "name10" not in listed


def test_names_need_not_be_strings_and_there_may_be_none():
    assert near_matches(12, [123, 7]) == "Did you mean '123'?"
    assert near_matches("x", []) == "There are none."
