from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib import pyplot as plt

import gde


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _history(**values):
    return SimpleNamespace(history={name: pd.DataFrame({name: numbers}) for name, numbers in values.items()})


def test_each_term_has_axes_with_both_curves():
    figure = gde.pl.training(
        _history(
            train_loss=[3.0, 2], validation_loss=[3.0, 4], generator_loss_train=[2.0, 1], generator_loss_validation=[2.0, 3],
            kl_global_train=[0.0, 0], elbo_train=[1.0, 1], label_loss_train=[0.0, 0],
        ),
        show=False,
    )  # fmt: skip
    assert [ax.get_title() for ax in figure.axes] == ["total", "generator"]
    assert [line.get_ydata().tolist() for line in figure.axes[1].lines] == [[2, 1], [2, 3]]
    assert figure.axes[0].lines[0].get_xdata().tolist() == [1, 2]  # epochs are counted from 1


def test_without_held_out_units_there_is_one_curve():
    figure = gde.pl.training(_history(train_loss=[3.0, 2]), show=False)
    assert len(figure.axes[0].lines) == 1


def test_ticks_are_whole_epochs():
    ax = gde.pl.training(_history(train_loss=[3.0]), show=False).axes[0]
    low, high = ax.get_xlim()
    assert [tick for tick in ax.get_xticks() if low <= tick <= high] == [1]


def test_one_term_is_drawn_on_axes_that_are_given():
    model = _history(train_loss=[3.0, 2], generator_loss_train=[2.0, 1])
    figure, ax = plt.subplots()
    assert gde.pl.training(model, terms=["generator_loss"], ax=ax) is figure
    assert ax.lines[0].get_ydata().tolist() == [2, 1] and figure.axes == [ax]
    with pytest.raises(ValueError, match="`ax` holds one of the 2 terms"):
        gde.pl.training(model, ax=ax)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="has not been trained"):
        gde.pl.training(SimpleNamespace(history=None), show=False)
    with pytest.raises(KeyError, match="Did you mean 'total'"):
        gde.pl.training(_history(train_loss=[3.0, 2]), terms=["totl"], show=False)
