"""Real and generated units side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from scipy.stats import gaussian_kde, ks_2samp

from gde.data import check_anndata
from gde.metrics import energy_distance
from gde.pl._finish import OKABE_ITO, finish
from gde.pl._unit_space import both_counts, dense_rows, log_normalise, to_components

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

Kind = Literal["pca", "mean", "variance", "library_size"]
MAX_UNITS = 2000  # that distances and densities are computed from
REAL, GENERATED, FLOOR = OKABE_ITO[0], OKABE_ITO[1], "0.6"


class _Sample(NamedTuple):
    """Units as they are compared, and as they are in the AnnData; counts are log-normalised for the first."""

    values: np.ndarray
    raw: np.ndarray


def generated(
    real: AnnData,
    new: AnnData,
    *,
    kind: Kind = "pca",
    layer: str | None = None,
    obsm_key: str | None = None,
    seed: int = 0,
    ax: Axes | None = None,
    show: bool | None = None,
    save: str | None = None,
) -> Axes:
    """Draw real and generated units in one plane, or compare their genes or library sizes.

    The title compares the generated units with one random half of the real ones, and beside it, as the floor, the other half with that half: the best that
    generated units can hope for. Of more than 2,000 units, 2,000 are drawn at random.

    Parameters
    ----------
    real, new
        Real units, best such that training did not see, and units from :meth:`gde.GDEModel.generate`.
    kind
        What to draw:

        - ``"pca"``: units at the first two principal components of the real ones, and lines that hold 20, 50 and 80 % of each kind; energy distances in
          20 components (:func:`gde.metrics.energy_distance`);
        - ``"mean"``, ``"variance"``: of each gene or variable among generated against real units, in grey between the halves; Pearson correlations of the logarithms
          (of the values, where units are continuous);
        - ``"library_size"``: of counts, the share of the units below each; largest differences of the shares (Kolmogorov and Smirnov).
    layer, obsm_key
        Where the units are, as in ``setup_anndata``. Counts, which whole numbers in ``.X`` or a layer are taken for, are log-normalised to the median
        library size of the real units. Any plane that both share, a UMAP of real and generated units together say, can be drawn as ``obsm_key="X_umap"``.
    seed
        Seed of halves and choice.
    ax, show, save
        Axes to draw on; whether to show the figure (None: unless ``ax`` is given); file to save it to.

    Returns
    -------
    The axes.

    Raises
    ------
    ValueError
        If there is no such kind, there are fewer than 4 real or 2 generated units, generated units are counts and real ones are not, or units that are no
        counts are asked for library sizes.

    Examples
    --------
    >>> import gde
    >>> import numpy as np
    >>> from anndata import AnnData
    >>> counts = AnnData(np.random.default_rng(0).poisson(2.0, size=(30, 5)).astype(float))
    >>> gde.pl.generated(counts, counts, kind="library_size", show=False).get_xlabel()
    'library size'
    """
    import matplotlib.pyplot as plt

    if kind not in get_args(Kind):
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, get_args(Kind)))}, got {kind!r}.")
    check_anndata(real, "real")
    check_anndata(new, "new")
    if real.n_obs < 4 or new.n_obs < 2:
        raise ValueError(f"{real.n_obs} real and {new.n_obs} generated units are too few: at least 4 and 2 are needed.")
    rng = np.random.default_rng(seed)
    raw = [_draw(adata, layer, obsm_key, rng) for adata in (real, new)]
    is_counts = obsm_key is None and both_counts(raw[1], raw[0])
    if kind == "library_size" and not is_counts:
        raise ValueError("`kind`: library sizes are of counts, and these units are in `.obsm` or no whole numbers.")
    values = log_normalise(raw) if is_counts else raw
    samples = [_Sample(*pair) for pair in zip(values, raw, strict=True)]
    first, second = (_Sample(*(part[half::2] for part in samples[0])) for half in (0, 1))

    show = ax is None if show is None else show
    if ax is None:
        ax = plt.subplots(figsize=(4.2, 3.8), layout="constrained")[1]
    draw: dict[str, Callable[..., None]] = {"pca": _draw_plane, "library_size": _draw_library_sizes}
    draw |= dict.fromkeys(("mean", "variance"), _draw_moments)
    draw[kind](ax, kind, first, second, samples[1], is_counts=is_counts)
    ax.title.set_fontsize(9)
    return finish(ax, show=show, save=save)


def _draw(adata: AnnData, layer: str | None, obsm_key: str | None, rng: np.random.Generator) -> np.ndarray:
    """At most 2,000 units, in random order."""
    values = adata.obsm[obsm_key] if obsm_key else adata.X if layer is None else adata.layers[layer]
    return dense_rows(values, rng.permutation(values.shape[0])[:MAX_UNITS])


def _draw_plane(ax: Axes, kind: str, first: _Sample, second: _Sample, new: _Sample, *, is_counts: bool) -> None:
    x, other, y = to_components([first.values, second.values, new.values], n_real=2)
    points = {"real": np.concatenate([x, other]), "generated": y}
    distances = [energy_distance(sample, x) for sample in (y, other)]
    for (name, xy), colour in zip(points.items(), (REAL, GENERATED), strict=True):
        ax.scatter(xy[:, 0], xy[:, 1], s=5, alpha=0.4, linewidths=0, color=colour, label=name, rasterized=True)
        _draw_density(ax, xy[:, :2], colour)
    ax.legend(frameon=False, markerscale=2.5, fontsize=8)
    ax.set(xlabel="PC 1 of real units", ylabel="PC 2 of real units", xticks=[], yticks=[])
    ax.set_title(f"energy distance {_rounded(distances[0])} (floor {_rounded(distances[1])})")


def _rounded(value: float) -> str:
    """Two decimals, without a minus before zero: unbiased distances of alike units may lie a little below it."""
    return f"{round(value, 2) + 0.0:.2f}"


def _draw_density(ax: Axes, x: np.ndarray, colour: str) -> None:
    """Lines that hold 20, 50 and 80 % of the points."""
    if len(x) < 20 or np.linalg.matrix_rank(np.cov(x.T)) < 2:
        return
    density = gaussian_kde(x.T)
    levels = np.unique(np.quantile(density(x.T), [0.2, 0.5, 0.8]))
    low, high = x.min(0), x.max(0)
    margin = 0.1 * (high - low)
    grid = np.stack(np.meshgrid(*(np.linspace(*ends, 60) for ends in zip(low - margin, high + margin, strict=True))))
    ax.contour(*grid, density(grid.reshape(2, -1)).reshape(60, 60), levels=levels, colors=colour, linewidths=1)


def _draw_moments(ax: Axes, kind: str, first: _Sample, second: _Sample, new: _Sample, *, is_counts: bool) -> None:
    of = np.mean if kind == "mean" else np.var
    x, floor, y = (of(sample.raw, axis=0) for sample in (first, second, new))
    correlations = [_correlation(x, other, logs=is_counts) for other in (y, floor)]
    ax.scatter(x, floor, s=8, color=FLOOR, linewidths=0, alpha=0.7, label="other half of real units", rasterized=True)
    ax.scatter(x, y, s=8, color=GENERATED, linewidths=0, alpha=0.7, label="generated", rasterized=True)
    ends = [float(x[x > 0].min(initial=x.max())) if is_counts else float(x.min()), float(x.max())]
    ax.plot(ends, ends, color="0.3", linewidth=0.8, zorder=0)
    if is_counts:  # a gene without counts has no place on these scales
        ax.set(xscale="log", yscale="log")
    ax.legend(frameon=False, fontsize=8, markerscale=2)
    what = "gene" if is_counts else "variable"
    ax.set(xlabel=f"{kind} of a {what}, half of real units", ylabel=f"{kind} of a {what}, other units")
    ax.set_title(f"{kind}: Pearson {correlations[0]:.2f} (floor {correlations[1]:.2f})")


def _correlation(x: np.ndarray, y: np.ndarray, *, logs: bool) -> float:
    if logs:
        is_seen = (x > 0) & (y > 0)
        x, y = np.log(x[is_seen]), np.log(y[is_seen])
    return float(np.corrcoef(x, y)[0, 1]) if len(x) > 1 else float("nan")


def _draw_library_sizes(ax: Axes, kind: str, first: _Sample, second: _Sample, new: _Sample, *, is_counts: bool) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    x, floor, y = (np.sort(sample.raw.sum(1)) for sample in (first, second, new))
    for sizes, label, colour, style in (
        (x, "half of real units", REAL, "-"),
        (floor, "other half", FLOOR, "--"),
        (y, "generated", GENERATED, "-"),
    ):
        ax.ecdf(sizes, color=colour, linestyle=style, label=label, linewidth=1.3)
    ax.set(xlabel="library size", ylabel="share of units below")
    if x.min() > 0:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))  # sizes within a factor of ten have more than one label
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        ax.xaxis.set_minor_formatter(NullFormatter())  # and labels do not overlap
    ax.legend(frameon=False, fontsize=8)
    largest = [ks_2samp(x, other).statistic for other in (y, floor)]
    ax.set_title(f"largest difference {largest[0]:.2f} (floor {largest[1]:.2f})")
