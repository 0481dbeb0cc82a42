import pytest

from gde.data import UnitSpec
from gde.encoders import DeepSets, Framed, Median, Moments, WithMoments
from gde.generators import CVAE, FlowMatching
from gde.model.build_module import ENCODERS, GENERATORS, build_module
from gde.nn import CovariateSizes

SIZES = {
    "n_latent": 3,
    "n_latent_unit": 5,
    "n_hidden": 8,
    "kl_weight": None,
    "scoring": "other_half",
    "isometry_weight": 0.0,
}
COVARIATES = CovariateSizes(n_categories=(2,), n_continuous=1)


def _units(n_vars, likelihood="nb"):
    return UnitSpec("continuous" if likelihood == "normal" else "counts", (n_vars,), likelihood)


def _build(likelihood="nb", encoder="deep_sets", generator="cvae", **kwargs):
    return build_module(_units(6, likelihood), COVARIATES, encoder, generator, **(SIZES | kwargs))


@pytest.mark.parametrize("generator", [name for name, cls in GENERATORS.items() if "vector" in cls.kinds])
@pytest.mark.parametrize("likelihood", ["nb", "zinb", "poisson", "bernoulli", "normal"])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_parts_fit_together(encoder, generator, likelihood):
    module = _build(likelihood, encoder, generator, n_latent=6)
    assert isinstance(module.generator, GENERATORS[generator])
    is_fixed = module.encoder.is_fixed
    assert is_fixed == (encoder in ["kernel_mean", "moments"])
    n_features = module.observation.n_fixed_features if is_fixed else module.observation.n_features
    assert module.encoder.n_features == n_features
    assert module.generator.n_vectors == module.observation.n_vectors
    assert module.encoder.n_latent == module.generator.n_latent == 6
    assert module.observation.n_vectors == (6 if likelihood == "normal" and generator != "cvae" else 5)


def test_fixed_encoders_read_as_many_principal_components_as_the_embedding_is_wide_within_bounds():
    for n_latent, n_vars, n_components in [(3, 6, 3), (9, 6, 6), (99, 200, 50)]:
        module = build_module(_units(n_vars), COVARIATES, "kernel_mean", "cvae", **(SIZES | {"n_latent": n_latent}))
        assert module.observation.components.shape == (n_vars, n_components)
    assert _build(encoder=Moments(2, 5), n_latent=5).observation.components.shape == (6, 2)
    assert _build().observation.components.shape == (6, 0)


def test_moments_that_do_not_fit_the_embedding_are_refused_with_a_cure():
    with pytest.raises(ValueError, match="`n_latent=6` or `n_latent=27`, not 8"):
        _build("normal", "moments", "flow_matching", n_latent=8)
    with pytest.raises(ValueError, match="6 genes have no 7 principal components"):
        _build(encoder=Moments(7, 7), n_latent=7)


@pytest.mark.parametrize("encoder", ["moments", WithMoments(DeepSets(6, 5, noise_sd=0.0))])
def test_an_encoder_that_has_the_covariance_needs_no_frame(encoder):
    n_latent = 27 if encoder == "moments" else encoder.n_latent
    module = _build("normal", encoder, "flow_matching", n_latent=n_latent, location_scale=True)
    assert not isinstance(module.encoder, Framed) and module.observation.frame is not None


@pytest.mark.parametrize("encoder", [*ENCODERS, Median(6, 6), Framed(Median(6, 6))])
def test_a_frame_is_around_the_encoder_and_in_the_observation(encoder):
    module = _build("normal", encoder, "flow_matching", n_latent=6, location_scale=True)
    assert isinstance(module.encoder, Framed) and not isinstance(module.encoder.encoder, Framed)
    assert module.observation.frame is not None


def test_a_frame_of_counts_is_refused_with_a_cure():
    with pytest.raises(ValueError, match="`location_scale=True` is for continuous units.*'zinb'.*`obsm_key=`"):
        _build("zinb", location_scale=True)


def test_a_weight_of_latent_vectors_that_are_not_there_is_refused_with_the_generators_that_have_them():
    with pytest.raises(ValueError, match="`kl_weight` is for units with a latent vector.*leave it out.*'cvae'"):
        _build("normal", generator="mmd", kl_weight=0.5)
    assert _build("normal", generator="cvae", kl_weight=0.5).kl_weight == 0.5
    assert _build("nb", generator="mmd", kl_weight=0.5).kl_weight == 0.5


def test_scoring_reaches_the_module():
    assert _build(scoring="both").scoring == "both"


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


@pytest.mark.parametrize("name", ["n_latent", "n_latent_unit", "n_hidden", "kl_weight", "isometry_weight"])
def test_sizes_and_weights_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*-1"):
        _build(**{name: -1})
