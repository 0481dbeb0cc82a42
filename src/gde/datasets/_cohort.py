"""The two draws behind a simulated cohort: its truth, and the cells of one donor."""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.special import softmax


def draw_truth(
    rng: np.random.Generator,
    donors: list[str],
    cell_types: list[str],
    *,
    n_genes: int,
    n_batches: int,
    severity_effect: float,
    batch_effect: float,
) -> dict[str, Any]:
    """Draw everything of a cohort that is not a cell; see :func:`gde.datasets.simulate_cohort` for the meaning."""
    n_donors, n_types = len(donors), len(cell_types)
    severity = (rng.permutation(n_donors) + 0.5) / n_donors
    # Evenly spaced slopes, so that composition follows the axis whatever the seed.
    slope = rng.permutation(np.linspace(-1, 1, n_types)) if n_types > 1 else np.zeros(1)
    logits = rng.normal(0, 0.5, n_types) + severity_effect * np.outer(2 * severity - 1, slope)
    logits += rng.normal(0, 0.3, (n_donors, n_types))
    markers = (rng.random((n_types, n_genes)) < 0.15) * rng.normal(0, 1.5, (n_types, n_genes))
    responds = rng.random(n_genes) < 0.2
    loadings = responds * (rng.normal(0, 0.4, n_genes) + rng.normal(0, 0.3, (n_types, n_genes)))
    batches = rng.normal(0, batch_effect, (n_batches, n_genes))
    return {
        "severity": severity,
        "composition": pd.DataFrame(softmax(logits, axis=1), index=donors, columns=cell_types),
        "profiles": rng.normal(0, 1.5, n_genes) + markers,
        "axis_loadings": loadings,
        "batch_effects": batches - batches.mean(axis=0),
        "donor_effects": rng.normal(0, 0.1, (n_donors, n_genes)),
        "inverse_dispersion": np.exp(rng.normal(np.log(3), 0.5, n_genes)),
    }


def draw_donor(
    rng: np.random.Generator,
    donor: int,
    n_units: int,
    truth: dict[str, Any],
    *,
    severity_effect: float,
    library_size: float,
) -> tuple[pd.DataFrame, sp.csr_matrix]:
    """Draw the cells of one donor: their integer labels and state, and their counts."""
    composition = truth["composition"].to_numpy()[donor]
    cell_type = rng.choice(len(composition), size=n_units, p=composition)
    state = rng.normal(severity_effect * (2 * truth["severity"][donor] - 1), 1, n_units)
    # Dealt out in turn from a random order: every donor with enough cells is in every batch.
    batch = rng.permutation(n_units) % len(truth["batch_effects"])
    log_rate = truth["profiles"][cell_type] + state[:, None] * truth["axis_loadings"][cell_type]
    log_rate += truth["batch_effects"][batch] + truth["donor_effects"][donor]
    depth = library_size * np.exp(rng.normal(0, 0.2) + rng.normal(0, 0.4, n_units))
    mean = depth[:, None] * softmax(log_rate, axis=1)
    theta = truth["inverse_dispersion"]
    counts = rng.poisson(rng.gamma(theta, mean / theta))
    obs = pd.DataFrame({"donor": donor, "cell_type": cell_type, "batch": batch, "state": state})
    return obs, sp.csr_matrix(counts, dtype=np.float32)
