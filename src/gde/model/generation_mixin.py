"""Embeddings to units."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scvi import settings
from scvi.utils import track

from gde.data import check_integer, check_number
from gde.model.covariate_table import CovariateTable
from gde.model.embedding_mixin import EmbeddingMixin
from gde.model.group_chunks import N_CHUNKS_WORTH_A_BAR
from gde.model.library_sizes import library_sizes
from gde.nn import SetNoise

Pool = tuple[
    np.ndarray, np.ndarray, np.ndarray
]  # covariates of units, categorical and continuous, and the units' weights
UNITS_PER_CHUNK = 2048  # fixed, since a chunk is what a stream of random numbers belongs to


class GenerationMixin(EmbeddingMixin):
    """What a model makes of embeddings."""

    def generate(
        self,
        adata: AnnData | None = None,
        *,
        groups: Sequence[Any] | None = None,
        n_units: int | Sequence[int] | Mapping[str, int] | None = None,
        embeddings: pd.DataFrame | np.ndarray | None = None,
        library_size: float | np.ndarray | Mapping[str, float | np.ndarray] | None = None,
        batch: Any = None,
        temperature: float | None = None,
        allow_missing_genes: bool = False,
        seed: int | None = None,
    ) -> AnnData:
        """Sample new units of groups.

        Parameters
        ----------
        adata
            Where the groups are; None: the AnnData that the model was made with. They may be groups that training did not see.
        groups
            Names of groups, or values of a continuous label; None: all of them. A name may be given once.
        n_units
            Number of units of each group: one number, one for each, or a mapping from names, of which those not asked for are ignored. None:
            as many as the group has; where groups share units, their effective number.
        embeddings
            Embeddings to generate from instead of groups, (n, n_latent); the index of a DataFrame names the rows. Needs ``n_units``.
        library_size
            Library size of every new unit, or one for each; None: sampled from the model. Counts only; with several modalities a mapping from those
            to be set, ``{"rna": 2000}``.
        batch
            Batch of every new unit, one of those in training. None: the covariates of units drawn from the group at random, or from all units
            of training if ``embeddings`` are given.
        temperature
            Sequences only: below 1 the likely letters become more so, above 1 less; None: 1.
        allow_missing_genes
            See :meth:`get_group_embeddings`. New units have all genes of the model.
        seed
            Seed of the sample; None: ``scvi.settings.seed``, or the model's own. The units of a group do not depend on the other groups asked for.

        Returns
        -------
        AnnData with ``var`` of the training data, the columns of group and covariates in ``.obs``, and in ``.uns["gde"]`` model, seed and
        version. Counts are integers, CSR, in ``.X`` (and in the layer that the model was set up with); units that came from ``.obsm`` are
        there.

        Raises
        ------
        TypeError
            If an argument is of another type.
        KeyError
            If a group or batch is unknown.
        ValueError
            If the number of units is not positive, or arguments do not fit.

        Warns
        -----
        UserWarning
            If ``embeddings`` lie outside the range seen in training, see :class:`gde.stats.EmbeddingRange`.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.generate(n_units=5).shape
        (20, 50)
        """
        if temperature is not None and (
            self.units.observation != "sequence" or not check_number("temperature", temperature) > 0
        ):
            raise ValueError(
                f"`temperature` is for sequences and above 0, got {temperature} for units that are {self.units.observation}."
            )
        seed = next(value for value in (seed, settings.seed, self.seed_) if value is not None)
        seed = check_integer("seed", seed)
        table = CovariateTable(self.registry_, self._setup_args)
        if embeddings is None:
            z, levels, sizes, pools = self._from_groups(adata, groups, table, allow_missing_genes)
        else:
            if groups is not None or adata is not None:
                raise ValueError("Pass either `embeddings` or groups of an AnnData, not both.")
            z, levels, pools = self._from_embeddings(embeddings, table)
            sizes = None
        names = levels.index.tolist()
        if embeddings is not None:
            self._warn_if_outside(pd.DataFrame(z, index=names))
        sizes = _sizes(n_units, names, sizes, self.labels.name)

        group = np.repeat(np.arange(len(names)), sizes)
        categorical, continuous = self._draw_covariates(names, sizes, pools, table, batch, seed)
        library = library_sizes(library_size, len(group), self.units)
        chunks = self._sample(z, names, sizes, categorical, continuous, library, temperature, seed)

        obs = levels.iloc[group].reset_index(drop=True)
        obs = pd.concat([obs, table.decode(categorical, continuous)], axis=1)
        obs.index = obs.index.astype(str)
        new = self.units.write(chunks, obs, self.units.var(self.adata, self.get_var_names()))
        source = None if embeddings is not None else self.adata if adata is None else adata
        new.uns["gde"] = {"params": self._describe(source) | {"generation_seed": seed}}
        return new

    def _from_groups(
        self, adata: AnnData | None, groups: Sequence[Any] | None, table: CovariateTable, allow_missing_genes: bool
    ) -> tuple[np.ndarray, pd.DataFrame, np.ndarray, list[Pool]]:
        """Embedding, levels, size and covariates of the units of each group."""
        manager, observed = self._query(adata, allow_missing_genes)
        prior, order = self._find_groups(manager, groups)
        z = self._embed(manager, prior, observed, 4096)[order]

        obs = (self.adata if adata is None else adata).obs
        codes = prior.codes[order].tolist()
        levels = self.labels.columns(obs, prior, codes).set_axis([prior.names[code] for code in codes])
        categorical, continuous = table.encode(obs)
        pools = []
        for code in codes:
            rows, weight = prior.measure(code)
            pools.append((categorical[rows], continuous[rows], weight))
        return z, levels, np.rint(prior.n_effective[order]).astype(int), pools

    def _from_embeddings(
        self, embeddings: pd.DataFrame | np.ndarray, table: CovariateTable
    ) -> tuple[np.ndarray, pd.DataFrame, list[Pool]]:
        """Embedding, name and covariates of each row; the covariates are those of all training units."""
        self._check_is_trained()
        try:
            frame = pd.DataFrame(embeddings)
            z = frame.to_numpy(np.float32)
        except (TypeError, ValueError):
            raise TypeError(
                f"`embeddings` must be a DataFrame or an array of numbers, such as `get_group_embeddings` returns, got {type(embeddings).__name__}."
            ) from None
        if len(z) == 0 or z.shape[1] != self.module.encoder.n_latent:
            raise ValueError(
                f"`embeddings` must be of shape (n, {self.module.encoder.n_latent}) with n > 0, got shape {z.shape}."
            )
        is_bad = ~np.isfinite(z).all(axis=1)
        if is_bad.any():
            raise ValueError(
                f"`embeddings` has NaN or infinite values in {is_bad.sum()} of {len(z)} rows, e.g. {str(frame.index[is_bad][0])!r}. "
                "Drop these rows."
            )
        if not frame.index.is_unique:
            raise ValueError("`embeddings` has duplicate names in its index.")
        names = [str(name) for name in frame.index]
        if self.adata is not None:
            pool = (*table.encode(self.adata.obs), np.ones(self.adata.n_obs))
        elif table.is_empty:
            pool = (*table.encode(pd.DataFrame(index=range(1))), np.ones(1))
        else:
            raise ValueError(
                "Generated units need covariates: load the model with its AnnData (`GDEModel.load(path, adata=...)`)."
            )
        key = " | ".join(self.labels.group_keys) or "group"
        levels = pd.DataFrame({key: pd.Categorical(names)}, index=names)
        return z, levels, [pool] * len(names)

    def _draw_covariates(
        self,
        names: list[str],
        sizes: np.ndarray,
        pools: list[Pool],
        table: CovariateTable,
        batch: Any,
        seed: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Covariates of new units: those of units drawn from the group's pool, with the batch replaced if one is given."""
        drawn = []
        for name, size, (categorical, continuous, weight) in zip(names, sizes, pools, strict=True):
            points = np.random.default_rng((seed, _address(name))).random(size) * weight.sum()
            rows = np.searchsorted(weight.cumsum(), points, side="right").clip(max=len(weight) - 1)
            drawn.append((categorical[rows], continuous[rows]))
        categorical, continuous = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
        if batch is not None:
            categorical[:, 0] = table.batch_code(batch)
        if (categorical < 0).any():
            raise ValueError(table.explain_unknown(categorical, takes_batch=True))
        return categorical, continuous

    def _sample(
        self,
        z: np.ndarray,
        names: list[str],
        sizes: np.ndarray,
        categorical: np.ndarray,
        continuous: np.ndarray,
        library: dict[str, np.ndarray],
        temperature: float | None,
        seed: int,
    ) -> list[Any]:
        """New units in chunks, as the training data hold them."""
        module, device = self.module, self.module.device
        embeddings = torch.from_numpy(z).to(device)
        chunks = list(_chunks(names, sizes, seed))
        parts, start = [], 0
        module.eval()
        for pieces in track(chunks, "Generating units...", disable=len(chunks) < N_CHUNKS_WORTH_A_BAR):
            groups, piece_sizes, seeds = zip(*pieces, strict=True)
            stop = start + sum(piece_sizes)
            set_of_unit = torch.from_numpy(np.repeat(np.arange(len(groups)), piece_sizes)).to(device)
            given = {name: torch.from_numpy(values[start:stop]).to(device) for name, values in library.items()}
            units = module.sample(
                embeddings[list(groups)],
                set_of_unit,
                module.standardised_covariates(
                    torch.from_numpy(categorical[start:stop]), torch.from_numpy(continuous[start:stop])
                ),
                SetNoise(seeds, piece_sizes, device),
                temperature=temperature,
                **given,
            )
            parts.append(self.units.pack(units, self.unit_spec))
            start = stop
        return parts


def _sizes(
    n_units: int | Sequence[int] | Mapping[Any, int] | None,
    names: list[str],
    own: np.ndarray | None,
    name_of: Callable[[Any], str],
) -> np.ndarray:
    """Number of units of each group."""
    if n_units is None:
        if own is None:
            raise ValueError("`n_units` is needed with `embeddings`.")
        return own
    if isinstance(n_units, Mapping):
        n_units = {name_of(name): n for name, n in n_units.items()}
        missing = [name for name in names if name not in n_units]
        if missing:
            raise ValueError(
                f"`n_units` has no number for {len(missing)} groups, e.g. {missing[:5]}. Add them, or name the groups that you want: "
                f"`groups={list(n_units)[:5]}`."
            )
        n_units = [n_units[name] for name in names]
    if np.ndim(n_units) == 0:
        return np.full(len(names), check_integer("n_units", n_units, 1))
    sizes = np.asarray(n_units)
    if sizes.shape != (len(names),) or not np.issubdtype(sizes.dtype, np.integer) or (sizes <= 0).any():
        raise ValueError(
            f"`n_units` must be positive integers, one number or one for each of {len(names)} groups, got {n_units!r}."
        )
    return sizes


def _address(name: str) -> int:
    """A number that belongs to a group's name on every machine."""
    return zlib.crc32(name.encode())


def _chunks(names: list[str], sizes: np.ndarray, seed: int) -> Iterator[list[tuple[int, int, int]]]:
    """Chunks of (group, number of units, seed); each group is cut at fixed places, so that its units do not depend on the others."""
    chunk: list[tuple[int, int, int]] = []
    room = UNITS_PER_CHUNK
    for group, (name, size) in enumerate(zip(names, sizes.tolist(), strict=True)):
        for piece, start in enumerate(range(0, size, UNITS_PER_CHUNK)):
            n = min(UNITS_PER_CHUNK, size - start)
            if n > room:
                yield chunk
                chunk, room = [], UNITS_PER_CHUNK
            address = np.random.SeedSequence((seed, _address(name), piece))
            chunk.append((group, n, int(address.generate_state(1, np.uint64)[0])))
            room -= n
    yield chunk
