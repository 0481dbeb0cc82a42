"""Letters of sequences and their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

UnknownLetters = Literal["refuse", "map"]


@dataclass(frozen=True)
class Alphabet:
    """The letters that sequences are made of.

    A letter's code is its place among ``letters``. The code after the last letter is the end of a sequence, and fills the row of a short
    sequence up: padding is the end, repeated.

    Parameters
    ----------
    letters
        The letters, each once.
    unknown
        The one of them that letters which are not there can be mapped to; None: there is none.
    ignore_case
        Whether lower-case letters are read as upper-case ones.

    Examples
    --------
    >>> from gde.data import Alphabet
    >>> dna = Alphabet.find("dna")
    >>> dna.encode(["ACGT", "ta"])
    array([[0, 1, 2, 3],
           [3, 0, 5, 5]], dtype=int16)
    >>> dna.decode(dna.encode(["ACGT", "ta"]))
    ['ACGT', 'TA']
    """

    letters: str
    unknown: str | None = None
    ignore_case: bool = False

    def __post_init__(self) -> None:
        if not self.letters or len(set(self.letters)) < len(self.letters):
            raise ValueError(f"`alphabet` must have at least one letter, and each once, got {self.letters!r}.")

    @staticmethod
    def find(alphabet: str) -> Alphabet:
        """``"dna"`` (ACGT and N), ``"protein"`` (20 amino acids and X), or an alphabet of the letters given, without an unknown one."""
        return ALPHABETS.get(alphabet) or Alphabet(alphabet)

    @property
    def end(self) -> int:
        """Code of the end of a sequence."""
        return len(self.letters)

    def encode(
        self, sequences: Sequence[str], *, max_length: int | None = None, unknown_letters: UnknownLetters = "refuse"
    ) -> np.ndarray:
        """Codes of sequences, shape (n, longest sequence or ``max_length``), filled up with :attr:`end`.

        Raises
        ------
        ValueError
            If a sequence is too long, or has a letter that is not in the alphabet and is not to be mapped.
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=int)
        width = int(lengths.max(initial=0)) if max_length is None else max_length
        if (lengths > width).any():
            raise ValueError(
                f"{(lengths > width).sum()} sequences are longer than {width} letters (up to {lengths.max()}): set `max_length=` in "
                "`setup_anndata` to the longest sequence that is to come, or cut them."
            )
        text = "".join(sequences)
        points = np.frombuffer((text.upper() if self.ignore_case else text).encode("utf-32-le"), dtype=np.uint32)
        tokens = np.full((len(lengths), width), self.end, dtype=np.int16)
        tokens[np.arange(width) < lengths[:, None]] = self._codes(points, unknown_letters)
        return tokens

    def decode(self, tokens: np.ndarray) -> list[str]:
        """Sequences from their codes, shape (n, any); each stops before its first :attr:`end`."""
        lengths = np.cumprod(tokens != self.end, axis=1).sum(1)
        table = np.array([*self.letters, ""])
        return ["".join(row[:length]) for row, length in zip(table[tokens], lengths, strict=True)]

    def _codes(self, points: np.ndarray, unknown_letters: UnknownLetters) -> np.ndarray:
        known = np.frombuffer(self.letters.encode("utf-32-le"), dtype=np.uint32)
        order = np.argsort(known)
        codes = order[np.searchsorted(known, points, sorter=order).clip(max=len(known) - 1)]
        is_unknown = known[codes] != points
        if not is_unknown.any():
            return codes
        if unknown_letters == "map" and self.unknown is not None:
            return np.where(is_unknown, self.letters.index(self.unknown), codes)
        names = ", ".join(repr(chr(point)) for point in np.unique(points[is_unknown])[:10])
        cure = (
            "give an `alphabet=` that has them"
            if self.unknown is None
            else f"map them to {self.unknown!r} with `unknown_letters='map'`, or give an `alphabet=` that has them"
        )
        raise ValueError(
            f"{is_unknown.sum()} letters of the sequences are not in the alphabet {self.letters!r}: {names}. Drop them, {cure}."
        )


ALPHABETS = {
    "dna": Alphabet("ACGTN", unknown="N", ignore_case=True),
    "protein": Alphabet("ACDEFGHIKLMNPQRSTVWYX", unknown="X", ignore_case=True),
}
