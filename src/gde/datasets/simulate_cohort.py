"""A cohort of donors whose truth is known."""

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from gde.datasets._cohort import draw_donor, draw_truth


def simulate_cohort(
    n_donors: int = 24,
    *,
    n_units: int | tuple[int, int] = (100, 300),
    n_genes: int = 500,
    n_cell_types: int = 5,
    n_batches: int = 2,
    severity_effect: float = 1.0,
    batch_effect: float = 0.3,
    library_size: float = 500.0,
    seed: int = 0,
) -> ad.AnnData:
    r"""Simulate donors along a hidden axis, in crossed batches, as negative binomial counts.

    Donor :math:`d` has a severity :math:`s_d \in [0, 1]`, which shifts both which cells it has and what they do:

    .. math::
        t_i &\sim \mathrm{softmax}(a + \lambda (2 s_d - 1) b + \varepsilon_d), \qquad
        h_i \sim \mathcal N(\lambda (2 s_d - 1), 1), \\
        \rho_i &= \mathrm{softmax}(\mu_{t_i} + h_i w_{t_i} + \beta_{\text{batch}_i} + \delta_d), \\
        x_{ij} &\sim \mathrm{NB}(\text{mean } \ell_i \rho_{ij}, \text{ inverse dispersion } \theta_j),

    with the cell's type :math:`t_i`, its state :math:`h_i`, and log-normal library sizes :math:`\ell_i` whose median
    varies between donors. :math:`\varepsilon_d` and :math:`\delta_d` make donors differ beyond their severity. About a
    fifth of the genes carry the state (:math:`w`), partly in the same way in all cell types.

    Parameters
    ----------
    n_donors
        Number of donors, at least 2. Their severities are evenly spaced in (0, 1), in random order.
    n_units
        Cells of each donor: a number, or the lowest and highest number.
    n_genes
        Number of genes.
    n_cell_types
        Number of cell types.
    n_batches
        Number of batches. The cells of each donor are dealt out evenly among all of them.
    severity_effect
        :math:`\lambda`, the effect of the severity on composition and state; 0 leaves donors that differ at random.
    batch_effect
        Standard deviation over genes of the batch effect on log expression, centred over batches.
    library_size
        Median of the expected UMI counts of a cell.
    seed
        Seed; the same seed gives the same cohort.

    Returns
    -------
    AnnData with

    - ``.X``: integer counts, CSR, ``float32``;
    - ``.obs``: ``donor``, ``severity``, ``condition`` (``"disease"`` where the severity exceeds 0.5, else
      ``"healthy"``), ``cell_type``, ``batch``, ``state``;
    - ``.uns["truth"]``, in the order of the categories of ``.obs`` and of ``.var_names``, effects in natural logs:
      ``severity`` (donors), ``composition`` (expected; DataFrame, donors x cell types), ``profiles`` (:math:`\mu`, cell
      types x genes), ``axis_loadings`` (:math:`w`, cell types x genes), ``batch_effects`` (:math:`\beta`, batches x
      genes), ``donor_effects`` (:math:`\delta`, donors x genes), ``inverse_dispersion`` (:math:`\theta`, genes).

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=6, n_units=50, n_genes=100)
    >>> adata.shape
    (300, 100)
    >>> adata.obs["condition"].value_counts().sort_index().to_dict()
    {'healthy': 150, 'disease': 150}
    >>> adata.uns["truth"]["composition"].shape
    (6, 5)
    """
    low, high = n_units if isinstance(n_units, tuple) else (n_units, n_units)
    sizes = {"n_genes": n_genes, "n_cell_types": n_cell_types, "n_batches": n_batches, "library_size": library_size}
    _check(n_donors, low, high, sizes)
    rng = np.random.default_rng(seed)
    donors, cell_types = _names("D", n_donors), _names("type", n_cell_types)
    truth = draw_truth(
        rng,
        donors,
        cell_types,
        n_genes=n_genes,
        n_batches=n_batches,
        severity_effect=severity_effect,
        batch_effect=batch_effect,
    )
    n_of_donor = rng.integers(low, high, size=n_donors, endpoint=True)
    drawn = [
        draw_donor(stream, donor, n, truth, severity_effect=severity_effect, library_size=library_size)
        for donor, (stream, n) in enumerate(zip(rng.spawn(n_donors), n_of_donor, strict=True))
    ]
    codes = pd.concat([obs for obs, _ in drawn], ignore_index=True)
    severity = truth["severity"][codes["donor"]]
    obs = pd.DataFrame(
        {
            "donor": pd.Categorical.from_codes(codes["donor"], donors),
            "severity": severity,
            "condition": pd.Categorical.from_codes((severity > 0.5).astype(int), ["healthy", "disease"]),
            "cell_type": pd.Categorical.from_codes(codes["cell_type"], cell_types),
            "batch": pd.Categorical.from_codes(codes["batch"], _names("batch", n_batches)),
            "state": codes["state"].to_numpy(),
        },
        index=_names("cell", len(codes)),
    )
    counts = sp.vstack([x for _, x in drawn], format="csr")
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=_names("gene", n_genes)), uns={"truth": truth})


def _names(prefix: str, n: int) -> list[str]:
    # Leading zeros: the names sort in their order, also after a round trip through a sorting reader.
    return [f"{prefix}{i:0{len(str(n))}d}" for i in range(1, n + 1)]


def _check(n_donors: int, low: int, high: int, sizes: dict[str, float]) -> None:
    if n_donors < 2:
        raise ValueError(f"n_donors={n_donors}: a cohort needs at least 2 donors.")
    if not 1 <= low <= high:
        raise ValueError(f"n_units: expected 1 <= lowest <= highest, got {low} and {high}.")
    for name, value in sizes.items():
        if value <= 0:
            raise ValueError(f"{name}={value}: expected a positive number.")
