"""Units that are seen in several ways."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gde.nn import Covariates, CovariateSizes, SetNoise, UnitAutoencoder
from gde.observations.continuous import Continuous
from gde.observations.counts import Counts
from gde.observations.image import Image
from gde.observations.observation import Observation
from gde.observations.sequences import Sequences

Part = Counts | Continuous | Image | Sequences


class Joint(Observation):
    r"""Several observations of one unit, which share its latent vector: one unit autoencoder reads all of them and makes all of them.

    All modalities of a generated unit come from one vector v, which is what keeps them correlated:

    .. math:: p(x_1, \ldots, x_M \mid v, z) = \prod_k p(x_k \mid v, z).

    Units may lack modalities. With :math:`m_k` for whether modality k was measured, and :math:`h_k` for its features, set encoder and unit encoder read

    .. math:: \big(\tfrac{M}{\sum_j m_j}\, m_k h_k\big)_{k = 1 \ldots M},\; m_1, \ldots, m_M,

    so that their first layer, :math:`\sum_k W_k` of this, is M times the mean over what was measured: a **masked mean**. A product of experts, one encoder of v for each
    modality (Wu & Goodman 2018, arXiv 1802.05335), is the other way to read what there is. It is exact where the modalities' posteriors are, but a set
    encoder has no density to multiply, so there it would need a mask all the same; here one rule serves both encoders, with one network
    instead of M, and the masks tell the unit encoder how sure it may be. In training a share of each set's units hides a modality from the set encoder. The
    shares, one for each modality, are squares of uniform numbers: none to all, a third on average. So
    a group's embedding changes little if many of its units lack a modality. What was not measured adds nothing to the likelihood.

    Each part has a likelihood of its own that starts from the hidden layer which the unit autoencoder makes of v and z. That of sequences goes letter by letter,
    :math:`p(x_k \mid v, z) = \prod_t p(x_{kt} \mid x_{k, <t}, v, z)`.

    Parameters
    ----------
    parts
        The observations, by the names of their modalities, made with ``is_part=True`` (sequences: with a ``decoder``); each has its ``key`` in the batch.
    n_vectors
        Width of the latent vector of a unit.
    n_latent
        Width of the embedding of a group.
    covariates
        Which covariates the unit autoencoder takes.
    n_hidden
        Width of the hidden layers.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Counts, Joint
    >>> rna, prot = (Counts(n, n_vectors=2, n_latent=3, n_hidden=8, is_part=True) for n in (5, 4))
    >>> rna.key, prot.key = "X_rna", "X_prot"
    >>> joint = Joint({"rna": rna, "prot": prot}, n_vectors=2, n_latent=3, n_hidden=8)
    >>> batch = {
    ...     "X_rna": torch.ones(3, 5),
    ...     "X_prot": torch.ones(3, 4),
    ...     "X": torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]),
    ... }
    >>> joint.featurise(joint.read(batch)).shape
    torch.Size([3, 18])
    """

    autoencoder: UnitAutoencoder

    def __init__(
        self,
        parts: Mapping[str, Part],
        n_vectors: int,
        n_latent: int,
        *,
        covariates: CovariateSizes | None = None,
        n_hidden: int = 128,
    ):
        super().__init__()
        self.names = list(parts)
        self.parts = nn.ModuleList(parts.values())  # in the order of the names, which may be any strings
        self.widths = [part.n_features for part in parts.values()]
        self.n_features = sum(self.widths) + len(parts)
        self.n_fixed_features = 0
        self.n_vectors = n_vectors
        self.autoencoder = UnitAutoencoder(
            self.n_features, n_vectors, n_latent, n_hidden, covariates or CovariateSizes()
        )

    @property
    def keys(self) -> list[str]:
        """Which modalities were measured, and the modalities."""
        return [self.key, *(part.key for part in self._parts())]

    def read(self, tensors: Mapping[str, Any]) -> dict[str, Tensor]:
        """The modalities of a batch, and which of them were measured."""
        return {key: tensors[key] for key in self.keys}

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Any]]) -> None:
        """Set the constants of each modality from the training units that have it."""
        for column, part in enumerate(self._parts()):

            def measured(column: int = column, part: Observation = part) -> Iterable[Tensor]:
                for x in chunks():
                    rows = x[self.key][:, column].nonzero().squeeze(1)
                    if len(rows):
                        yield _rows(x[part.key], rows)

            part.calibrate(measured)

    def featurise(self, x: Any, observed: Tensor | None = None) -> Tensor:
        """Features of the modalities side by side, and which of them were measured, shape (n_units, n_features); see the class."""
        sizes = [part.n_vars for part in self._parts()]
        masks = [None] * len(sizes) if observed is None else observed.split(sizes)
        blocks = [part.featurise(x[part.key], mask) for part, mask in zip(self._parts(), masks, strict=True)]
        measured = x[self.key]
        return self._side_by_side(blocks, measured, len(sizes) / measured.sum(1, keepdim=True))

    def fixed_features(self, x: Any, observed: Tensor | None = None) -> Tensor:
        """There are none: nothing in them could make up for what units lack."""
        raise NotImplementedError("An encoder without weights cannot read units with several modalities.")

    def drop(self, features: Tensor, noise: SetNoise) -> Tensor:
        """Hide modalities of units, but never all, and a part of the features of the others."""
        *blocks, measured = features.split([*self.widths, len(self.names)], dim=1)
        share = noise.repeat(noise.uniform_of_sets(len(self.names)).square())
        kept = measured * (noise.uniform(len(self.names)) >= share)
        kept = torch.where(kept.any(1, keepdim=True), kept, measured)
        blocks = [part.drop(block, noise) for part, block in zip(self._parts(), blocks, strict=True)]
        return self._side_by_side(blocks, kept, measured.sum(1, keepdim=True) / kept.sum(1, keepdim=True))

    def score(
        self, x: Any, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Latent vectors, their divergence, and the sums of the terms of the modalities that were measured."""
        mean, sd = self.autoencoder.encode(features, covariates, noise)
        vectors = mean + sd * noise.normal(self.n_vectors)
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        totals = {"kl": self.autoencoder.divergence(mean, sd)}
        of_unit = z.index_select(0, set_of_unit)
        for part, is_there in zip(self._parts(), x[self.key].T, strict=True):
            for name, term in part.terms(x[part.key], hidden, vectors, of_unit, noise).items():
                totals[name] = totals.get(name, 0.0) + term * is_there
        return vectors, totals

    def sample(
        self,
        vectors: Tensor,
        z: Tensor,
        set_of_unit: Tensor,
        covariates: Covariates,
        noise: SetNoise,
        **library_sizes: Tensor,
    ) -> Any:
        """Units by the names of the modalities, each (n_units, n_vars); ``library_sizes`` of modalities with counts are from the model or as given."""
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        of_unit = z.index_select(0, set_of_unit)
        units = {}
        for name, part in zip(self.names, self._parts(), strict=True):
            given = {"library_size": library_sizes[name]} if name in library_sizes else {}
            units[name] = part.draw(hidden, vectors, of_unit, noise, **given)
        return units

    def _parts(self) -> list[Any]:
        return list(self.parts)

    @staticmethod
    def _side_by_side(blocks: list[Tensor], measured: Tensor, scale: Tensor) -> Tensor:
        """What was measured, scaled up to make up for what was not."""
        weight = measured * scale
        return torch.cat([*(block * weight[:, [k]] for k, block in enumerate(blocks)), measured], dim=1)


def _rows(x: Tensor, rows: Tensor) -> Tensor:
    """Rows of a dense or CSR tensor."""
    if x.layout == torch.strided:
        return x[rows]
    stored = x.crow_indices().diff()[rows]
    stop = stored.cumsum(0)
    position = torch.arange(int(stored.sum()), device=rows.device)
    position = position + torch.repeat_interleave(x.crow_indices()[rows] - (stop - stored), stored)
    crow = torch.cat([stop.new_zeros(1), stop])
    return torch.sparse_csr_tensor(crow, x.col_indices()[position], x.values()[position], (len(rows), x.shape[1]))
