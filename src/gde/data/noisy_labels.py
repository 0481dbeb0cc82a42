"""Each unit belongs to each group with a probability."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, get_args
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager

from gde.data.group_matrix import group_matrix
from gde.data.group_matrix_field import GroupMatrixField
from gde.data.group_posterior import group_posterior
from gde.data.label_prior import LabelPrior
from gde.data.labels import GroupKind, Labels
from gde.data.near_matches import near_matches
from gde.data.split_units import split_units
from gde.data.weighted_rows import WeightedRows

GroupObsmKind = Literal["likelihood", "posterior"]
NEGLIGIBLE, SMALL = (
    1e-3,
    1e-2,
)  # share of a group's weight that is dropped, in weights that are small beside its largest


class NoisyLabels(Labels):
    r"""Groups in the columns of a matrix in ``.obsm``; the measure of a group weights all units by their probability of being in it.

    .. math:: w_{gi} = p(g \mid e_i),

    with the evidence e of a unit. A matrix of kind ``"posterior"`` holds them; one of kind ``"likelihood"`` holds :math:`p(e_i \mid g)` and lacks
    the proportions of the groups, which :func:`group_posterior` estimates. If the evidence contains what is known of the unit itself, the
    measure is exact, since :math:`p(x \mid g) \propto p(x)\,p(g \mid x)` (Bayes' rule, with the units of all groups as draws from p(x)), where the
    likeliest group alone would cut overlapping groups apart. If it is independent of the unit given the group, e.g. a barcode that is misread, the
    measure mixes the groups that the evidence confuses, each with the share :math:`\pi_k E[p(g \mid e) \mid k] / \pi_g`.

    Parameters
    ----------
    group_obsm_key
        The matrix: dense, sparse or a DataFrame, whose columns name the groups (otherwise they are numbered from 0).
    group_obsm_kind
        What it holds.
    """

    kind: ClassVar[GroupKind] = "noisy"

    def __init__(self, group_obsm_key: str | None, group_obsm_kind: str | None):
        if group_obsm_key is None:
            raise ValueError(
                "`group_kind='noisy'` needs `group_obsm_key`, the matrix in `.obsm` with a column per group."
            )
        if group_obsm_kind not in get_args(GroupObsmKind):
            raise ValueError(
                "`group_obsm_kind` must be 'likelihood' (p(evidence | group)) or 'posterior' (p(group | unit), rows sum to 1), "
                f"got {group_obsm_kind!r}."
            )
        self.obsm_keys = [group_obsm_key]
        self.obsm_kind = group_obsm_kind
        self._posteriors: WeakKeyDictionary[AnnDataManager, tuple[sp.csr_matrix, list[str]]] = WeakKeyDictionary()

    def check(self, adata: AnnData, min_groups: int) -> None:
        """Raise a clear error if the matrix cannot be used."""
        key = self.obsm_keys[0]
        if key not in adata.obsm:
            raise KeyError(f"`group_obsm_key`: {key!r} is not in `.obsm`. {near_matches(key, adata.obsm.keys())}")
        where = f"`.obsm[{key!r}]`"
        matrix, names = group_matrix(adata.obsm[key], where)
        if len(names) < min_groups or len(set(names)) < len(names):
            raise ValueError(
                f"{where} must have at least {min_groups} columns with distinct names, one for each group, got {names[:10]}."
            )
        if not np.isfinite(matrix.data).all():
            n_bad = (~np.isfinite(np.asarray(matrix.sum(axis=1)))).sum()
            raise ValueError(
                f"{where}: {n_bad} of {adata.n_obs} units have NaN or infinite values. Replace them or drop these units."
            )
        if (matrix.data < 0).any():
            raise ValueError(
                f"{where} has negative values (e.g. {matrix.data.min():.3g}), so these are not probabilities. Are they logarithms? "
                "Take `numpy.exp` of them."
            )
        sums = np.asarray(matrix.sum(axis=1)).ravel()
        if (sums == 0).any():
            raise ValueError(
                f"{where}: {(sums == 0).sum()} of {adata.n_obs} units have zeros in all groups. Drop these units."
            )
        is_off = np.abs(sums - 1) > 1e-3
        if self.obsm_kind == "posterior" and is_off.any():
            raise ValueError(
                f"{where}: the rows of {is_off.sum()} of {adata.n_obs} units do not sum to 1 (e.g. {sums[is_off][0]:.4g}), so they are no "
                "posterior. Divide by the sums, or use `group_obsm_kind='likelihood'`."
            )

    def field(self) -> GroupMatrixField:
        """A field for the matrix."""
        return GroupMatrixField(REGISTRY_KEYS.SAMPLE_KEY, self.obsm_keys[0])

    def prior(
        self, manager: AnnDataManager, rows: np.ndarray | None = None, wanted: Sequence[Any] | None = None
    ) -> LabelPrior:
        """The probability of each group for each unit."""
        posterior, names = self._posterior(manager)
        weights = _without_tails(posterior.tocsc())
        if wanted is None:
            return WeightedRows(weights, names, rows)
        chosen = [self.name(label) for label in wanted]
        known = [names[code] for code in np.flatnonzero(np.diff(weights.indptr))]
        for name in chosen:
            if name not in known:
                raise KeyError(f"`groups`: {name!r} is not a group here. {near_matches(name, known)}")
        return WeightedRows(weights[:, [names.index(name) for name in chosen]], chosen, rows)

    def codes(self, manager: AnnDataManager) -> np.ndarray:
        """The likeliest group of each unit."""
        return np.asarray(self._posterior(manager)[0].argmax(axis=1)).ravel()

    def columns(self, obs: pd.DataFrame, prior: LabelPrior, codes: Sequence[int]) -> pd.DataFrame:
        """The names of the groups in the column ``group``."""
        return pd.DataFrame({"group": pd.Categorical([prior.names[code] for code in codes])})

    def describe(self) -> dict[str, Any]:
        """What a result says about its labels."""
        return super().describe() | {"group_obsm_key": self.obsm_keys[0], "group_obsm_kind": self.obsm_kind}

    def split(
        self, manager: AnnDataManager, validation: Literal["cells", "groups"], validation_size: float, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """A share of the units of each group, by their likeliest one."""
        if validation == "groups":
            raise ValueError(
                "`validation='groups'`: noisy groups share units, so none can be held out whole. Use 'cells'."
            )
        return split_units(self.codes(manager), validation, validation_size, seed)

    def _posterior(self, manager: AnnDataManager) -> tuple[sp.csr_matrix, list[str]]:
        """Probabilities and names of the groups, once for each registered AnnData: split, training and embedding all ask for them."""
        if manager not in self._posteriors:
            matrix, names = group_matrix(self._values(manager), f"`.obsm[{self.obsm_keys[0]!r}]`")
            self._posteriors[manager] = (group_posterior(matrix) if self.obsm_kind == "likelihood" else matrix), names
        return self._posteriors[manager]


def _without_tails(weights: sp.csc_matrix) -> sp.csc_matrix:
    """Each column without its smallest weights, which together make less than a thousandth of it and cost as much as large ones."""
    weights = weights.copy()
    for start, stop in zip(weights.indptr[:-1], weights.indptr[1:], strict=True):
        if start == stop:
            continue
        column = weights.data[start:stop]
        order = np.argsort(column)
        total = np.cumsum(column[order])
        column[order[(total < NEGLIGIBLE * column.sum()) & (column[order] < SMALL * column.max())]] = 0
    weights.eliminate_zeros()
    return weights
