"""32 patients by their CD8 T cells: where they lie, which cells set them apart, and the way from controls to COVID.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/covid_patients.py
"""

import argparse
from typing import Any

import anndata as ad
import matplotlib.pyplot as plt
import numpy as np
from _report import DOCS, output_folder, provenance, provenance_lines, quiet, stopwatch, table, test_data, write
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gde

GROUP, CONDITION = "sample_id", "condition"


def main() -> None:
    """Train, draw, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-epochs", type=int, help="default: the model's own")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    adata = _load()
    model = gde.GDEModel(adata, n_latent=8, seed=args.seed)
    with stopwatch() as timing:
        model.train(max_epochs=1 if args.quick else args.max_epochs, accelerator="cpu", enable_progress_bar=False)
    model.get_group_embeddings(return_cov=True)
    groups = gde.get.group_adata(adata)
    figure = (DOCS.parent / "_static" if folder == DOCS else folder) / "covid_patients.svg"
    plt.rcParams["svg.hashsalt"] = "gde"  # the same figure, the same file
    gde.pl.embedding(groups, color=CONDITION, show=False, save=str(figure))
    results = {
        **provenance(),
        "settings": {"seed": args.seed, "n_latent": 8},
        "training_wall_s": timing.wall_s,
        "n_patients": groups.obs[CONDITION].value_counts().to_dict(),
        "auc": {
            "GDE": _auc(groups.X, groups.obs[CONDITION]),
            "mean and sd": _auc(_moments(adata, groups), groups.obs[CONDITION]),
        },
        "influence": _influence(model, groups),
        "path": _path(model, groups),
    }
    write(results, "covid_patients", page, folder)


def _load() -> ad.AnnData:
    adata = ad.read_h5ad(test_data("covid_cd8_flow_32patients.h5ad"))
    markers = adata.var["used_for_clustering"].to_numpy().astype(bool)
    adata.obsm["X_asinh"] = np.asarray(adata.layers["asinh"][:, markers], dtype=np.float32)
    adata.uns["markers"] = adata.var["marker_name"].astype(str)[markers].tolist()
    gde.setup_anndata(adata, group_key=GROUP, obsm_key="X_asinh")
    return adata


def _moments(adata: ad.AnnData, groups: ad.AnnData) -> np.ndarray:
    """Mean and standard deviation of each marker of each patient."""
    x, names = adata.obsm["X_asinh"], adata.obs[GROUP].astype(str).to_numpy()
    return np.stack([np.concatenate([x[names == name].mean(0), x[names == name].std(0)]) for name in groups.obs_names])


def _auc(x: np.ndarray, condition: Any) -> list[float]:
    """AUC of a cross-validated logistic regression, for 10 divisions into 5 folds."""
    y = (condition == "COV").to_numpy()
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    folds = [StratifiedKFold(5, shuffle=True, random_state=seed) for seed in range(10)]
    return [
        float(roc_auc_score(y, cross_val_predict(classifier, x, y, cv=fold, method="predict_proba")[:, 1]))
        for fold in folds
    ]


def _influence(model: gde.GDEModel, groups: ad.AnnData) -> list[list[float]]:
    """Means of the markers in the cells that pull their patient most towards controls, in all, and in those that pull towards COVID."""
    sides = tuple(list(groups.obs_names[groups.obs[CONDITION] == name]) for name in ("COV", "CTR"))
    influence = model.get_unit_influence(direction=sides, key_added=None).to_numpy()
    low, high = np.quantile(influence, [0.05, 0.95])
    x = model.adata.obsm["X_asinh"]
    return [x[chosen].mean(0).tolist() for chosen in (influence <= low, np.isfinite(influence), influence >= high)]


def _path(model: gde.GDEModel, groups: ad.AnnData) -> dict[str, Any]:
    """Means of the markers on the way from the barycenter of the controls to that of the patients."""
    ends = [model.barycenter(groups.obs_names[groups.obs[CONDITION] == name]).iloc[0] for name in ("CTR", "COV")]
    times = [0.0, 0.5, 1.0]
    means = [
        model.generate(embeddings=((1 - time) * ends[0] + time * ends[1]).to_frame(f"t = {time}").T, n_units=2000)
        .obsm["X_asinh"]
        .mean(0)
        for time in times
    ]
    return {"times": times, "markers": model.adata.uns["markers"], "means": means}


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    path = results["path"]
    means = np.array(path["means"])
    order = np.argsort(-np.abs(means[-1] - means[0]))
    influence = np.array(results["influence"])
    by_influence = np.argsort(-np.abs(influence[2] - influence[0]))
    n = results["n_patients"]
    return "\n".join(
        [
            "# Patients by their CD8 T cells",
            "",
            f"{n['COV']} patients with COVID-19 and {n['CTR']} controls, 5,000 CD8 T cells, {len(path['markers'])} markers by flow cytometry (asinh). Each patient is one point: the embedding of "
            "all its cells, by a model that has not seen the condition.",
            "",
            *provenance_lines(results),
            "",
            "![Embeddings of the patients](../_static/covid_patients.svg)",
            "",
            "Ellipses hold the embedding of all of a patient's cells with 95 %, as far as the number of cells goes that were measured; they say nothing of how "
            "patients differ.",
            "",
            "## Which cells set them apart?",
            "",
            "Mean of each marker in the 5 % of cells that pull their patient most towards the controls, in all cells, and in the 5 % that pull most towards COVID; "
            "the largest differences first.",
            "",
            *table(
                ["marker", "towards controls", "all cells", "towards COVID"],
                [[path["markers"][i], *(f"{mean[i]:.2f}" for mean in influence)] for i in by_influence[:8]],
            ),
            "",
            "## Can the condition be read off?",
            "",
            "AUC of a logistic regression of the condition on the embedding, cross-validated over patients in 5 folds; mean of 10 divisions, which say how much the "
            "division matters, not what other patients would give. The embeddings come from all patients, without their condition.",
            "",
            *table(
                ["", "AUC", "lowest", "highest"],
                [
                    [name, *(f"{value:.2f}" for value in (np.mean(auc), min(auc), max(auc)))]
                    for name, auc in results["auc"].items()
                ],
            ),
            "",
            "## On the way from controls to patients",
            "",
            "Mean of each marker in cells generated at the barycenter of the controls (0), half way, and at the barycenter of the patients (1), the largest changes first.",
            "",
            *table(
                ["marker", *(f"t = {time:g}" for time in path["times"])],
                [[path["markers"][i], *(f"{mean[i]:.2f}" for mean in means)] for i in order[:8]],
            ),
            "",
        ]
    )


if __name__ == "__main__":
    main()
