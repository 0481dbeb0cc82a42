"""One batch of sets in, one loss out."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, get_args

import torch
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, LossOutput, auto_move_data
from torch import Tensor

from gde.encoders import SetEncoder
from gde.generators import Generator
from gde.module.isometry_loss import isometry_loss
from gde.module.label_head import LabelHead
from gde.nn import CovariateEffect, Covariates, CovariateSizes, Scoring, SetBatch, SetNoise, segment_mean
from gde.observations import Observation


class GDEModule(BaseModuleClass):
    r"""A set encoder and a generator trained together.

    Each set of a batch is split in two; either half is explained by the other's embedding (or as ``scoring`` says), so that z predicts
    units that the encoder did not see. The loss of a set is the weighted mean over its units of

    .. math:: -\log p(x \mid v, z) + \beta\,KL(q(v \mid x) \,\|\, N(0, I)) - \log p(\ell \mid v, z) + L_\mathrm{generator}(v; z),

    where the terms before the generator's are the observation's, and the loss of a batch is the mean over its sets. Latent vectors enter
    the generator's term without gradient. Fishman et al. 2025, arXiv 2505.18150, equation 3. On request the loss of a batch has a term more,
    :func:`gde.module.isometry_loss` of the same vectors.

    Parameters
    ----------
    observation
        What a unit is.
    encoder
        Set encoder, over the ``n_features`` of what it reads, or the ``n_fixed_features`` if it is fixed.
    generator
        Generator of vectors of width ``observation.n_vectors``.
    given
        What the encoder reads of each unit where this is not the unit itself, e.g. another model's embedding; None: the unit.
    covariates
        Which covariates the units have.
    kl_weight
        β; None: the generator's own.
    scoring
        Which embedding explains a half: see :meth:`gde.nn.SetBatch.halves`.
    isometry_weight
        Weight of the isometry.
    encode_covariates
        Whether the encoder gets the covariates of the units too, as a learnt shift of their features.
    thinning
        Largest share of the counts that training takes away before the set encoder; see :meth:`gde.observations.Observation.thin`.
    head
        What predicts the label of a set; its loss is a term of the sets that have one.
    label_weight
        Weight of this term.
    """

    continuous_mean: Tensor
    continuous_sd: Tensor

    def __init__(
        self,
        observation: Observation,
        encoder: SetEncoder,
        generator: Generator,
        *,
        given: Observation | None = None,
        covariates: CovariateSizes | None = None,
        kl_weight: float | None = None,
        scoring: Scoring = "other_half",
        isometry_weight: float = 0.0,
        encode_covariates: bool = False,
        thinning: float = 0.0,
        head: LabelHead | None = None,
        label_weight: float = 1.0,
    ):
        super().__init__()
        if scoring not in get_args(Scoring):
            raise ValueError(f"`scoring` must be one of {', '.join(map(repr, get_args(Scoring)))}, got {scoring!r}.")
        self.scoring = scoring
        self.observation = observation
        self.given = given
        self.encoder = encoder
        self.generator = generator
        self.kl_weight = generator.kl_weight if kl_weight is None else kl_weight
        self.isometry_weight = isometry_weight
        self.thinning = thinning
        self.head = head
        self.label_weight = label_weight
        self.covariate_effect: CovariateEffect | None = None
        if encode_covariates:
            self.covariate_effect = CovariateEffect(covariates or CovariateSizes(), encoder.n_features)
        n_continuous = covariates.n_continuous if covariates else 0
        self.register_buffer("continuous_mean", torch.zeros(n_continuous))
        self.register_buffer("continuous_sd", torch.ones(n_continuous))

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[dict[str, Any]]]) -> None:
        """Set the constants that come from training data; ``chunks`` gives batches of the training units."""
        for part in dict.fromkeys((self.observation, self.encoded)):
            part.calibrate(partial(_read_all, part, chunks))
        self.generator.calibrate(partial(_read_all, self.observation, chunks))
        if len(self.continuous_mean):
            values = torch.cat([tensors[REGISTRY_KEYS.CONT_COVS_KEY] for tensors in chunks()])
            self.continuous_mean.copy_(values.mean(0))
            self.continuous_sd.copy_(values.std(0, correction=0).clamp_min(1e-6))
        self.encoder.calibrate(lambda: map(self._whole_groups, chunks()))

    @property
    def encoded(self) -> Observation:
        """What the encoder reads of each unit."""
        return self.observation if self.given is None else self.given

    def _whole_groups(self, tensors: dict[str, Any]) -> SetBatch:
        """A part of the sets that the training groups are."""
        features = self.featurise(self.encoded.read(tensors), covariates=self.covariates(tensors))
        unit, group, weight = tensors["members"]
        return SetBatch(features[unit], group, weight.to(features), tensors["n_labels"])

    def featurise(self, x: Tensor, observed: Tensor | None = None, covariates: Covariates | None = None) -> Tensor:
        """What the set encoder sees of each unit; see :meth:`gde.observations.Observation.featurise`.

        The covariates are needed if the encoder gets them.
        """
        return self._shift(self._featurise(x, observed), covariates)

    def _featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        read = self.encoded.fixed_features if self.encoder.is_fixed else self.encoded.featurise
        return read(x, observed)

    def _shift(self, features: Tensor, covariates: Covariates | None) -> Tensor:
        """Features and what covariates add to them: through a linear layer, the same as one-hot codes beside the features."""
        if self.covariate_effect is None or covariates is None:
            return features
        return features + self.covariate_effect(covariates)

    def covariates(self, tensors: dict[str, Any]) -> Covariates:
        """Covariates of the units of a batch, the batch code first."""
        batch = tensors[REGISTRY_KEYS.BATCH_KEY].long()
        categorical = (
            [batch, tensors[REGISTRY_KEYS.CAT_COVS_KEY].long()] if REGISTRY_KEYS.CAT_COVS_KEY in tensors else [batch]
        )
        continuous = tensors.get(REGISTRY_KEYS.CONT_COVS_KEY)
        if continuous is None:
            continuous = torch.zeros(len(batch), 0, device=batch.device)
        return self.standardised_covariates(torch.cat(categorical, dim=1), continuous)

    def standardised_covariates(self, categorical: Tensor, continuous: Tensor) -> Covariates:
        """Covariates on the module's device, continuous ones in units of the training data's standard deviation."""
        device = self.continuous_mean.device
        return Covariates(categorical.to(device), (continuous.to(device) - self.continuous_mean) / self.continuous_sd)

    def _get_inference_input(self, tensors: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {
            "x": self.observation.read(tensors),
            "encoded": self.encoded.read(tensors),
            "set_of_unit": tensors["set_of_unit"],
            "weight": tensors["weight"],
            "n_sets": len(tensors["set_seeds"]),
            "covariates": self.covariates(tensors),
            "noise": SetNoise(tensors["set_seeds"], tensors["set_sizes"], tensors["weight"].device),
        }

    @auto_move_data
    def inference(
        self,
        x: Tensor,
        encoded: Tensor,
        set_of_unit: Tensor,
        weight: Tensor,
        n_sets: int,
        covariates: Covariates,
        noise: SetNoise,
    ) -> dict[str, Any]:
        """Features of the units, the halves of the sets, and for each half the embedding that explains it."""
        features = self.observation.featurise(x)
        halves, partner = SetBatch(features, set_of_unit, weight, n_sets).halves(self.scoring)
        exact = noisy = self.encoder(self._read(encoded, halves, covariates, noise))
        if self.training and (sd := self.encoder.noise_sd):  # so that no unit can be learnt by heart
            noisy = exact + sd * noise.normal_of_sets(2 * exact.shape[1]).view_as(exact)
        return {"halves": halves, "z": noisy[partner], "exact_z": exact[partner], "noise": noise}

    def _read(self, encoded: Tensor, halves: SetBatch, covariates: Covariates, noise: SetNoise) -> SetBatch:
        """What the encoder sees of each half: in training a part of the counts and a part of the features, unless they are fixed."""
        units = halves.units
        if self.training and self.thinning:
            kept = 1 - self.thinning * noise.uniform_of_sets(2).flatten()  # of each half: depth belongs to a sample
            units = self._featurise(self.observation.thin(encoded, kept[halves.set_of_unit], noise))
        elif self.encoder.is_fixed or self.given is not None:
            units = self._featurise(encoded)
        if self.training and not self.encoder.is_fixed and self.given is None:
            units = self.observation.drop(units, noise)
        return replace(halves, units=self._shift(units, covariates))

    def _get_generative_input(
        self, tensors: dict[str, Any], inference_outputs: dict[str, Any], **kwargs: Any
    ) -> dict[str, Any]:
        return {"x": self.observation.read(tensors), "covariates": self.covariates(tensors), **inference_outputs}

    @auto_move_data
    def generative(
        self, x: Tensor, halves: SetBatch, z: Tensor, exact_z: Tensor, covariates: Covariates, noise: SetNoise
    ) -> dict[str, Any]:
        """The observation's terms of each unit, the generator's loss of each half, and the isometry of the batch if it has a weight."""
        z = self.encoder.condition(z)
        vectors, terms = self.observation.score(x, halves.units, z, halves.set_of_unit, covariates, noise)
        vectors = vectors.detach()
        outputs = {
            "terms": terms,
            "generator_loss": self.generator.loss(vectors, z, halves.set_of_unit, halves.weight, covariates, noise),
        }
        if self.isometry_weight:
            coordinates = self.observation.coordinates(halves.units, vectors)
            outputs["isometry"] = isometry_loss(exact_z, replace(halves, units=coordinates))
        return outputs

    def loss(
        self,
        tensors: dict[str, Any],
        inference_outputs: dict[str, Any],
        generative_outputs: dict[str, Any],
        kl_weight: float = 1.0,
    ) -> LossOutput:
        """Loss of a batch; ``kl_weight`` warms up from 0 to 1 and multiplies β."""
        halves = inference_outputs["halves"]
        n_sets = halves.n_sets // 2
        set_weight = halves.weight.new_zeros(n_sets).index_add(0, halves.set_of_unit // 2, halves.weight)
        unit_weight = halves.weight / (set_weight[halves.set_of_unit // 2] * n_sets)  # sums to 1 over the batch
        half_weight = unit_weight.new_zeros(halves.n_sets).index_add(0, halves.set_of_unit, unit_weight)

        terms = {name: (unit_weight * term).sum() for name, term in generative_outputs["terms"].items()}
        terms["generator"] = (half_weight * generative_outputs["generator_loss"]).sum()
        if "isometry" in generative_outputs:
            terms["isometry"] = generative_outputs["isometry"]
        if self.head is not None and "unit_label" in tensors:  # validation may have held out none
            terms["label"] = self._label_loss(tensors, inference_outputs["z"])
        weights = {
            "kl": kl_weight * self.kl_weight,
            "isometry": self.isometry_weight,
            "label": self.label_weight,
        }
        loss = sum(weights.get(name, 1.0) * term for name, term in terms.items())

        n_units = halves.n_units
        reconstruction = terms.get("reconstruction", terms["generator"])
        return LossOutput(
            loss=loss,
            reconstruction_loss=reconstruction * n_units,
            kl_local=terms.get("kl", torch.zeros_like(reconstruction)) * n_units,
            extra_metrics={
                f"{name}_loss": term for name, term in terms.items() if name not in ("reconstruction", "kl")
            },
            n_obs_minibatch=n_units,
        )

    def _label_loss(self, tensors: dict[str, Any], z: Tensor) -> Tensor:
        """Mean loss of the head over the halves of labelled sets."""
        assert self.head is not None
        targets = self.head.targets(tensors["unit_label"])
        of_set = segment_mean(targets, tensors["set_of_unit"], tensors["weight"], len(z) // 2)
        of_half = of_set.repeat_interleave(2, dim=0)
        known = of_half.isfinite().all(1)
        if not known.any():
            return 0 * self.head.loss(z, torch.zeros_like(of_half)).sum()
        return self.head.loss(z[known], of_half[known]).mean()

    @torch.inference_mode()
    def sample(
        self,
        z: Tensor,
        set_of_unit: Tensor,
        covariates: Covariates,
        noise: SetNoise,
        *,
        temperature: float | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """New units of sets with the given embeddings.

        Parameters
        ----------
        z
            Embeddings, shape (n_sets, n_latent).
        set_of_unit
            Set of each new unit, shape (n_units,).
        covariates, noise
            Covariates of the new units, and where random numbers come from.
        temperature
            For generators of sequences, see :meth:`gde.generators.TokenGenerator.sample`.
        **kwargs
            Passed to the observation, e.g. ``library_size``.

        Returns
        -------
        Units, shape (n_units, n_vars).
        """
        z = self.encoder.condition(z)
        options = {} if temperature is None else {"temperature": temperature}
        vectors = self.generator.sample(z, set_of_unit, covariates, noise, **options)
        return self.observation.sample(vectors, z, set_of_unit, covariates, noise, **kwargs)


def _read_all(observation: Observation, chunks: Callable[[], Iterable[dict[str, Any]]]) -> Iterable[Any]:
    return map(observation.read, chunks())
