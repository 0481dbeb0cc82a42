"""``setup_anndata`` and ``GDEModel`` on 360 generated AnnData: each works to the end, or is refused with a cure, and stays as it was."""

import numpy as np
from hypothesis import given, settings

import gde
from tests.bad_input.cases import ARGUMENTS, TWISTS, Case, cases, make_case
from tests.bad_input.judge import judge, try_out

DATA = tuple(name for name in TWISTS if name not in ARGUMENTS)
TINY = {"n_latent": 2, "n_latent_unit": 2, "n_hidden": 4}
ONE_STEP = {
    "max_epochs": 1, "limit_train_batches": 1, "limit_val_batches": 0, "batch_size": 16, "set_size": 8, "logger": None,
    "enable_progress_bar": False, "enable_model_summary": False,
}  # fmt: skip


def _build(case: Case) -> gde.GDEModel | None:
    """The model of a case that is accepted."""
    adata = case.adata
    if judge(lambda: gde.setup_anndata(adata, **case.setup) or True, adata, may_register=True) is None:
        return None
    return judge(lambda: gde.GDEModel(adata, **TINY), adata)


def _faults(case: Case) -> list[str]:
    """What is wrong with how a case is registered and, if it is accepted, with how its model is made."""
    adata = case.adata
    registered = try_out(lambda: gde.setup_anndata(adata, **case.setup) or True, adata, may_register=True)
    if registered.result is None:
        return registered.faults
    return registered.faults + try_out(lambda: gde.GDEModel(adata, **TINY), adata).faults


@settings(max_examples=240)
@given(case=cases(DATA))
def test_data_of_any_kind(case):
    assert not _faults(case)


@settings(max_examples=120)
@given(case=cases())
def test_arguments_of_any_kind(case):
    assert not _faults(case)


@settings(max_examples=25)
@given(case=cases(("values", "dtype", "format", "donor", "lane")))
def test_what_is_accepted_can_be_trained_and_embedded(case):
    if (model := _build(case)) is None:
        return
    judge(lambda: model.train(**ONE_STEP) or True, case.adata)
    embeddings = judge(lambda: model.get_group_embeddings(key_added=None), case.adata)
    assert np.isfinite(embeddings.to_numpy()).all()
    assert judge(lambda: model.generate(n_units=2), case.adata).n_obs == 2 * len(embeddings)


def test_ten_thousand_groups():
    adata = make_case({}).adata
    adata = adata[np.tile(np.arange(adata.n_obs), 1250)].copy()
    adata.obs_names_make_unique()
    adata.obs["donor"] = np.arange(adata.n_obs) // 2
    model = _build(Case(adata, {"group_key": "donor"}, ()))
    model.train(**ONE_STEP)
    embeddings = judge(lambda: model.get_group_embeddings(key_added=None), adata)
    assert embeddings.shape == (10_000, 2) and np.isfinite(embeddings.to_numpy()).all()
