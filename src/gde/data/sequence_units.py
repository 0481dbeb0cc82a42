"""Units that are sequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi.data.fields import BaseAnnDataField, ObsmField
from torch import Tensor

from gde.data.alphabet import Alphabet, UnknownLetters
from gde.data.near_matches import near_matches
from gde.data.sequence_field import TOKENS_KEY, SequenceField
from gde.data.unit_spec import UnitSpec
from gde.data.units import Selection, Units


class SequenceUnits(Units):
    """Strings in ``.obs``, or codes in ``.obsm``.

    Parameters
    ----------
    sequence_key
        Column of ``.obs``, or entry of ``.obsm``.
    alphabet, unknown_letters, max_length
        See :meth:`gde.GDEModel.setup_anndata`.

    Examples
    --------
    >>> import pandas as pd
    >>> from anndata import AnnData
    >>> from gde.data import SequenceUnits
    >>> adata = AnnData(obs=pd.DataFrame({"sequence": ["ACG", "TT"]}, index=["a", "b"]))
    >>> SequenceUnits("sequence").matrix(adata).tolist()
    [[0, 1, 2], [3, 3, 5]]
    """

    observation = "sequence"

    def __init__(
        self,
        sequence_key: str,
        alphabet: str | int | None = None,
        unknown_letters: UnknownLetters = "refuse",
        max_length: int | None = None,
    ):
        if unknown_letters not in get_args(UnknownLetters):
            raise ValueError(f"`unknown_letters` must be 'refuse' or 'map', got {unknown_letters!r}.")
        self._key, self._alphabet, self._unknown, self._max_length = sequence_key, alphabet, unknown_letters, max_length

    @property
    def where(self) -> str:
        """Where the sequences are, for errors."""
        return f"`sequence_key={self._key!r}`"

    def matrix(self, adata: AnnData) -> np.ndarray:
        """Codes of the sequences, shape (n_units, max_length), filled up with the code after the last letter."""
        alphabet = self._find_alphabet(adata)
        if isinstance(alphabet, int):
            return self._codes(adata, alphabet)
        return Alphabet.find(alphabet).encode(
            self._strings(adata), max_length=self._max_length, unknown_letters=self._unknown
        )

    def check(self, adata: AnnData) -> None:
        """Raise a clear error if sequences are not there, or some units have none."""
        if adata.n_obs == 0:
            raise ValueError("`adata` has no units. Was everything filtered out?")
        if not isinstance(self._find_alphabet(adata), int):
            self._strings(adata)

    def check_values(self, adata: AnnData) -> None:
        """Raise a clear error if sequences are too long, or have letters that are not in the alphabet."""
        self.matrix(adata)

    def settings(self, adata: AnnData) -> dict[str, Any]:
        """What was left to the data: alphabet and greatest length."""
        found = {"alphabet": self._find_alphabet(adata), "max_length": self.matrix(adata).shape[1]}
        return super().settings(adata) | found

    def field(self) -> BaseAnnDataField:
        """The field that encodes the sequences."""
        return SequenceField(self.registry_key, self.matrix)

    def spec(self, registry: Mapping[str, Any]) -> UnitSpec:
        """Greatest length and letters."""
        return self.spec_of((registry["setup_args"]["max_length"],), "float32", self.registry_key)

    def spec_of(self, shape: tuple[int, ...], dtype: str, registry_key: str) -> UnitSpec:
        """Greatest length and letters; the alphabet is that of :meth:`settings`."""
        assert self._alphabet is not None
        letters = Alphabet.find(self._alphabet).letters if isinstance(self._alphabet, str) else ""
        n_letters = len(letters) or int(self._alphabet)
        return UnitSpec("sequence", shape, registry_key=registry_key, n_letters=n_letters, letters=letters)

    def select(self, adata: AnnData, genes: Sequence[str], *, allow_missing_genes: bool = False) -> Selection:
        """The sequences of another AnnData."""
        return Selection(ObsmField(self.registry_key, TOKENS_KEY), obsm={TOKENS_KEY: self.matrix(adata)})

    def pack(self, units: Tensor, spec: UnitSpec) -> list[str] | np.ndarray:
        """Strings, or codes that are negative after the end."""
        codes = units.numpy(force=True)
        if spec.letters:
            return Alphabet(spec.letters).decode(codes)
        return np.where(codes == spec.n_letters, -1, codes)

    def write(self, chunks: list[Any], obs: pd.DataFrame, var: pd.DataFrame) -> AnnData:
        """An AnnData with the sequences where the training data have theirs."""
        if isinstance(chunks[0], np.ndarray):
            return AnnData(obs=obs, obsm={self._key: np.concatenate(chunks)})
        return AnnData(obs=obs.assign(**{self._key: [sequence for chunk in chunks for sequence in chunk]}))

    def _find_alphabet(self, adata: AnnData) -> str | int:
        """The alphabet that was given, or the one that fits."""
        if self._key not in adata.obs and self._key in adata.obsm:
            if isinstance(self._alphabet, str):
                raise ValueError(f"{self.where} are codes in `.obsm`: give their number as `alphabet=`, not letters.")
            return self._alphabet or int(np.max(adata.obsm[self._key])) + 1
        if isinstance(self._alphabet, int):
            raise ValueError(f"{self.where} are strings: give letters as `alphabet=`, not their number.")
        if self._alphabet is not None:
            return self._alphabet
        return "dna" if set("".join(self._strings(adata)).upper()) <= set("ACGTN") else "protein"

    def _strings(self, adata: AnnData) -> list[str]:
        if self._key not in adata.obs:
            names = [*adata.obs.columns, *adata.obsm.keys()]
            raise KeyError(f"{self.where} is neither in `.obs` nor in `.obsm`. {near_matches(self._key, names)}")
        values = adata.obs[self._key].tolist()
        bad = [
            name for name, value in zip(adata.obs_names, values, strict=True) if not isinstance(value, str) or not value
        ]
        if bad:
            raise ValueError(
                f"{self.where}: {len(bad)} units have no sequence, e.g. {bad[0]!r}. Drop them: `adata[adata.obs[{self._key!r}].str.len() > 0]`."
            )
        return values

    def _codes(self, adata: AnnData, n_letters: int) -> np.ndarray:
        codes = np.asarray(adata.obsm[self._key])
        if codes.ndim != 2 or not np.issubdtype(codes.dtype, np.integer):
            raise ValueError(
                f"{self.where} must be a matrix of integers, got {codes.ndim} dimensions of {codes.dtype}."
            )
        is_end = (codes < 0) | (codes == n_letters)
        if (codes > n_letters).any() or (is_end[:, :-1] & ~is_end[:, 1:]).any() or is_end[:, 0].any():
            raise ValueError(
                f"{self.where}: codes must be below `alphabet={n_letters}`, at least one in each row, and negative after the end only."
            )
        width = self._max_length or codes.shape[1]
        if codes.shape[1] > width and not is_end[:, width:].all():
            raise ValueError(f"{self.where}: sequences are longer than `max_length={width}`: set it to the longest.")
        tokens = np.full((len(codes), width), n_letters, dtype=np.int32)
        kept = np.where(is_end, n_letters, codes)[:, :width]
        tokens[:, : kept.shape[1]] = kept
        return tokens
