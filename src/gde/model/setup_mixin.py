"""Which units make a group, and what a unit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from anndata import AnnData
from mudata import MuData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager, AnnDataManagerValidationCheck
from scvi.data.fields import CategoricalJointObsField, CategoricalObsField, NumericalJointObsField

from gde.data import (
    GroupKind,
    GroupObsmKind,
    LabelField,
    Labels,
    Likelihood,
    ObservationName,
    Units,
    UnknownLetters,
    check_keys,
    check_labels,
    check_setup,
    is_image,
    load_annotation,
    make_given_units,
    make_labels,
    make_units,
)
from gde.model.registered_model import RegisteredModel


class SetupMixin(RegisteredModel):
    """Registration of AnnData and MuData."""

    @classmethod
    def setup_anndata(
        cls,
        adata: AnnData,
        group_key: str | Sequence[str] | None = None,
        *,
        group_kind: GroupKind = "discrete",
        bandwidth: float | None = None,
        group_obsm_key: str | None = None,
        group_obsm_kind: GroupObsmKind | None = None,
        layer: str | None = None,
        obsm_key: str | None = None,
        likelihood: Likelihood | None = None,
        observation: ObservationName | None = None,
        value_range: tuple[float, float] | None = None,
        encoder_obsm_key: str | None = None,
        sequence_key: str | None = None,
        alphabet: str | int | None = None,
        unknown_letters: UnknownLetters = "refuse",
        max_length: int | None = None,
        batch_key: str | None = None,
        categorical_covariate_keys: Sequence[str] | None = None,
        continuous_covariate_keys: Sequence[str] | None = None,
        labels_key: str | None = None,
        unlabeled_category: Any = None,
        **kwargs: Any,
    ) -> None:
        """Say what the groups are and what a unit is, and check both.

        Parameters
        ----------
        adata
            Units in rows. Columns named ``_scvi_*`` (and ``_gde_group`` for several group keys, ``_gde_label`` for labels), an id in ``.uns``, and for sequences their codes in ``.obsm["_gde_tokens"]`` are added; nothing is changed if a check fails.
        group_key
            Column of ``.obs`` with the group of each unit; a list makes nested groups, e.g. ``["donor", "cell_type"]``, whose names join
            the levels: ``"D1 | T cell"``. A numeric column, e.g. an age, for continuous labels.
        group_kind
            ``"discrete"``: each unit belongs to one group. ``"continuous"``: labels are numbers, and a number is described by all units near it.
            ``"noisy"``: each unit belongs to each group with a probability.
        bandwidth
            Width of the Gaussian kernel that weights units by their distance to a continuous label, in units of the label; None: Silverman's
            rule on the distinct labels.
        group_obsm_key
            Matrix in ``.obsm`` with a column per noisy group: dense, sparse, or a DataFrame whose columns name the groups.
        group_obsm_kind
            What it holds: ``"posterior"``, p(group | unit), rows sum to 1; or ``"likelihood"``, p(the unit's evidence | group), from which the
            posterior follows with the proportions of the groups that fit the data best.
        layer
            Layer with the counts; None: ``.X``.
        obsm_key
            Continuous units in ``.obsm`` instead, e.g. ``"X_pca"``, or images, a 4-D array (n_units, channel, height, width).
        likelihood
            ``"nb"`` (default), ``"zinb"`` or ``"poisson"`` for counts, ``"bernoulli"`` for zeros and ones (accessible sites), ``"normal"`` for
            continuous units (default with ``obsm_key``).
        observation
            What a unit is, ``"counts"``, ``"continuous"``, ``"image"`` or ``"sequence"``; None: what the arguments above say.
        value_range
            Smallest and largest value that a pixel of an image can have; None: 0 to 255 for uint8, 0 to 65535 for uint16, 0 to 1 for floats.
        encoder_obsm_key
            Matrix in ``.obsm`` that the encoder reads instead of the units, e.g. a foundation model's embedding, while the generator still makes
            the units. New groups are then embedded from this matrix alone. Its columns are centred, and divided by one number: their proportions
            count, so scale them first where they have different units.
        sequence_key
            Sequences as units: a column of ``.obs`` with strings, or a matrix of codes in ``.obsm`` that is negative after the end of a sequence.
        alphabet
            ``"dna"``, ``"protein"``, a string of letters, or for codes their number; None: DNA where all letters are A, C, G, T or N, else protein.
        unknown_letters
            What becomes of letters outside the alphabet: ``"refuse"``, or ``"map"`` to its unknown letter (N of DNA, X of proteins).
        max_length
            Greatest length of a sequence that is to come; None: the longest that there is.
        batch_key, categorical_covariate_keys, continuous_covariate_keys
            Columns of ``.obs`` that go into the generator, so that embeddings need not carry them; and with ``encode_covariates`` into the encoder.
        labels_key, unlabeled_category
            Column of ``.obs`` with a label of each group, a class (text, categories, booleans) or a number, that :meth:`predict` learns; and what
            stands there where a label is not known. Missing values are unknown too.
        **kwargs
            Used by scvi-tools when a saved model is loaded.

        Raises
        ------
        TypeError
            If ``adata`` is no AnnData, or a name is not text.
        KeyError
            If a column, layer or key does not exist.
        ValueError
            If labels are missing or not of their kind, there is a single group, a group has two labels in ``labels_key``, values do not fit the likelihood, ``adata`` is a view or empty,
            names are duplicated, or ``unlabeled_category`` is given without ``labels_key``.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.GDEModel.setup_anndata(adata, group_key="donor", batch_key="batch")

        A continuous label, which its neighbours help to describe:

        >>> gde.GDEModel.setup_anndata(adata, group_key="severity", group_kind="continuous", bandwidth=0.2)

        Sequences:

        >>> import pandas as pd
        >>> from anndata import AnnData
        >>> obs = pd.DataFrame({"sequence": ["ACGT", "ACG"], "expression": ["low", "high"]}, index=["a", "b"])
        >>> promoters = AnnData(obs=obs)
        >>> gde.GDEModel.setup_anndata(promoters, group_key="expression", sequence_key="sequence")
        """
        setup_method_args = cls._get_setup_method_args(**locals())
        if likelihood not in (None, *get_args(Likelihood)):
            names = ", ".join(map(repr, get_args(Likelihood)))
            raise ValueError(f"`likelihood` must be one of {names}, got {likelihood!r}.")
        check_keys(setup_method_args["setup_args"])
        load_annotation(adata)
        labels = make_labels(group_key, group_kind, bandwidth, group_obsm_key, group_obsm_kind)
        if observation is None and is_image(adata, obsm_key):
            observation = "image"
        sequences = (sequence_key, alphabet, unknown_letters, max_length)
        units = make_units(observation, layer, obsm_key, likelihood, value_range, *sequences)
        given = make_given_units(encoder_obsm_key)
        cls._register(adata, labels, units, given, setup_method_args, **kwargs)

    @classmethod
    def setup_mudata(
        cls,
        mdata: MuData,
        group_key: str | Sequence[str] | None = None,
        *,
        modalities: Mapping[str, Mapping[str, Any]],
        group_kind: GroupKind = "discrete",
        bandwidth: float | None = None,
        group_obsm_key: str | None = None,
        group_obsm_kind: GroupObsmKind | None = None,
        batch_key: str | None = None,
        categorical_covariate_keys: Sequence[str] | None = None,
        continuous_covariate_keys: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """The same for cells that are seen in several ways, some of which may lack modalities; see :class:`gde.observations.Joint`.

        Parameters
        ----------
        mdata
            Cells in rows, named in ``.obs_names``, by which each modality says which of them it has. Beside what :meth:`setup_anndata` adds,
            ``.obsm["_gde_<modality>"]`` are the modalities as they are read, without a copy where all cells have them: set up again if they change.
        modalities
            What a cell is in each modality to be used: ``layer``, ``obsm_key``, ``likelihood``, ``observation``, ``value_range``, ``sequence_key``,
            ``alphabet``, ``unknown_letters`` and ``max_length`` as in :meth:`setup_anndata`, e.g. ``{"rna": {"layer": "counts"}, "prot": {"likelihood":
            "nb"}, "atac": {"likelihood": "bernoulli"}, "tcr": {"sequence_key": "cdr3", "alphabet": "protein"}}``; crops of cells need their name,
            ``{"obsm_key": "crop", "observation": "image"}``. Cells without a sequence are to be taken out of that modality.
        group_key, group_kind, bandwidth, group_obsm_key, group_obsm_kind, batch_key, categorical_covariate_keys, continuous_covariate_keys, **kwargs
            As in :meth:`setup_anndata`, in ``.obs`` and ``.obsm`` of the MuData itself.

        Raises
        ------
        KeyError, ValueError
            As in :meth:`setup_anndata`; the message names the modality. Also if a cell has none of the modalities.

        Examples
        --------
        >>> import gde
        >>> mdata = gde.datasets.simulate_multimodal(
        ...     n_donors=4, n_units=30, n_genes=50, n_sites=40, missing={"prot": 0.3}
        ... )
        >>> gde.setup_mudata(mdata, "donor", modalities={"rna": {}, "prot": {}, "atac": {"likelihood": "bernoulli"}})
        >>> model = gde.GDEModel(mdata, n_latent=3, n_hidden=16)
        >>> model.train(max_epochs=1, enable_progress_bar=False)
        >>> model.get_group_embeddings().shape
        (4, 3)
        >>> new = model.generate(groups=["D1"], n_units=5)
        >>> {name: modality.shape for name, modality in new.mod.items()}
        {'rna': (5, 50), 'prot': (5, 30), 'atac': (5, 40)}
        """
        setup_method_args = cls._get_setup_method_args(**locals())
        check_keys(setup_method_args["setup_args"])
        labels = make_labels(group_key, group_kind, bandwidth, group_obsm_key, group_obsm_kind)
        cls._register(mdata, labels, make_units(modalities=modalities), None, setup_method_args, **kwargs)

    @classmethod
    def _register(
        cls,
        adata: AnnData | MuData,
        labels: Labels,
        units: Units,
        given: Units | None,
        setup_method_args: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        """Check, and then register."""
        read = [units] if given is None else [units, given]
        args = setup_method_args["setup_args"]
        keys = {name: args[name] for name in ("batch_key", "categorical_covariate_keys", "continuous_covariate_keys")}
        check_setup(adata, labels, read, **keys, min_groups=1 if "source_registry" in kwargs else 2)
        labels_key, unlabeled_category = args.get("labels_key"), args.get("unlabeled_category")
        if labels_key is None and unlabeled_category is not None:
            raise ValueError(
                f"`unlabeled_category={unlabeled_category!r}` says where a label is not known: name the column of labels as `labels_key`, or leave it out."
            )
        if labels_key is not None and "source_registry" not in kwargs:
            batch = [] if keys["batch_key"] is None else [keys["batch_key"]]
            covariates = [*batch, *(keys["categorical_covariate_keys"] or [])], keys["continuous_covariate_keys"] or []
            check_labels(adata.obs, labels.group_keys, labels_key, unlabeled_category, *covariates)
        args |= units.settings(adata) | labels.settings(adata)
        fields = [
            *(field for kind in read for field in kind.fields),
            labels.field(),
            CategoricalObsField(REGISTRY_KEYS.BATCH_KEY, keys["batch_key"]),
            CategoricalJointObsField(REGISTRY_KEYS.CAT_COVS_KEY, keys["categorical_covariate_keys"]),
            NumericalJointObsField(REGISTRY_KEYS.CONT_COVS_KEY, keys["continuous_covariate_keys"]),
        ]
        if labels_key is not None:
            fields.append(LabelField(labels.group_keys, labels_key, unlabeled_category))
        manager = AnnDataManager(
            fields=fields,
            setup_method_args=setup_method_args,
            validation_checks=AnnDataManagerValidationCheck(check_fully_paired_mudata=False),
        )
        manager.register_fields(adata, **kwargs)
        cls.register_manager(manager)
