import pytest

from gde.encoders import DeepSets
from gde.generators import CVAE, FlowMatching
from gde.model.build_module import ENCODERS, GENERATORS, build_module
from gde.nn import CovariateSizes

SIZES = {"n_latent": 3, "n_latent_unit": 5, "n_hidden": 8, "kl_weight": None, "isometry_weight": 0.0}
COVARIATES = CovariateSizes(n_categories=(2,), n_continuous=1)


def _build(likelihood="nb", encoder="deep_sets", generator="cvae", **kwargs):
    return build_module(6, likelihood, COVARIATES, encoder, generator, **(SIZES | kwargs))


@pytest.mark.parametrize("likelihood", ["nb", "zinb", "poisson", "normal"])
@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_parts_fit_together(encoder, generator, likelihood):
    module = _build(likelihood, encoder, generator)
    assert isinstance(module.generator, GENERATORS[generator])
    assert module.encoder.n_features == module.observation.n_features
    assert module.generator.n_vectors == module.observation.n_vectors
    assert module.encoder.n_latent == module.generator.n_latent == 3
    assert module.observation.n_vectors == (6 if likelihood == "normal" and generator != "cvae" else 5)


def test_covariates_go_to_the_autoencoder_if_there_is_one_else_to_the_generator():
    assert _build("nb", generator="flow_matching").generator.covariates == CovariateSizes()
    assert _build("normal", generator="flow_matching").generator.covariates == COVARIATES


def test_names_that_do_not_exist_are_refused_with_those_that_do():
    with pytest.raises(ValueError, match="`encoder` must be one of .*'deep_sets'.*got 'deepsets'"):
        _build(encoder="deepsets")
    with pytest.raises(ValueError, match="`generator` must be one of .*'cvae'.*got 'vae'"):
        _build(generator="vae")
    with pytest.raises(ValueError, match="`generator` must be one of .*an instance"):
        _build(generator=CVAE)


def test_instances_are_taken_as_they_are():
    encoder, generator = DeepSets(8, 3), FlowMatching(5, 3, n_hidden=4)
    module = _build(encoder=encoder, generator=generator)
    assert module.encoder is encoder and module.generator is generator


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"encoder": DeepSets(7, 3)}, "`encoder`.*n_features=7.*n_features=8"),
        ({"encoder": DeepSets(8, 4)}, "`encoder`.*n_latent=4.*n_latent=3"),
        ({"generator": CVAE(6, 3)}, "`generator`.*n_vectors=6.*n_vectors=5"),
        ({"generator": CVAE(5, 2)}, "`generator`.*n_latent=2.*n_latent=3"),
    ],
    ids=["features", "encoder_latent", "vectors", "generator_latent"],
)
def test_instances_of_the_wrong_size_are_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        _build(**parts)
