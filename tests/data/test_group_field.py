import anndata as ad
import numpy as np
import pytest
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager

from gde.data import GroupField


def _adata(donors, days=None):
    adata = ad.AnnData(np.ones((len(donors), 2), np.float32))
    adata.obs["donor"] = donors
    if days is not None:
        adata.obs["day"] = days
    return adata


def _names(manager):
    codes = manager.get_from_registry(REGISTRY_KEYS.SAMPLE_KEY).ravel()
    return manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).categorical_mapping[codes].tolist()


@pytest.fixture
def manager():
    manager = AnnDataManager(fields=[GroupField(["donor"])])
    manager.register_fields(_adata(["b", "a", "b"]))
    return manager


def test_registers_the_groups(manager):
    assert _names(manager) == ["b", "a", "b"]


def test_groups_never_seen_extend_the_categories_behind_the_known_ones(manager):
    query = manager.transfer_fields(_adata(["c", "b"]))
    assert _names(query) == ["c", "b"]
    assert query.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).categorical_mapping.tolist() == ["a", "b", "c"]


def test_several_keys_are_joined_in_a_column_and_transferred():
    manager = AnnDataManager(fields=[GroupField(["donor", "day"])])
    adata = _adata(["a", "a", "b"], [1, 2, 1])
    manager.register_fields(adata)
    assert _names(manager) == ["a | 1", "a | 2", "b | 1"] == adata.obs["_gde_group"].tolist()
    assert _names(manager.transfer_fields(_adata(["b", "z"], [1, 9]))) == ["b | 1", "z | 9"]
