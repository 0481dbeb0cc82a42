"""Every encoder with every generator, on every kind of unit: the claim of the method."""

from dataclasses import replace

import pytest
import torch
from scvi import REGISTRY_KEYS

from gde.data import UnitSpec
from gde.encoders import embed_chunks
from gde.model.build_module import ENCODERS, GENERATORS, build_module
from gde.nn import Covariates, CovariateSizes, SetBatch, SetNoise

N_VARS = N_LATENT = 4
SIZES = [5, 1, 6]
KINDS = {"counts": ("nb", False), "continuous": ("normal", False), "framed": ("normal", True)}


def _units(kind: str) -> torch.Tensor:
    x = torch.poisson(3 * torch.rand(sum(SIZES), N_VARS))
    return x.to_sparse_csr() if kind == "counts" else x + 0.1 * torch.randn(len(x), N_VARS)


def _tensors(x: torch.Tensor) -> dict:
    """A batch as the loaders give it, for training and for calibration."""
    set_of_unit = torch.repeat_interleave(torch.arange(len(SIZES)), torch.tensor(SIZES))
    return {
        REGISTRY_KEYS.X_KEY: x,
        REGISTRY_KEYS.BATCH_KEY: torch.arange(len(x))[:, None] % 2,
        REGISTRY_KEYS.CONT_COVS_KEY: torch.randn(len(x), 1),
        "set_of_unit": set_of_unit,
        "weight": torch.rand(len(x)) + 0.1,
        "label": torch.arange(len(SIZES)),
        "set_seeds": (10, 11, 12),
        "set_sizes": tuple(SIZES),
        "members": (torch.arange(len(x)), set_of_unit, torch.ones(len(x))),
        "n_labels": len(SIZES),
    }


@pytest.fixture(params=KINDS)
def kind(request):
    torch.manual_seed(0)
    return request.param


def _module(kind: str, encoder: str, generator: str, **kwargs):
    likelihood, location_scale = KINDS[kind]
    sizes = {"n_latent": N_LATENT, "n_latent_unit": 3, "n_hidden": 8, "kl_weight": None, "isometry_weight": 0.0}
    options = {"location_scale": location_scale, "scoring": "other_half"}
    covariates = CovariateSizes(n_categories=(2,), n_continuous=1)
    units = UnitSpec("continuous" if likelihood == "normal" else "counts", (N_VARS,), likelihood)
    return build_module(units, covariates, encoder, generator, **(sizes | options | kwargs))


@pytest.mark.parametrize("generator", [name for name, cls in GENERATORS.items() if "vector" in cls.kinds])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_trains_embeds_and_samples(encoder, generator, kind):
    module, tensors = _module(kind, encoder, generator), _tensors(_units(kind))
    _train(module, tensors)

    z, in_chunks = _embed(module.eval(), tensors)
    assert z.shape == (len(SIZES), N_LATENT) and torch.isfinite(z).all() and torch.pdist(z).min() > 0
    torch.testing.assert_close(in_chunks, z, rtol=1e-4, atol=1e-4)

    units, is_second, other = _sample(module, z)
    assert units.shape == (48, N_VARS) and units.dtype == torch.float32 and torch.isfinite(units).all()
    assert kind != "counts" or ((units >= 0).all() and (units == units.round()).all())
    torch.testing.assert_close(other[~is_second], units[~is_second])
    assert (other[is_second] != units[is_second]).any()


def _train(module, tensors) -> None:
    """Two steps, each with a finite loss and finite gradients that reach all parts."""
    module.calibrate(lambda: [tensors])
    optimiser = torch.optim.AdamW(module.parameters(), lr=1e-2)
    for _ in range(2):
        loss = module.train()(tensors)[2].loss
        assert torch.isfinite(loss)
        optimiser.zero_grad()
        loss.backward()
        for part in (module.observation, module.encoder, module.generator):
            gradients = {name: parameter.grad for name, parameter in part.named_parameters()}
            assert all(g is not None and torch.isfinite(g).all() for g in gradients.values()), gradients
            assert not gradients or any((g != 0).any() for g in gradients.values()), "nothing is learnt here"
        optimiser.step()


def _embed(module, tensors) -> tuple[torch.Tensor, torch.Tensor]:
    """The embeddings of the sets, at once and chunk by chunk."""
    with torch.no_grad():
        features = module.featurise(tensors[REGISTRY_KEYS.X_KEY])
        batch = SetBatch(features, tensors["set_of_unit"], tensors["weight"], len(SIZES))
        z = module.encoder(batch)
    parts = [
        replace(batch, units=batch.units[row], set_of_unit=batch.set_of_unit[row], weight=batch.weight[row])
        for row in torch.arange(batch.n_units).split(5)
    ]
    return z, embed_chunks(module.encoder, lambda: parts, len(SIZES))


def _sample(module, z) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Units of three sets, which of them are of the second, and the units with another seed for the second."""
    sizes = [1, 40, 7]
    set_of_unit = torch.repeat_interleave(torch.arange(3), torch.tensor(sizes))
    covariates = Covariates(torch.zeros(48, 1, dtype=torch.long), torch.zeros(48, 1))
    units, other = (
        module.sample(z, set_of_unit, covariates, SetNoise(seeds, sizes, "cpu")) for seeds in ([1, 2, 3], [1, 9, 3])
    )
    return units, set_of_unit == 1, other


@pytest.mark.parametrize("encoder", ENCODERS)
def test_isometry_goes_with_every_encoder(encoder, kind):
    module, tensors = _module(kind, encoder, "flow_matching", isometry_weight=1.0), _tensors(_units(kind))
    _train(module, tensors)
    assert 0 <= module(tensors)[2].extra_metrics["isometry_loss"] <= 1
