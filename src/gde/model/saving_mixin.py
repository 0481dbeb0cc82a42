"""Models to files and back."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import rich.pretty  # noqa: F401  `AnnDataManager.view_setup_method_args` takes it for imported
import safetensors.torch
import torch
from anndata import AnnData, read_h5ad
from mudata import MuData, read_h5mu
from scvi.data import AnnDataManager
from scvi.model._utils import parse_device_args

from gde._no_pulling import no_pulling
from gde.data import JointUnits, Units, check_anndata, make_units
from gde.model.from_json import from_json
from gde.model.model_folder import ModelFolder
from gde.model.read_document import FORMAT
from gde.model.read_weights import WEIGHTS, read_weights
from gde.model.registered_model import PACKAGES, RegisteredModel
from gde.model.to_json import to_json

ARRAYS, ADATA, MDATA = "arrays.npz", "adata.h5ad", "mdata.h5mu"


class SavingMixin(RegisteredModel):
    """What scvi-tools' models do with files, without pickle: nothing in a file is ever run."""

    def save(
        self,
        dir_path: str | os.PathLike[str],
        prefix: str | None = None,
        overwrite: bool = False,
        save_anndata: bool = False,
        **anndata_write_kwargs: Any,
    ) -> None:
        """Save the model to a folder.

        ``model.json`` has the set-up, the arguments and all attributes whose names end in ``_``, and names the data files that belong to it with
        their SHA-256: weights (safetensors), arrays (npz) and, if asked for, the AnnData (h5ad). Whatever stops a save, the folder holds the
        old model or the new one. Of several processes that train one model the first saves it. An encoder or a generator of your own is saved as its class and the arguments that it was made with.

        Parameters
        ----------
        dir_path
            The folder.
        prefix
            What the names of the files start with.
        overwrite
            Whether the folder may exist. A model in it is replaced; other files stay, and so does an AnnData that was saved before.
        save_anndata
            Whether to save the AnnData too.
        **anndata_write_kwargs
            Passed to :meth:`anndata.AnnData.write_h5ad`.

        Raises
        ------
        ValueError
            If the folder exists, or there is no AnnData to save.
        TypeError
            If an attribute or an argument is something that the files cannot hold.

        Examples
        --------
        >>> import tempfile
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=4, n_hidden=16)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(folder, overwrite=True)
        ...     gde.GDEModel.load(folder, adata=adata).module.encoder.n_latent
        4
        """
        if torch.distributed.is_available() and torch.distributed.is_initialized() and torch.distributed.get_rank():
            return
        folder = ModelFolder(dir_path, prefix)
        if folder.path.exists() and not overwrite:
            raise ValueError(f"{dir_path} exists. Choose another folder, or replace the model in it: `overwrite=True`.")
        if save_anndata and self.adata is None:
            raise ValueError("`save_anndata`: this model was loaded without an AnnData.")
        arrays: dict[str, np.ndarray] = {}
        content = self._content(arrays)
        weights = {name: value.detach().cpu().contiguous().clone() for name, value in self.module.state_dict().items()}
        writers: dict[str, Any] = {
            WEIGHTS: lambda path: path.write_bytes(safetensors.torch.save(weights)),
            ARRAYS: lambda path: np.savez(path, **arrays),  # type: ignore[arg-type]
        }
        if save_anndata:
            is_joint = isinstance(self.adata, MuData)
            write = _write_mudata if is_joint else AnnData.write_h5ad
            writers[MDATA if is_joint else ADATA] = lambda path: write(self.adata, path, **anndata_write_kwargs)
        with no_pulling():
            folder.write(content, writers)

    @classmethod
    def load(
        cls,
        dir_path: str | os.PathLike[str],
        adata: AnnData | Literal[False] | None = None,
        accelerator: str = "auto",
        device: int | str = "auto",
        prefix: str | None = None,
        custom_objects: Mapping[str, type] | None = None,
    ) -> Self:
        """Load a model that :meth:`save` wrote.

        Parameters
        ----------
        dir_path, prefix
            Where it was saved.
        adata
            AnnData of the same set-up, whose groups may be others; None: the one that was saved with the model, if any; False: none.
        accelerator, device
            As in scvi-tools.
        custom_objects
            Classes from outside gde that the model has, by their path: ``{"my_package.MyEncoder": MyEncoder}``. Nothing is imported because
            a file says so.

        Raises
        ------
        FileNotFoundError
            If there is no model.
        ValueError
            If a file is damaged or of a newer format, a class is missing in ``custom_objects``, or ``adata`` does not fit.
        """
        if not isinstance(custom_objects, Mapping | None):
            raise TypeError(f"`custom_objects` must map paths of classes to classes, got {custom_objects!r}.")
        folder = ModelFolder(dir_path, prefix)
        if folder.document["model"] != cls.__name__:
            raise ValueError(f"{folder.document_path} is a {folder.document['model']}: load it with that class.")
        with torch.random.fork_rng(devices=[]):  # making encoders again draws weights, which are then replaced
            content = _read_content(folder, custom_objects or {})
        registry = content["registry"]
        if adata is None:
            adata = _saved_adata(folder)
        elif adata is False:
            adata = None
        if adata is not None:
            units = make_units(**registry["setup_args"])
            is_joint = isinstance(units, JointUnits)
            if is_joint:
                units.check(adata)
            else:
                check_anndata(adata)
            if units.has_genes:
                _check_genes(adata, units, content["var_names"])
            setup = cls.setup_mudata if is_joint else cls.setup_anndata
            setup(adata, source_registry=registry, **registry["setup_args"])
        model = cls(adata, registry=registry, **content["arguments"])
        for name, value in content["attributes"].items():
            if name.endswith("_"):
                setattr(model, name, value)
        model.module.load_state_dict(read_weights(folder))
        model.to_device(parse_device_args(accelerator, device, "torch", validate_single_device=True)[2])
        model.module.eval()
        if adata is not None:
            model._validate_anndata(adata)
        return model

    @staticmethod
    def load_registry(dir_path: str | os.PathLike[str], prefix: str | None = None) -> dict[str, Any]:
        """The registry of a saved model: its set-up and what was found in the AnnData."""
        folder = ModelFolder(dir_path, prefix)
        return from_json(folder.document["registry"], _read_arrays(folder), {})

    @staticmethod
    def view_setup_args(dir_path: str | os.PathLike[str], prefix: str | None = None) -> None:
        """Print the arguments of ``setup_anndata`` of a saved model."""
        AnnDataManager.view_setup_method_args(SavingMixin.load_registry(dir_path, prefix))

    @classmethod
    def convert_legacy_save(cls, *args: Any, **kwargs: Any) -> None:
        """Not for gde: it reads pickles of scvi-tools before 0.15."""
        raise NotImplementedError("gde never wrote files of that format, and reads no pickles.")

    def _content(self, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
        """What the document says of the model."""
        attributes = {name: value for name, value in vars(self).items() if name.endswith("_")}
        registry, made = attributes.pop("registry_"), attributes.pop("init_params_")
        parts = {
            "arguments": made["non_kwargs"],
            "registry": registry,
            "attributes": attributes,
            "var_names": self.get_var_names(),
        }
        about = {"format": FORMAT, "model": type(self).__name__, "versions": {name: version(name) for name in PACKAGES}}
        return about | {name: to_json(part, arrays, name) for name, part in parts.items()}


def _write_mudata(mdata: MuData, path: Path, **kwargs: Any) -> None:
    """Without the modalities as they are laid out: these are made again when the model is loaded."""
    laid_out = {key: mdata.obsm.pop(key) for key in list(mdata.obsm) if key.startswith("_gde_")}
    try:
        mdata.write(path, **kwargs)
    finally:
        for key, values in laid_out.items():
            mdata.obsm[key] = values


def _read_content(folder: ModelFolder, custom_objects: Mapping[str, type]) -> dict[str, Any]:
    arrays = _read_arrays(folder)
    names = ["arguments", "registry", "attributes", "var_names"]
    return {name: from_json(folder.document[name], arrays, custom_objects) for name in names}


def _read_arrays(folder: ModelFolder) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(folder.read_bytes(ARRAYS)), allow_pickle=False) as arrays:
        return dict(arrays)


def _saved_adata(folder: ModelFolder) -> AnnData | None:
    if folder.has(ADATA):
        return read_h5ad(folder.find(ADATA))
    if folder.has(MDATA):
        with no_pulling():
            return read_h5mu(folder.find(MDATA))
    warnings.warn(
        f"No AnnData was saved in {folder.path}, and none was passed: the model is loaded without one. `adata=False` says that you mean it.",
        UserWarning,
        stacklevel=3,
    )
    return None


def _check_genes(adata: AnnData | MuData, units: Units, var_names: Any) -> None:
    if isinstance(units, JointUnits):
        for name, names in var_names.items():
            if units.parts[name].has_genes and not np.array_equal(adata.mod[name].var_names.astype(str), names):
                raise ValueError(
                    f"Modality {name!r} of `mdata` does not have the variables of the model in the model's order. Load with `adata=False` and pass it to "
                    "`get_group_embeddings`, which aligns them by name."
                )
        return
    if not np.array_equal(adata.var_names.astype(str), var_names):
        raise ValueError(
            "`adata` does not have the genes of the model in the model's order. Align it, `adata[:, GDEModel.load(path, adata=False)."
            "get_var_names()].copy()`, or load with `adata=False` and pass it to `get_group_embeddings`, which aligns genes by name."
        )
