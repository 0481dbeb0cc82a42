"""Motifs from files of JASPAR."""

import os
from pathlib import Path

import numpy as np


def read_jaspar(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    r"""Position frequency matrices from a file in the format of JASPAR.

    Parameters
    ----------
    path
        The file: for each motif a line ``>id name`` and a line ``A [ 1 2 … ]`` for each of A, C, G, T.

    Returns
    -------
    Counts of each motif by its name, each of shape (4, length), in the order A, C, G, T. Where two motifs have one name, by ``"name (id)"``.

    Raises
    ------
    ValueError
        If the file has another format.

    References
    ----------
    Rauluseviciute, I. et al. JASPAR 2024: 20th anniversary of the open-access database of transcription factor binding profiles. *Nucleic
    Acids Research* 52, D174–D182 (2024).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from gde.metrics import read_jaspar
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "motifs.jaspar"
    ...     _ = file.write_text(">M1 TATA\nA [ 0 9 ]\nC [ 1 0 ]\nG [ 0 0 ]\nT [ 8 0 ]\n")
    ...     read_jaspar(file)["TATA"].shape
    (4, 2)
    """
    motifs: dict[str, np.ndarray] = {}
    for block in Path(path).read_text().split(">")[1:]:
        head, *rows = block.strip().splitlines()
        motif_id, _, name = head.partition("\t" if "\t" in head else " ")
        table = {row.split()[0]: row.replace("[", " ").replace("]", " ").split()[1:] for row in rows}
        if sorted(table) != ["A", "C", "G", "T"] or len({len(values) for values in table.values()}) != 1:
            raise ValueError(
                f"{path}: motif {head!r} must have rows A, C, G and T of one length, in the format of JASPAR."
            )
        name = name.strip() or motif_id
        motifs[f"{name} ({motif_id})" if name in motifs else name] = np.array(
            [table[letter] for letter in "ACGT"], dtype=float
        )
    if not motifs:
        raise ValueError(f"{path} has no motifs in the format of JASPAR, which start with '>'.")
    return motifs
