"""What is known of the geometry of a model's embeddings."""

from dataclasses import dataclass, field

import numpy as np

from gde.stats import DistanceAgreement


@dataclass(frozen=True)
class GeometryCertificate:
    """How far latent distances and straight lines are those of optimal transport; see :meth:`gde.GDEModel.certify_geometry`.

    Attributes
    ----------
    checked_on
        Which units it was checked on.
    n_groups, n_pairs
        Number of groups, and of pairs of them.
    agreement
        Spearman correlation of latent distance with W2 over the pairs, with its interval.
    w2_range
        Least and greatest W2 among the pairs, in the scale of the model's coordinates: of smaller or greater distances nothing is known.
    w2_floor
        Median W2 of two halves of the same group, which differ by chance only.
    n_paths
        Number of pairs whose middle was generated.
    geodesic
        Means over these pairs of the figures of :func:`gde.metrics.geodesic_deviation` at time 0.5.
    distances
        Latent distance and W2 of each pair, shape (n_pairs, 2), which :func:`gde.pl.geometry` draws; no rows if an earlier version saved the certificate.
    """

    checked_on: str
    n_groups: int
    n_pairs: int
    agreement: DistanceAgreement
    w2_range: tuple[float, float]
    w2_floor: float
    n_paths: int
    geodesic: dict[str, float]
    distances: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)), repr=False, compare=False)

    def __str__(self) -> str:
        fit, way = self.agreement, self.geodesic
        return "\n".join(
            [
                f"Geometry, checked on {self.checked_on}: {self.n_groups} groups, {self.n_pairs} pairs",
                f"  latent distance and W2: Spearman {fit.correlation:.2f} [{fit.low:.2f}, {fit.high:.2f}] ({fit.level:.0%} interval over groups)",
                f"  W2 from {self.w2_range[0]:.3g} to {self.w2_range[1]:.3g}; two halves of one group: {self.w2_floor:.3g}",
                f"  middle of {self.n_paths} straight lines, energy distance: {way['deviation']:.3g} from the geodesic (floor {way['floor']:.3g}), "
                f"{way['mixture']:.3g} from a mixture of both ends, which are {way['ends']:.3g} apart",
            ]
        )
