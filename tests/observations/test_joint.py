import pytest
import torch

from gde.generators import Autoregressive
from gde.nn import Covariates, SetNoise
from gde.observations import Continuous, Convolution, Counts, Joint, Sequences
from tests.observations.count_likelihood_contract import to_csr

SET_OF_UNIT = torch.tensor([0, 0, 0, 1, 1, 1, 1])
COVARIATES = Covariates(torch.zeros(7, 0, dtype=torch.long), torch.zeros(7, 0))
MEASURED = torch.tensor(
    [[1.0, 1, 1, 0], [1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 0, 1], [0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]]
)
WIDTHS = [8, 8, 4, 8, 4]  # of the features of each modality, and of the masks


def make():
    torch.manual_seed(0)
    sizes = {"n_vectors": 2, "n_latent": 3, "n_hidden": 8}
    parts = {
        "rna": Counts(6, is_part=True, **sizes),
        "atac": Counts(5, likelihood="bernoulli", is_part=True, **sizes),
        "shape": Continuous(4, is_part=True, **sizes),
        "tcr": Sequences(
            5,
            n_letters=3,
            featuriser=Convolution(3, 8, n_channels=4, size=3),
            decoder=Autoregressive(5, 8, n_letters=3, n_hidden=8),
            **sizes,
        ),
    }
    for name, part in parts.items():
        part.key = f"X_{name}"
    return Joint(parts, **sizes)


@pytest.fixture
def x():
    """Seven units that lack different modalities; what they lack is empty."""
    torch.manual_seed(1)
    values = [torch.poisson(torch.rand(7, 6) * 4), (torch.rand(7, 5) < 0.4).float(), torch.randn(7, 4)]
    values.append(torch.randint(3, (7, 5)).masked_fill(torch.arange(5) >= torch.arange(1, 8)[:, None], 3))
    rna, atac, shape, tcr = (part * MEASURED[:, [k]] for k, part in enumerate(values))
    return {"X": MEASURED, "X_rna": to_csr(rna), "X_atac": to_csr(atac), "X_shape": shape, "X_tcr": tcr}


def _noise():
    return SetNoise([1, 2], [3, 4], "cpu")


def _score(joint, x):
    return joint.score(x, joint.featurise(x), torch.zeros(2, 3), SET_OF_UNIT, COVARIATES, _noise())


def test_constants_come_from_the_units_that_have_the_modality(x):
    joint = make()
    joint.calibrate(
        lambda: [{key: value.to_dense()[rows] for key, value in x.items()} for rows in ([0, 1, 2], [3, 4, 5, 6])]
    )
    shape, rna = x["X_shape"][MEASURED[:, 2] == 1], x["X_rna"].to_dense()[MEASURED[:, 0] == 1]
    torch.testing.assert_close(joint.parts[2].mean, shape.mean(0))
    torch.testing.assert_close(joint.parts[0].stem.count_share, rna.sum(0) / rna.sum())
    assert joint.parts[0].stem.median_library == rna.sum(1).clamp_min(1).median()
    alone = make().parts[3]
    alone.calibrate(lambda: [x["X_tcr"][MEASURED[:, 3] == 1]])
    torch.testing.assert_close(joint.parts[3].decoder.offset, alone.decoder.offset)


def test_what_a_unit_lacks_does_not_matter(x):
    joint = make().eval()
    other = x | {
        "X_rna": to_csr(x["X_rna"].to_dense() + 3 * (1 - MEASURED[:, [0]])),
        "X_shape": x["X_shape"] - 5 * (1 - MEASURED[:, [2]]),
        "X_tcr": x["X_tcr"] + (1 - MEASURED[:, [3]]),
    }
    torch.testing.assert_close(joint.featurise(other), joint.featurise(x))
    for one, two in zip(_score(joint, x)[1].values(), _score(joint, other)[1].values(), strict=True):
        torch.testing.assert_close(one, two)


def test_the_first_layer_sees_the_mean_over_what_was_measured(x):
    joint = make().eval()
    features = joint.featurise(x)
    blocks = features.split(WIDTHS, dim=1)
    alone = joint.parts[2].featurise(x["X_shape"])
    for unit, n_measured in enumerate(MEASURED.sum(1).tolist()):
        torch.testing.assert_close(blocks[2][unit], alone[unit] * MEASURED[unit, 2] * 4 / n_measured)
    torch.testing.assert_close(blocks[-1], MEASURED)


def test_hiding_a_modality_is_as_if_it_had_not_been_measured(x):
    joint = make()
    for part in joint.parts:
        part.feature_dropout = 0.0
    dropped = joint.drop(joint.featurise(x), _noise())
    kept = dropped[:, -4:]
    assert (kept <= MEASURED).all() and (kept.sum(1) >= 1).all() and (kept < MEASURED).any()
    torch.testing.assert_close(dropped, joint.featurise(x | {"X": kept}))


def test_how_many_units_lose_a_modality_is_a_matter_of_the_set():
    joint, n_units, n_sets = make(), 200, 40
    features = torch.ones(n_units * n_sets, joint.n_features)
    noise = SetNoise(range(n_sets), [n_units] * n_sets, "cpu")
    hidden = 1 - joint.drop(features, noise)[:, -4:].view(n_sets, n_units, 4).mean(1)
    assert hidden.min() < 0.02 and hidden.max() > 0.8
    assert torch.corrcoef(hidden.T)[0, 1].abs() < 0.5  # each modality has a share of its own


def test_terms_are_sums_over_what_was_measured(x):
    joint = make().eval()
    vectors, terms = _score(joint, x)
    hidden = joint.autoencoder.decode(vectors, torch.zeros(2, 3), SET_OF_UNIT, COVARIATES, _noise())
    of_unit = torch.zeros(7, 3)
    parts = [part.terms(x[part.key], hidden, vectors, of_unit, _noise())["reconstruction"] for part in joint.parts]
    torch.testing.assert_close(terms["reconstruction"], (torch.stack(parts, 1) * MEASURED).sum(1))
    assert set(terms) == {"kl", "reconstruction", "library"}
    assert (terms["library"][MEASURED[:, :2].sum(1) == 0] == 0).all()


def test_gradients_reach_every_part(x):
    joint = make()
    vectors, terms = _score(joint, x)
    (sum(term.sum() for term in terms.values()) + vectors.sum()).backward()
    assert all(parameter.grad is not None and torch.isfinite(parameter.grad).all() for parameter in joint.parameters())


def test_samples_have_all_modalities_and_the_library_size_asked_for(x):
    joint = make().eval()
    n = 500
    covariates = Covariates(torch.zeros(n, 0, dtype=torch.long), torch.zeros(n, 0))
    arguments = torch.randn(n, 2), torch.randn(1, 3), torch.zeros(n, dtype=torch.long), covariates
    with torch.no_grad():
        units = joint.sample(*arguments, SetNoise([0], [n], "cpu"), rna=torch.full((n,), 300.0))
    assert {name: tuple(values.shape) for name, values in units.items()} == {
        "rna": (n, 6),
        "atac": (n, 5),
        "shape": (n, 4),
        "tcr": (n, 5),
    }
    assert units["rna"].sum(1).mean().item() == pytest.approx(300, rel=0.1)
    assert units["atac"].max() <= 1
    assert units["tcr"].unique().tolist() == [0, 1, 2, 3] and units["tcr"][:, 0].max() < 3


def test_genes_that_were_not_measured_are_masked_in_their_modality(x):
    joint = make().eval()
    observed = torch.ones(20, dtype=torch.bool)
    observed[1] = False
    masked = joint.featurise(x, observed).split(WIDTHS, dim=1)
    plain = joint.featurise(x).split(WIDTHS, dim=1)
    assert not torch.allclose(masked[0], plain[0])
    torch.testing.assert_close(masked[1:], plain[1:])
