"""The user's door."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import torch
from anndata import AnnData
from mudata import MuData
from scvi.train import TrainRunner

from gde.data import SetDataModule, check_anndata, check_integer
from gde.encoders import SetEncoder
from gde.generators import Generator
from gde.model.build_module import EncoderName, GeneratorName, build_module
from gde.model.describe_arguments import describe_arguments
from gde.model.geometry_mixin import GeometryMixin
from gde.model.posterior_mixin import PosteriorMixin
from gde.model.prediction_mixin import PredictionMixin
from gde.model.run_training import run_training
from gde.model.saving_mixin import SavingMixin
from gde.model.setup_mixin import SetupMixin
from gde.model.training_state import TrainingState
from gde.model.uncertainty_mixin import UncertaintyMixin
from gde.module import SetTrainingPlan
from gde.nn import Scoring
from gde.observations import SequenceFeaturiser

# A run is so many batches that each unit is drawn this often on average, within bounds. Chosen on one split of 40
# donors (3,500 cells), by cells generated from the embeddings of training cells, new cells and new donors; very many cells are drawn a few times each.
VISITS, MIN_STEPS, MAX_STEPS, MIN_VISITS = 600, 150, 2000, 4

PLAN_DEFAULTS = {
    "optimizer": "AdamW",
    "lr": 4e-3,
    "eps": 1e-8,
    "weight_decay": 1e-4,
    "n_steps_kl_warmup": 200,
    "n_epochs_kl_warmup": None,
}
TRAINER_DEFAULTS = {
    "early_stopping_monitor": "validation_loss",
    "gradient_clip_val": 50.0,
    "use_distributed_sampler": False,  # `SetDataModule` deals out the sets itself
}


class GDEModel(SetupMixin, SavingMixin, GeometryMixin, UncertaintyMixin, PosteriorMixin, PredictionMixin):
    """Generative distribution embeddings: whole groups of cells become vectors, and vectors become cells.

    A set encoder that depends on the empirical distribution of a group alone is trained together with a conditional generator (Fishman et
    al. 2025, arXiv 2505.18150).

    Parameters
    ----------
    adata
        AnnData that has been registered by :meth:`setup_anndata`, or MuData by :meth:`setup_mudata`.
    encoder
        ``"deep_sets"``, ``"resnet"``, ``"attention"`` or ``"median"``, which are trained; ``"kernel_mean"`` or ``"moments"``, which are fixed
        baselines and read the first ``n_latent`` (at most 50) principal components of log-normalised counts; or an instance of
        :class:`gde.encoders.SetEncoder`.
    generator
        A learnt distribution of the units' latent vectors, or of the units themselves where they are continuous: ``"flow_matching"``, ``"diffusion"``, ``"normalizing_flow"`` (needs
        ``pip install "gde-tools[flows]"``), ``"mmd"``, ``"sinkhorn"`` or ``"sliced_wasserstein"`` (a network trained by that distance between
        sets) or ``"wormhole"`` (a fixed cloud); ``"cvae"`` (a standard normal one); or an instance of :class:`gde.generators.Generator`. For sequences ``"autoregressive"``, a
        small causal transformer, or a :class:`gde.generators.LanguageModel`. None: ``"flow_matching"``, or ``"autoregressive"`` for sequences.
    featuriser
        What the encoder sees of a sequence: ``"convolution"`` (the default), the name of a Hugging Face encoder on the hub or of a local
        folder, which stays frozen, e.g. ``"facebook/esm2_t6_8M_UR50D"``, or an instance of :class:`gde.observations.SequenceFeaturiser`.
    n_latent
        Width of the embedding of a group. For ``"moments"`` this is the number of components or variables p, or p (p + 3) / 2 for mean and
        root of the covariance.
    n_latent_unit
        Width of the latent vector of a unit, where there is a unit autoencoder.
    n_hidden
        Width of the hidden layers.
    kl_weight
        Weight of the divergence of latent vectors from a standard normal, where there is a unit autoencoder; None: the generator's own.
    location_scale
        For continuous units: the encoder sees the units of a set relative to the set's own mean and standard deviations, which go into z
        beside (unless its moments are in z anyway), and the generator models units relative to a mean and standard deviations that are predicted from z. Worth it for generating where groups
        differ in location and scale more than in shape; the noise of training bounds embeddings less, which tell small groups apart less well.
    scoring
        What the generator is scored on in training: the ``"other_half"`` of a set, which the encoder did not see, the ``"same_units"`` that it
        saw, or ``"both"`` in turn. Only the first makes embeddings predict the units that are still to come.
    isometry_weight
        Weight of a term that asks distances of embeddings to be proportional to Wasserstein distances of the groups
        (:func:`gde.module.isometry_loss`).
    encode_covariates
        Whether the encoder gets the covariates (batch and others) as well as the generator, so that it can take them out of what it sees. The
        halves of a training set are then of different batches where a group has several, so that a half is generated from cells of another batch.
        It takes groups that are in several batches: nothing else tells batch from biology. New groups need covariates that training saw.
    thinning
        For counts: in training the encoder sees each half of a set with a random share of its counts, between 1 − ``thinning`` and 1 (binomial
        thinning), while the generator is scored on all counts. Embeddings then depend less on sequencing depth.
    label_weight
        With ``labels_key``: weight of the loss that predicts labels from embeddings, beside the generator's, to which unlabelled groups contribute too.
    seed
        Seed of the weights, the split, the sets and their noise. One seed gives bit-identical results on one CPU.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
    >>> gde.setup_anndata(adata, group_key="donor")
    >>> model = gde.GDEModel(adata, n_latent=4, n_hidden=16)
    >>> model.train(max_epochs=1, enable_progress_bar=False)
    >>> model.get_group_embeddings().shape
    (4, 4)
    """

    def __init__(
        self,
        adata: AnnData | MuData | None = None,
        registry: dict | None = None,
        *,
        encoder: EncoderName | SetEncoder = "deep_sets",
        generator: GeneratorName | Generator | None = None,
        featuriser: str | SequenceFeaturiser | None = None,
        n_latent: int = 32,
        n_latent_unit: int = 16,
        n_hidden: int = 128,
        kl_weight: float | None = None,
        location_scale: bool = False,
        scoring: Scoring = "other_half",
        isometry_weight: float = 0.0,
        encode_covariates: bool = False,
        thinning: float = 0.0,
        label_weight: float = 1.0,
        seed: int = 0,
    ):
        if adata is not None and not isinstance(adata, MuData):
            check_anndata(adata)
        super().__init__(adata, registry)
        self.seed_ = check_integer("seed", seed)
        check_integer("n_latent", n_latent, 1)
        self.n_epochs_ = 0  # trained so far
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = build_module(
                self.unit_spec,
                self._covariate_sizes(),
                encoder,
                generator,
                featuriser=featuriser,
                given=None if self.given_units is None else self.given_units.spec(self.registry_),
                n_latent=n_latent,
                n_latent_unit=n_latent_unit,
                n_hidden=n_hidden,
                kl_weight=kl_weight,
                location_scale=location_scale,
                scoring=scoring,
                isometry_weight=isometry_weight,
                encode_covariates=encode_covariates,
                thinning=thinning,
                head=self._new_head(n_latent),
                label_weight=label_weight,
            )
        self._model_summary_string = (
            f"GDEModel with encoder {self.module.encoder.name}, generator {type(self.module.generator).__name__}, "
            f"n_latent {n_latent}, n_latent_unit {n_latent_unit}, n_hidden {n_hidden}, likelihood {self.likelihood}"
        )
        self.init_params_ = self._get_init_params(locals())

    def train(
        self,
        max_epochs: int | None = None,
        *,
        validation: Literal["cells", "groups"] = "cells",
        validation_size: float = 0.1,
        batch_size: int = 1024,
        set_size: int | None = None,
        group_prior: Literal["uniform", "size"] | Sequence[float] = "uniform",
        mixing: float = 0.25,
        n_mixed: int = 2,
        early_stopping: bool = False,
        checkpoint: str | os.PathLike[str] | None = None,
        resume_from: str | os.PathLike[str] | None = None,
        accelerator: str = "auto",
        devices: int | list[int] | str = "auto",
        plan_kwargs: dict[str, Any] | None = None,
        **trainer_kwargs: Any,
    ) -> None:
        """Train encoder and generator together.

        ``history`` has the losses of each epoch, held-out units' as ``validation_loss``. They compare models with the same generator: a
        generator's own term is in nats, a squared error or a distance, whichever it is trained by. With counts, ``reconstruction_loss`` is in nats
        of a unit for every generator, but lower where ``kl_weight`` is.

        Parameters
        ----------
        max_epochs
            Number of epochs, each of at least 50 batches; None: as many as draw each unit 600 times on
            average, but 150 to 2,000 batches, and at least 4 visits of each unit.
        validation, validation_size
            What is held out to watch the losses: a share of the cells of each group, or a share of the groups. With ``labels_key``, labels are held
            out by group in both cases, and calibrate :meth:`predict`.
        batch_size
            Number of units in a batch.
        set_size
            Largest number of units in a set; None: a quarter of ``batch_size``. Batches of smaller sets, down to 8 units, are mixed in.
        group_prior
            How often groups (labels) are drawn: ``"uniform"``, by ``"size"``, or a weight for each group in the order of the registry.
        mixing
            Share of the sets that mix units of several groups in random proportions. Mixtures teach the generator what lies between the
            groups, which new groups need.
        n_mixed
            Number of groups in a mixture; their proportions are uniform on the simplex (Dirichlet(1, …, 1)).
        early_stopping
            Stop when ``validation_loss`` has not improved for ``early_stopping_patience`` epochs (45).
        checkpoint
            File in which the state of the run is kept, replaced after each epoch, so that it can go on if it is stopped, be it by ``kill -9``.
        resume_from
            Such a file. The run goes on after its last whole epoch and ends with the same losses and weights as one that was not stopped; AnnData
            and arguments must be the same. ``checkpoint`` is this file too unless it names another.
        accelerator, devices
            As in scvi-tools. With ``strategy="ddp"`` the sets of each batch are dealt out to the devices; ``batch_size`` is that of all together, so
            losses and weights are those of one process up to rounding.
        plan_kwargs
            Passed to :class:`gde.module.SetTrainingPlan`, e.g. ``{"lr": 1e-3}``.
        **trainer_kwargs
            Passed to :class:`scvi.train.Trainer`, e.g. ``enable_progress_bar``, ``callbacks``, ``enable_checkpointing``.

        Raises
        ------
        FileNotFoundError, ValueError
            If ``resume_from`` is not there, is damaged or belongs to another run.
        FloatingPointError
            If the loss is not finite; the message names step, term and groups. The model then has the weights from the start of the epoch, or of
            the one before, whichever gave a finite loss.
        KeyboardInterrupt
            If the user interrupts. The model then has the weights of the last step and can be used, saved or trained on.

        Warns
        -----
        UserWarning
            If there are classes of which no label is held out, so that :meth:`predict` is not calibrated.

        Examples
        --------
        >>> import gde
        >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=30, n_genes=50)
        >>> gde.setup_anndata(adata, group_key="donor")
        >>> model = gde.GDEModel(adata, n_latent=4, n_hidden=16)
        >>> model.train(max_epochs=2, validation="groups", enable_progress_bar=False)
        >>> sorted(model.history)[-1]
        'validation_loss'
        """
        saved = None if resume_from is None else TrainingState.read(resume_from)
        first_epoch = self.n_epochs_ if saved is None else saved["first_epoch"]
        drawing: dict[str, Any] = {
            "validation": validation,
            "validation_size": validation_size,
            "seed": self.seed_,
            "batch_size": batch_size,
            "set_size": set_size,
            "group_prior": group_prior,
            "mixing": mixing,
            "n_mixed": n_mixed,
        }
        data = self._training_data(drawing | {"first_epoch": first_epoch}, early_stopping)
        max_epochs = _n_epochs(max_epochs, data, batch_size)
        settings = drawing | {"max_epochs": max_epochs, "plan_kwargs": plan_kwargs, "number of units": self.adata.n_obs}
        state = TrainingState(checkpoint or resume_from, settings, first_epoch)
        if saved is not None:
            state.check(saved)
        elif not self.is_trained:
            self._calibrate(data)
        runner = TrainRunner(
            self,
            training_plan=SetTrainingPlan(self.module, group_names=data.names, **_plan_arguments(plan_kwargs)),
            data_splitter=data,
            max_epochs=max_epochs,
            accelerator=accelerator,
            devices=devices,
            early_stopping=early_stopping,
            ckpt_path=resume_from,
            **_trainer_arguments(trainer_kwargs, data),
        )
        if saved is not None:  # whatever this model has seen, it becomes the one of the file
            self.n_epochs_, self.is_trained_ = first_epoch, False
        # Lightning's constructor refuses it, since scvi-tools says there that nothing is kept.
        runner.trainer.callbacks.append(state)
        self.module.train()  # embedding and loading leave it in evaluation mode, and Lightning keeps what it finds
        with self._remembered(settings | {"early_stopping": early_stopping} | trainer_kwargs, data):
            run_training(self, runner)
        self.embedding_range_ = self._range_of(data.train_idx)
        self._fit_temperature(data)

    @contextmanager
    def _remembered(self, arguments: Mapping[str, Any], data: SetDataModule) -> Iterator[None]:
        """Have results, and models saved meanwhile, name this training, unless it fails before it has changed a weight."""
        n_epochs, before = self.n_epochs_, (self.data_hash_, self.trainings_, self.labelled_groups_)
        self.data_hash_ = self._hash(self.adata)
        self.trainings_ = [*self.trainings_, describe_arguments(arguments)]
        self.labelled_groups_ = sorted({*self.labelled_groups_, *(data.names[code] for code in data.train_labels)})
        try:
            yield
        except BaseException:
            if self.n_epochs_ == n_epochs:
                self.data_hash_, self.trainings_, self.labelled_groups_ = before
            raise

    def _training_data(self, drawing: dict[str, Any], early_stopping: bool) -> SetDataModule:
        """The sets to train on, if there is an AnnData and something is held out where that is needed."""
        if self.adata is None:
            raise ValueError(
                "This model was loaded without an AnnData: pass one to `GDEModel.load(path, adata=...)` to train."
            )
        if not self.labels.are_current(self.adata_manager):
            raise ValueError(
                f"The groups in `.obs` ({', '.join(self.group_keys)}) have changed since `setup_anndata`: call it again, and make a new model."
            )
        data = SetDataModule(self.adata_manager, self.labels, **drawing)
        if early_stopping and not data.n_val:
            raise ValueError(
                f"`early_stopping` needs held-out units, and `validation_size={drawing['validation_size']}` leaves none. Raise it, or use "
                "`validation='groups'`."
            )
        return data

    def _calibrate(self, data: SetDataModule) -> None:
        """Constants of the networks, from the training data."""
        self.module.cpu().calibrate(data.train_chunks)  # Lightning moves it on
        if self.module.head is not None:
            self.module.head.calibrate(torch.tensor(list(data.train_labels.values())))


def _n_epochs(max_epochs: int | None, data: SetDataModule, batch_size: int) -> int:
    """As many as asked for, or the default."""
    if max_epochs is not None:
        return check_integer("max_epochs", max_epochs, 1)
    visit = data.n_train / batch_size
    n_steps = max(min(VISITS * visit, MAX_STEPS), MIN_STEPS, MIN_VISITS * visit)
    return math.ceil(n_steps / data.n_batches)


def _plan_arguments(plan_kwargs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The defaults, and what the user says instead."""
    if not isinstance(plan_kwargs, Mapping | None):
        raise TypeError(f"`plan_kwargs` must map arguments of the training plan to values, got {plan_kwargs!r}.")
    return PLAN_DEFAULTS | dict(plan_kwargs or {})


def _trainer_arguments(trainer_kwargs: Mapping[str, Any], data: SetDataModule) -> dict[str, Any]:
    """The defaults, and what the user says instead."""
    return TRAINER_DEFAULTS | {"check_val_every_n_epoch": 1 if data.n_val else None} | dict(trainer_kwargs)
