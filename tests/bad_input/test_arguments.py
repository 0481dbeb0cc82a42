"""300 calls with arguments of any kind, on a sound AnnData and a sound model."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gde
from tests.bad_input.cases import make_case
from tests.bad_input.judge import try_out
from tests.bad_input.test_setup import ONE_STEP, TINY

NUMBERS = [0, -1, 1, 2, 1.5, np.nan, np.inf, "3", None, True, [1], 2**70, np.int64(2), np.float32(1)]
NAMES = ["gde", "nope", "", 5, None, ["gde"], b"gde"]
GROUPS = [
    ["D1"], ("D2", "D1"), np.array(["D1"]), pd.Index(["D2"]), "D1", [], ["D1", "D1"], ["nope"], [None], [1], 5, [["D1"]], [np.nan], True,
]  # fmt: skip
FLAGS = [True, False, None, "yes", "halves"]
COLUMNS = [["phenotype"], [], None, "phenotype", ["nope"], [5], 5, ["type"], [["phenotype"]]]
ADATAS: list[Any] = [
    "x",
    None,
    5,
    ad.AnnData(),
    np.ones((3, 5)),
    pd.DataFrame(),
    ad.AnnData(np.ones((3, 5), np.float32)),
]


class World(NamedTuple):
    """What calls are made on; ``nested`` has groups of two levels. The embeddings of both are written."""

    adata: ad.AnnData
    model: gde.GDEModel
    nested: ad.AnnData
    folder: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    adata, nested = make_case({}).adata, make_case({}).adata
    plain = ad.AnnData(adata.X.copy(), obs=adata.obs[["donor"]], var=adata.var)
    plain.write_h5ad(folder / "cells.h5ad")
    (folder / "text.h5ad").write_text("no store")
    gde.setup_anndata(adata, group_key="donor", batch_key="lane", labels_key="phenotype")
    gde.setup_anndata(nested, group_key=["donor", "type"])
    models = [gde.GDEModel(data, **TINY) for data in (adata, nested)]
    for model in models:
        model.train(**ONE_STEP)
        model.get_group_embeddings(return_cov=True)
    models[0].save(folder / "model")
    return World(adata, models[0], nested, folder)


def _sort(world: World, **arguments: Any) -> bool:
    target = Path(arguments["target"])
    gde.pp.sort_by_group(**arguments)
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    return True


# What is called, arguments that make sense, and what else each argument may be.
CALLS: dict[str, tuple[Callable[..., Any], Callable[[World], dict[str, Any]], dict[str, list[Any]]]] = {
    "GDEModel": (
        lambda world, **a: gde.GDEModel(**a),
        lambda world: {"adata": world.adata, **TINY},
        {
            "adata": ADATAS, "encoder": ["median", "nope", 5, None, gde.encoders.DeepSets], "generator": ["cvae", "nope", 5, "autoregressive"],
            "featuriser": ["convolution", 5], "scoring": ["both", "nope", 5], "n_latent": NUMBERS, "n_latent_unit": NUMBERS, "n_hidden": NUMBERS,
            "kl_weight": NUMBERS, "isometry_weight": NUMBERS, "label_weight": NUMBERS, "thinning": NUMBERS, "seed": NUMBERS,
        },
    ),
    "train": (
        lambda world, **a: gde.GDEModel(world.adata, **TINY).train(**a) or True,
        lambda world: ONE_STEP,
        {
            "max_epochs": [0, -1, 1.5, "1", np.nan, True], "validation": ["cell", 5, None], "validation_size": NUMBERS, "batch_size": NUMBERS,
            "set_size": NUMBERS, "mixing": NUMBERS, "n_mixed": NUMBERS, "group_prior": ["size", "nope", [1, 2], [0] * 4, [-1, 1, 1, 1], [np.nan] * 4],
            "checkpoint": [5], "resume_from": ["nope", 5],
        },
    ),
    "load": (
        lambda world, **a: gde.GDEModel.load(**a),
        lambda world: {"dir_path": world.folder / "model", "adata": world.adata},
        {"dir_path": ["nope", 5, None], "prefix": ["x", 5], "adata": ADATAS},
    ),
    "save": (
        lambda world, **a: world.model.save(**a) or True,
        lambda world: {"dir_path": world.folder / "new", "overwrite": True},
        {"dir_path": [5, None], "prefix": ["x", 5]},
    ),
    "get_group_embeddings": (
        lambda world, **a: world.model.get_group_embeddings(**a),
        lambda world: {"key_added": None},
        {"adata": ADATAS, "groups": GROUPS, "key_added": [5, ["gde"], b"gde"], "batch_size": NUMBERS},
    ),
    "get_group_distances": (
        lambda world, **a: world.model.get_group_distances(**a),
        lambda world: {},
        {"adata": ADATAS, "corrected": FLAGS},
    ),
    "generate": (
        lambda world, **a: world.model.generate(**a),
        lambda world: {"n_units": 2},
        {
            "adata": ADATAS, "groups": GROUPS, "n_units": [*NUMBERS[:-1], [1, 2, 3, 4], [1, 2], {"D1": 1}, {}, [1, 2, 3, 0]], "seed": NUMBERS,
            "embeddings": ["a", 5, [[0, 0]], np.zeros(2), np.zeros((3, 5)), np.full((2, 2), np.nan), np.array([["a", "b"]])],
            "library_size": [*NUMBERS, [1] * 8, [1, 2], "a", 1e10], "batch": ["x", "nope", 5, ["x"]], "temperature": NUMBERS,
        },
    ),
    "posterior_predictive_sample": (
        lambda world, **a: world.model.posterior_predictive_sample(**a),
        lambda world: {"indices": [0, 1]},
        {
            "adata": ADATAS, "indices": [[], [0, 0], [-1], [10**6], [1.7], ["a"], np.array([True, False]), 5, None], "n_samples": NUMBERS[:10],
            "batch_size": NUMBERS, "seed": NUMBERS,
        },
    ),
    "transfer_labels": (
        lambda world, **a: gde.tl.transfer_labels(world.model, **a),
        lambda world: {"new": world.model.generate(n_units=3), "by": "type"},
        {"new": ADATAS, "by": ["nope", "phenotype", "", 5, None, ["type"]], "adata": ADATAS, "seed": NUMBERS},
    ),
    "interpolate": (
        lambda world, **a: world.model.interpolate(**a),
        lambda world: {"a": "D1", "b": "D2", "n_units": 2},
        {"a": ["nope", 5, None, "D2"], "n_steps": [0, 1, 2, 1.5, None, "3"], "n_units": [0, 1.5, None, "3"], "seed": NUMBERS, "adata": ADATAS},
    ),
    "barycenter": (
        lambda world, **a: world.model.barycenter(**a),
        lambda world: {"groups": ["D1", "D2"]},
        {"groups": GROUPS, "weights": [[1, 2], [0, 0], [-1, 2], [1], ["a", "b"], {"D1": 1}, 5, [np.nan, 1]]},
    ),
    "summarize_groups": (
        lambda world, **a: world.model.summarize_groups(**a),
        lambda world: {},
        {"adata": ADATAS, "groups": GROUPS, "batch_size": NUMBERS},
    ),
    "embed_summary": (
        lambda world, **a: world.model.embed_summary(**a),
        lambda world: {},
        {"summary": ["a", 5, None]},
    ),
    "get_unit_influence": (
        lambda world, **a: world.model.get_unit_influence(**a),
        lambda world: {"direction": 0, "key_added": None},
        {
            "adata": ADATAS, "groups": GROUPS, "key_added": [5, b"gde"], "batch_size": NUMBERS,
            "direction": [*NUMBERS, ("D1", "D2"), "D1", ("D1", "nope"), ("D1", "D1"), np.zeros(2), np.ones(3), pd.Series(["a", "b"]), (["D1"], [])],
        },
    ),
    "predict": (
        lambda world, **a: world.model.predict(**a),
        lambda world: {},
        {"adata": ADATAS, "groups": GROUPS, "batch_size": NUMBERS},
    ),
    "certify_geometry": (
        lambda world, **a: world.model.certify_geometry(**a),
        lambda world: {},
        {"adata": ADATAS, "seed": NUMBERS},
    ),
    "group_adata": (
        lambda world, **a: gde.get.group_adata(**a),
        lambda world: {"adata": world.adata},
        {"adata": ADATAS, "key": NAMES, "columns": COLUMNS, "level": NAMES},
    ),
    "group_adata of nested groups": (
        lambda world, **a: gde.get.group_adata(**a),
        lambda world: {"adata": world.nested},
        {"key": NAMES, "columns": COLUMNS, "level": ["donor", *NAMES]},
    ),
    "compare_groups": (
        lambda world, **a: gde.tl.compare_groups(**a),
        lambda world: {"adata": world.adata, "n_permutations": 20},
        {
            "adata": ADATAS, "groupby": ["phenotype", "type", *NAMES], "key": NAMES, "n_permutations": NUMBERS, "seed": NUMBERS,
            "pairs": [[("D1", "D2")], [("D1", "nope")], [("D1", "D1")], [("D1",)], [], "D1", 5, [5], ("D1", "D2")],
        },
    ),
    "required_sample_size": (
        lambda world, **a: gde.tl.required_sample_size(**a),
        lambda world: {"adata": world.adata, "contrast": ("phenotype", "ill", "well")},
        {
            "adata": ADATAS, "contrast": ["phenotype", ("nope", "a", "b"), ("phenotype", "a", "b"), ("phenotype",), 5, None], "power": NUMBERS,
            "alpha": NUMBERS, "key": NAMES,
        },
    ),
    "decompose_distance": (
        lambda world, **a: gde.tl.decompose_distance(**a),
        lambda world: {"adata": world.nested, "level": "donor"},
        {"adata": ADATAS, "level": NAMES, "key": NAMES, "pairs": [[("D1", "D2")], [("D1", "nope")], [("D1",)], [], "D1", 5], "corrected": FLAGS},
    ),
    "evaluate": (
        lambda world, **a: gde.tl.evaluate(**a),
        lambda world: {"model": world.model, "control": "nope"},
        {"model": ["x", None], "adata": ADATAS, "reference": ADATAS, "columns": COLUMNS, "control": ["nope", 5], "n_components": NUMBERS, "seed": NUMBERS},
    ),
    "contrast_genes": (
        lambda world, **a: gde.tl.contrast_genes(**a),
        lambda world: {"model": world.model, "a": "D1", "b": "D2", "by": "type", "n_units": 4},
        {
            "model": ["x", None], "a": ["nope", 5, [], ["D2"]], "b": [None, ["D1"]], "by": ["nope", 5, ["type"], "donor"], "adata": ADATAS,
            "n_units": [0, -1, 1.5, None, "3"], "library_size": [0, -1, np.nan, np.inf, "a", [1]], "level": NUMBERS, "seed": [-1, 1.5, "3", None],
        },
    ),
    "gene_features": (
        lambda world, **a: gde.tl.gene_features(**a),
        lambda world: {"adata": world.adata, "n_components": 2},
        {
            "adata": ADATAS, "genes": [["g0"], ["g0", "g0"], ["nope"], [5], 5, []], "layer": ["counts", *NAMES], "n_components": NUMBERS, "seed": NUMBERS,
            "control": [("phenotype", "ill"), ("nope", 1), ("phenotype", "nope"), "phenotype", 5, ("phenotype",)],
        },
    ),
    "sort_by_group": (
        _sort,
        lambda world: {"source": world.folder / "cells.h5ad", "target": world.folder / "sorted.h5ad", "group_key": "donor"},
        {
            "source": ["nope.h5ad", 5, None, "folder", "text"], "target": ["text", "x.txt", "/nope/x.h5ad"], "group_key": NAMES,
            "chunk_size": NUMBERS, "seed": NUMBERS,
        },
    ),
}  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A call, and one or two of its arguments."""
    name = draw(st.sampled_from(list(CALLS)))
    odd = CALLS[name][2]
    arguments = draw(st.lists(st.sampled_from(list(odd)), min_size=1, max_size=2, unique=True))
    return name, {argument: odd[argument][draw(st.integers(0, len(odd[argument]) - 1))] for argument in arguments}


@settings(max_examples=300)
@given(call=calls())
def test_every_call_works_or_says_what_is_wrong(world, call):
    name, odd = call
    if name == "sort_by_group":
        places = {"folder": world.folder, "text": world.folder / "text.h5ad", "x.txt": world.folder / "x.txt"}
        odd = {key: places.get(value, value) if isinstance(value, str) else value for key, value in odd.items()}
    run, arguments, _ = CALLS[name]
    untouched = world.nested if "nested" in name or name == "decompose_distance" else world.adata
    outcome = try_out(lambda: run(world, **(arguments(world) | odd)), untouched, may_register=name == "load")
    assert not outcome.faults
