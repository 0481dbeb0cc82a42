"""A trained model is asked about 140 generated AnnData that it has not seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gde
from tests.bad_input.cases import cases, make_case
from tests.bad_input.judge import judge
from tests.bad_input.test_setup import ONE_STEP, TINY

QUESTIONS = {
    "get_group_embeddings": lambda model, adata: model.get_group_embeddings(adata, key_added=None),
    "with covariances": lambda model, adata: model.get_group_embeddings(adata, key_added=None, return_cov=True)[0],
    "with missing genes": lambda model, adata: model.get_group_embeddings(
        adata, key_added=None, allow_missing_genes=True
    ),
    "get_group_distances": lambda model, adata: model.get_group_distances(adata),
    "by halves": lambda model, adata: model.get_group_distances(adata, corrected="halves"),
    "generate": lambda model, adata: model.generate(adata, n_units=2),
    "summarize_groups": lambda model, adata: model.summarize_groups(adata),
    "get_unit_influence": lambda model, adata: model.get_unit_influence(adata, direction=0, key_added=None),
    "predict": lambda model, adata: model.predict(adata),
}


@pytest.fixture(scope="module")
def model():
    """Trained on a sound AnnData, with batches and labels."""
    adata = make_case({}).adata
    gde.setup_anndata(adata, group_key="donor", batch_key="lane", labels_key="phenotype")
    model = gde.GDEModel(adata, **TINY)
    model.train(**ONE_STEP)
    return model


@settings(max_examples=140)
@given(case=cases(("values", "shape", "dtype", "format", "donor", "lane", "names")), data=st.data())
def test_groups_that_were_never_seen(model, case, data):
    ask = QUESTIONS[data.draw(st.sampled_from(list(QUESTIONS)))]
    answer = judge(lambda: ask(model, case.adata), case.adata)
    if ask is QUESTIONS["get_group_embeddings"] and answer is not None:
        assert np.isfinite(answer.to_numpy()).all()


@settings(max_examples=15)
@given(case=cases(("values", "shape", "format", "donor")))
def test_results_in_the_anndata_are_all_that_changes(model, case):
    before = set(case.adata.uns)
    if judge(lambda: model.get_group_embeddings(case.adata) if not case.adata.is_view else None) is not None:
        assert set(case.adata.uns) == before | {"gde"}
        groups = judge(lambda: gde.get.group_adata(case.adata), case.adata)
        assert groups.n_obs == case.adata.obs["donor"].nunique()
