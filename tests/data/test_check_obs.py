import warnings

import numpy as np
import pandas as pd
import pytest

from gde.data import check_obs


def _obs(**columns):
    crossed = {"donor": ["a", "a", "b", "b"], "lane": ["x", "y", "x", "y"], "age": [1.0, 2.0, 3.0, 4.0]}
    return pd.DataFrame(crossed | columns)


def test_sound_annotation_passes_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_obs(_obs(), ["donor"], ["lane"], ["age"])
        check_obs(_obs(donor=pd.Categorical(["a", "a", "b", "b"], categories=["a", "b", "unused"])), ["donor"])
        check_obs(_obs(donor=["a"] * 4), ["donor"], min_groups=1)


@pytest.mark.parametrize(
    ("keys", "argument"),
    [
        ((["dono"], [], []), "group_key"),
        ((["donor"], ["dono"], []), "batch_key or categorical_covariate_keys"),
        ((["donor"], [], ["dono"]), "continuous_covariate_keys"),
    ],
)
def test_unknown_columns_are_refused_with_near_ones(keys, argument):
    with pytest.raises(KeyError, match=f"`{argument}`: 'dono' is not a column.*Did you mean 'donor'"):
        check_obs(_obs(), *keys)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_missing_labels_are_counted_and_the_cure_works(missing):
    obs = _obs(donor=["a", missing, "b", missing])
    with pytest.raises(ValueError, match=r"2 of 4 units have no value in `.obs\['donor'\]`.*notna") as error:
        check_obs(obs, ["donor"])
    assert "adata[adata.obs['donor'].notna()].copy()" in str(error.value)
    with pytest.warns(UserWarning, match="single unit"):
        check_obs(obs[obs["donor"].notna()], ["donor"])


@pytest.mark.parametrize("values", [[1, 2, np.inf, 3], ["1", "2", "3", "4"]])
def test_continuous_covariates_must_be_finite_numbers(values):
    with pytest.raises(ValueError, match=r"`continuous_covariate_keys`: `.obs\['age'\]` must be finite numbers"):
        check_obs(_obs(age=values), ["donor"], [], ["age"])


def test_one_group_is_too_few_for_training():
    with pytest.raises(ValueError, match=r"\['donor'\] has 1 group\(s\) and at least 2.*Choose a column"):
        check_obs(_obs(donor=["a"] * 4), ["donor"])


def test_a_group_of_one_unit_is_allowed_and_warned_of_once():
    with pytest.warns(UserWarning) as caught:
        check_obs(_obs(donor=["a", "b", "c", "c"]), ["donor"])
    assert len(caught) == 1
    assert "2 of 3 groups have a single unit, e.g. 'a'" in str(caught[0].message)


def test_numbers_that_look_like_a_quantity_are_hinted_at_continuous_labels():
    ages = np.repeat(np.arange(21.0), 2)
    with pytest.warns(UserWarning, match="'age' holds 21 distinct numbers.*`group_kind='continuous'`.*astype"):
        check_obs(pd.DataFrame({"age": ages}), ["age"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_obs(pd.DataFrame({"donor": ages.astype(int)}), ["donor"])
        check_obs(pd.DataFrame({"dose": ages // 2}), ["dose"])


def test_confounding_of_batch_and_group_is_warned_of():
    with pytest.warns(UserWarning, match="'lane' and 'donor' are confounded.*Leave 'lane' out"):
        check_obs(_obs(lane=["x", "x", "y", "y"]), ["donor"], ["lane"])


@pytest.mark.filterwarnings("ignore:.*single unit")
def test_confounding_with_one_level_of_nested_groups_is_warned_of():
    obs = _obs(condition=["sick", "sick", "well", "well"], lane=["x", "x", "y", "y"], donor=["a", "b", "a", "b"])
    with pytest.warns(UserWarning, match="'lane' and 'condition' are confounded"):
        check_obs(obs, ["donor", "condition"], ["lane"])


def test_partly_crossed_batches_are_fine():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_obs(_obs(lane=["x", "x", "x", "y"]), ["donor"], ["lane"])
        check_obs(_obs(lane=["x"] * 4), ["donor"], ["lane"])
