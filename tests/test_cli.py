import anndata as ad
import numpy as np
import pandas as pd
import pytest

from gde.cli import main

FEW_STEPS = ["--max-epochs", "1", "--n-latent", "4"]


@pytest.fixture
def cells(adata, tmp_path):
    """A file with counts of four donors."""
    path = tmp_path / "cells.h5ad"
    adata.write_h5ad(path)
    return path


def test_train_embed_generate_one_by_one(cells, adata, tmp_path, capsys):
    model, embeddings, new = tmp_path / "model", tmp_path / "embeddings.csv", tmp_path / "new.h5ad"
    assert main(["train", str(cells), "--group-key", "donor", *FEW_STEPS, "-o", str(model)]) == 0
    assert main(["embed", str(model), str(cells), "-o", str(embeddings)]) == 0
    assert main(["generate", str(model), str(cells), "--groups", "D2", "--n-units", "7", "-o", str(new)]) == 0
    assert pd.read_csv(embeddings, index_col=0).shape == (adata.obs["donor"].nunique(), 4)
    generated = ad.read_h5ad(new)
    assert generated.obs["donor"].tolist() == ["D2"] * 7
    assert generated.var_names.equals(adata.var_names)
    assert "7 units written" in capsys.readouterr().out


def test_demo_on_a_file_writes_all_its_results_and_says_how_close_cells_come(cells, adata, tmp_path, capsys):
    folder = tmp_path / "demo"
    assert main(["demo", str(cells), "--group-key", "donor", *FEW_STEPS, "-o", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {"embeddings.csv", "generated.h5ad", "groups.png", "model"}
    generated = ad.read_h5ad(folder / "generated.h5ad")
    assert generated.n_obs == adata.n_obs and (generated.X.data == np.rint(generated.X.data)).all()
    said = capsys.readouterr().out
    for words in ("Groups are the donor of cells.h5ad", "energy distance", "The floor", "pooled", "AUC"):
        assert words in said


def test_a_model_is_replaced_only_if_that_is_asked_for(cells, tmp_path, capsys):
    command = ["train", str(cells), "--group-key", "donor", *FEW_STEPS, "-o", str(tmp_path / "model")]
    (tmp_path / "model").mkdir()
    assert main(command) == 2
    assert "`--overwrite`" in capsys.readouterr().err and not any((tmp_path / "model").iterdir())
    assert main([*command, "--overwrite"]) == 0
    assert any((tmp_path / "model").iterdir())


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["train", "cells.h5ad", "--group-key", "doner", "-o", "model"], "Did you mean 'donor'"),
        (["demo", "cells.h5ad", "-o", "demo"], "`--group-key` is needed"),
        (["train", "none.h5ad", "--group-key", "donor", "-o", "model"], "There is no file none.h5ad."),
        (["embed", "none", "cells.h5ad", "-o", "out.csv"], "There is no model in none. Name the folder"),
    ],
)
def test_errors_are_a_line_with_the_cure(cells, monkeypatch, capsys, arguments, cure):
    monkeypatch.chdir(cells.parent)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert cure in said and "Traceback" not in said
