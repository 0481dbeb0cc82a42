import dataclasses

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def certificate():
    agreement = gde.stats.DistanceAgreement(0.9, 0.8, 0.95, n_groups=5, level=0.95)
    distances = np.random.default_rng(0).random((10, 2))
    return gde.model.GeometryCertificate("groups", 5, 10, agreement, (0.1, 1.0), 0.2, 2, {}, distances)


def test_each_pair_is_a_point_and_chance_is_marked(certificate):
    ax = gde.pl.geometry(certificate, show=False)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), certificate.distances[:, ::-1])
    assert ax.lines[0].get_xdata()[0] == 0.2
    assert ax.get_title() == "5 groups: Spearman 0.90 [0.80, 0.95]"


def test_a_certificate_without_distances_is_refused(certificate):
    for bad in (None, dataclasses.replace(certificate, distances=np.zeros((0, 2)))):
        with pytest.raises(ValueError, match="certify_geometry"):
            gde.pl.geometry(bad, show=False)
