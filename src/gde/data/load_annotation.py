"""The annotation of a lazily opened AnnData."""

from typing import Any

from anndata import AnnData


def load_annotation(adata: AnnData) -> None:
    """Read ``.obs`` and ``.var`` of an AnnData that ``anndata.experimental.read_lazy`` opened; its matrices stay on disk.

    Parameters
    ----------
    adata
        Any AnnData; nothing happens to one whose annotation is in memory.
    """
    for name in ("obs", "var"):
        frame: Any = getattr(adata, name, None)
        if hasattr(frame, "to_memory"):
            setattr(adata, name, frame.to_memory())
