"""Classes of pictures: does an embedding of a class, or of a mixture of two, generate what it should?"""

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from _report import stopwatch, test_data
from sklearn.datasets import load_digits
from sklearn.svm import SVC

import gde

N_NEW = 50


def digits() -> tuple[np.ndarray, np.ndarray]:
    """8 × 8 digits of scikit-learn."""
    x, label = load_digits(return_X_y=True)
    return np.minimum(16 * x, 255).astype(np.uint8).reshape(-1, 1, 8, 8), label.astype(str)


def fashion(n_units: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """The first pictures of Fashion-MNIST's test split, every second pixel averaged: 14 × 14."""
    data = np.load(test_data("fashion_mnist_t10k.npz"))
    images = data["images"][:n_units].reshape(-1, 1, 14, 2, 14, 2).mean((3, 5))
    return np.rint(images).astype(np.uint8), data["label_names"][data["label"][:n_units]].astype(str)


def measure_classes(
    images: np.ndarray, label: np.ndarray, generator: str, max_epochs: int, seed: int
) -> dict[str, Any]:
    """Share of generated pictures that a classifier of real ones takes for their class, and the shares in mixtures of two classes."""
    rng = np.random.default_rng(seed)
    is_train = rng.random(len(label)) < 0.7
    train, test = (
        ad.AnnData(obs=pd.DataFrame({"class": label[rows]}).rename(str), obsm={"image": images[rows]})
        for rows in (is_train, ~is_train)
    )
    gde.setup_anndata(train, group_key="class", obsm_key="image")
    model = gde.GDEModel(train, generator=generator, n_latent=16, seed=seed)
    with stopwatch() as training:
        model.train(max_epochs=max_epochs, batch_size=256, enable_progress_bar=False)
    classifier = SVC().fit(_flat(images[is_train]), label[is_train])
    z = model.get_group_embeddings(test, key_added=None)
    new = model.generate(embeddings=z, n_units=N_NEW, seed=seed)
    return {
        "generator": generator,
        "train": vars(training),
        "accuracy_real": float(np.mean(classifier.predict(_flat(images[~is_train])) == label[~is_train])),
        "accuracy_generated": float(np.mean(_predicted(classifier, new) == new.obs["class"].astype(str))),
        "mixtures": _mixtures(model, classifier, test, rng),
    }


def _mixtures(model: gde.GDEModel, classifier: SVC, test: ad.AnnData, rng: np.random.Generator) -> dict[str, float]:
    """Sets of held-out pictures, a quarter of one class and the rest of another, against the shares of what they generate."""
    classes, sets, pairs = np.unique(test.obs["class"]), [], []
    for s in range(10):
        a, b = rng.choice(classes, 2, replace=False)
        rows = [rng.choice(np.flatnonzero(test.obs["class"] == c), n) for c, n in ((a, 10), (b, 30))]
        sets.append(
            ad.AnnData(
                obs=pd.DataFrame({"class": [str(s)] * 40}).rename(str),
                obsm={"image": test.obsm["image"][np.concatenate(rows)]},
            )
        )
        pairs.append((a, b))
    mixed = ad.concat(sets, index_unique="-")
    z = model.get_group_embeddings(mixed, key_added=None)
    new = model.generate(embeddings=z, n_units=N_NEW, seed=0)
    predicted, of = _predicted(classifier, new), new.obs["class"].astype(str).to_numpy()
    shares = np.array([[np.mean(predicted[of == str(s)] == name) for name in pair] for s, pair in enumerate(pairs)])
    return {"share_of_quarter": float(shares[:, 0].mean()), "share_of_rest": float(shares[:, 1].mean())}


def _predicted(classifier: SVC, adata: ad.AnnData) -> np.ndarray:
    return classifier.predict(_flat(adata.obsm["image"]))


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / 255
