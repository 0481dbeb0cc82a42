"""A cohort of donors whose cells are seen in several ways, with known truth."""

from collections.abc import Mapping
from typing import Any

import anndata as ad
import mudata
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.special import softmax

from gde._no_pulling import no_pulling

MODALITIES = ("rna", "prot", "atac")


def simulate_multimodal(
    n_donors: int = 24,
    *,
    n_units: int = 200,
    n_genes: int = 300,
    n_proteins: int = 30,
    n_sites: int = 300,
    n_cell_types: int = 5,
    n_factors: int = 4,
    composition_effect: float = 1.0,
    state_effect: float = 0.5,
    missing: Mapping[str, float] | None = None,
    library_size: float = 500.0,
    seed: int = 0,
) -> mudata.MuData:
    r"""Simulate donors whose cells have RNA, proteins and accessible sites, which all follow one latent vector of the cell.

    Donors differ in which cells they have (composition) and in what these are like (state), each by an effect of its own:

    .. math::
        t_i &\sim \mathrm{softmax}(a + \lambda_c\,\varepsilon_d), \qquad
        u_i \sim \mathcal N(c_{t_i} + \lambda_s (\delta_d + \delta_{d t_i}) / \sqrt 2, I), \\
        x_i &\sim \mathrm{NB}(\ell_i\, \mathrm{softmax}(\mu + u_i W_x)), \qquad
        y_i \sim \mathrm{NB}(e^{\nu + u_i W_y} + \text{background}_i), \qquad
        s_i \sim \mathrm{Poisson}(k_i\, e^{\kappa + u_i W_s}) > 0,

    with genes x, proteins y and sites s. The background of a protein, antibodies that bind to nothing, has a median of 3 and varies
    log-normally between cells. ε and δ are standard normal.

    Parameters
    ----------
    n_donors, n_units
        Number of donors, at least 2, and of cells of each donor.
    n_genes, n_proteins, n_sites
        Number of variables of each modality.
    n_cell_types, n_factors
        Number of cell types, and width of the latent vector of a cell.
    composition_effect, state_effect
        :math:`\lambda_c` and :math:`\lambda_s`; 0 makes all donors alike in that respect.
    missing
        Share of the cells, drawn at random, that lack a modality, e.g. ``{"prot": 0.3}``. A cell that would lack all of them keeps its RNA.
    library_size
        Median of the expected UMI counts of a cell; a tenth of the sites or so are open.
    seed
        Seed; the same seed gives the same cohort.

    Returns
    -------
    MuData with the modalities ``"rna"``, ``"prot"`` and ``"atac"`` (CSR, ``float32``; each has the cells that were measured), ``donor`` and
    ``cell_type`` in ``.obs``, the latent vectors in ``.obsm["latent"]``, and in ``.uns["truth"]``: ``composition`` (expected; DataFrame, donors × types),
    ``state`` (expected latent vectors of the cells of a donor and type, donors × types × factors) and ``rna_loadings``, ``prot_loadings``, ``atac_loadings`` (W, factors ×
    variables).

    Examples
    --------
    >>> import gde
    >>> mdata = gde.datasets.simulate_multimodal(n_donors=4, n_units=20, missing={"prot": 0.5})
    >>> mdata.n_obs, mdata["rna"].n_obs, mdata["prot"].shape, mdata["atac"].X.max()
    (80, 80, (41, 30), np.float32(1.0))
    """
    missing = dict(missing or {})
    sizes = {"rna": n_genes, "prot": n_proteins, "atac": n_sites}
    _check(n_donors, sizes | {"n_units": n_units, "n_cell_types": n_cell_types, "n_factors": n_factors}, missing)
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 0.5, n_cell_types) + composition_effect * rng.normal(size=(n_donors, n_cell_types))
    centres = rng.normal(0, 2, (n_cell_types, n_factors))
    shift = rng.normal(size=(n_donors, 1, n_factors)) + rng.normal(size=(n_donors, n_cell_types, n_factors))
    names = {kind: _names(kind, n) for kind, n in (("D", n_donors), ("type", n_cell_types))}
    truth: dict[str, Any] = {
        "composition": pd.DataFrame(softmax(logits, axis=1), index=names["D"], columns=names["type"]),
        "state": centres + state_effect * shift / np.sqrt(2),
    }
    for name, n in sizes.items():
        truth[f"{name}_loadings"] = rng.normal(0, 0.5, (n_factors, n)) * (rng.random((n_factors, n)) < 0.5)

    donor = np.repeat(np.arange(n_donors), n_units)
    cell_type = np.concatenate([rng.choice(n_cell_types, n_units, p=p) for p in truth["composition"].to_numpy()])
    latent = truth["state"][donor, cell_type] + rng.normal(size=(len(donor), n_factors))
    matrices = _measure(rng, latent, truth, library_size)
    cells = np.array(_names("cell", len(donor)))
    is_there = _presence(rng, len(donor), missing)
    variables = {"rna": "gene", "prot": "protein", "atac": "site"}
    modalities = {
        name: ad.AnnData(
            sp.csr_matrix(matrices[name][is_there[name]], dtype=np.float32),
            obs=pd.DataFrame(index=cells[is_there[name]]),
            var=pd.DataFrame(index=_names(variables[name], sizes[name])),
        )
        for name in MODALITIES
    }
    with no_pulling():
        mdata = mudata.MuData(modalities)
    order = pd.Index(cells).get_indexer(mdata.obs_names)
    mdata.obs["donor"] = pd.Categorical.from_codes(donor[order], names["D"])
    mdata.obs["cell_type"] = pd.Categorical.from_codes(cell_type[order], names["type"])
    mdata.obsm["latent"] = latent[order]
    mdata.uns["truth"] = truth
    return mdata


def _measure(
    rng: np.random.Generator, latent: np.ndarray, truth: dict[str, Any], library_size: float
) -> dict[str, np.ndarray]:
    """Counts of genes and proteins and open sites of every cell."""
    n_cells = len(latent)
    follow = {name: latent @ truth[f"{name}_loadings"] for name in MODALITIES}
    depth = library_size * np.exp(rng.normal(0, 0.3, (n_cells, 1)))
    rna = depth * softmax(rng.normal(0, 1, follow["rna"].shape[1]) + follow["rna"], axis=1)
    background = 3 * np.exp(rng.normal(0, 0.4, (n_cells, 1)))
    prot = background + np.exp(rng.normal(2, 0.5, follow["prot"].shape[1]) + follow["prot"])
    atac = np.exp(rng.normal(-2.5, 0.5, follow["atac"].shape[1]) + follow["atac"] + rng.normal(0, 0.3, (n_cells, 1)))
    noisy = [rng.poisson(rng.gamma(theta, mean / theta)) for mean, theta in ((rna, 3.0), (prot, 5.0))]
    return {"rna": noisy[0], "prot": noisy[1], "atac": rng.poisson(atac) > 0}


def _presence(rng: np.random.Generator, n_cells: int, missing: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Which cells were measured in each modality."""
    is_there = {name: rng.random(n_cells) >= missing.get(name, 0.0) for name in MODALITIES}
    is_there["rna"] |= ~(is_there["prot"] | is_there["atac"])
    return is_there


def _names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i:0{len(str(n))}d}" for i in range(1, n + 1)]


def _check(n_donors: int, sizes: Mapping[str, int], missing: Mapping[str, float]) -> None:
    if n_donors < 2:
        raise ValueError(f"n_donors={n_donors}: a cohort needs at least 2 donors.")
    for name, value in sizes.items():
        if value < 1:
            raise ValueError(f"{name}: expected a positive number, got {value}.")
    for name, share in missing.items():
        if name not in MODALITIES or not 0 <= share < 1:
            raise ValueError(f"missing: expected shares in [0, 1) of {', '.join(MODALITIES)}, got {name!r}: {share}.")
