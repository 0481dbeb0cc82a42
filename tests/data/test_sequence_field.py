import numpy as np
import pandas as pd
from anndata import AnnData
from scvi.data import AnnDataManager

from gde.data import SequenceField


def _adata(values) -> AnnData:
    return AnnData(obs=pd.DataFrame({"n": values}, index=[str(i) for i in range(len(values))]))


def _encode(adata) -> np.ndarray:
    return adata.obs[["n", "n"]].to_numpy() + 1


def test_codes_are_made_at_registration_and_again_for_another_adata():
    manager = AnnDataManager(fields=[SequenceField("X", _encode)])
    manager.register_fields(_adata([1, 2]))
    assert manager.get_from_registry("X").tolist() == [[2, 2], [3, 3]]
    other = manager.transfer_fields(_adata([7]))
    assert other.get_from_registry("X").tolist() == [[8, 8]]
