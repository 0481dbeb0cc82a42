"""Where a public data file lies on this machine."""

import os
from pathlib import Path

_COSPAR = "https://raw.githubusercontent.com/AllonKleinLab/cospar/ca54cad8a9db9a72152ba8a8b6d67d57eace4acb"
_SCPERTURB = "https://raw.githubusercontent.com/sanderlab/scPerturb/a02081b1480a8f57543184118454c024a39e99a3"
_DREAM = (
    "https://raw.githubusercontent.com/de-Boer-Lab/random-promoter-dream-challenge-2022"
    "/f7b2e197f673319aaae3ef460b7f9980f74304af"
)

FILES: dict[str, tuple[str, str]] = {
    "larry_test_adata_preprocessed.h5ad": (
        f"{_COSPAR}/tests/data/test_adata_preprocessed.h5ad",
        "3c9a5d728f402ff2b87cfecb3cd6639a7fa342fe3a7d44ad57ac526a5ef674af",
    ),
    "datlinger_matrix.mtx": (
        f"{_SCPERTURB}/package_r/tests/testthat/testdata/matrix.mtx",
        "9594bc3e13a9c093cfb1242c7257a3fe4ba2008a6fe24ea6e9ff43aebf109991",
    ),
    "datlinger_genes.csv": (
        f"{_SCPERTURB}/package_r/tests/testthat/testdata/genes.csv",
        "62646cb0c566f604feccac6fd6ac6c869a05a9564b62d857276ae959fe4ac018",
    ),
    "datlinger_barcodes.csv": (
        f"{_SCPERTURB}/package_r/tests/testthat/testdata/barcodes.csv",
        "5daa65f68319926dda9b9a83b530d37c12f8480aa2fa555d5745c13842535c35",
    ),
    "datlinger_seurat_metadata.csv": (
        f"{_SCPERTURB}/package_r/tests/testthat/testdata/seurat_metadata.csv",
        "8226d9f0ed89e1d2191a5de62397a0d479f16607fc0c997623d62bcd83efabf6",
    ),
    "yeast_gpra_demo_train.txt": (
        f"{_DREAM}/data/demo_train.txt",
        "277090c096efb1592d1b017fffef6d83d96817ae4430109ddc5ba45b66dd8ede",
    ),
}
"""File name → (URL at a pinned commit, sha256)."""


def fetch(name: str) -> Path:
    """Return the path of a known file: from ``$GDE_DATA_DIR``, else from the cache, else downloaded into it.

    Parameters
    ----------
    name
        A key of :data:`FILES`.

    Raises
    ------
    ValueError
        The file's sha256 is not the expected one.
    RuntimeError
        The file is not on this machine and cannot be downloaded.
    """
    import pooch

    url, sha256 = FILES[name]
    if (folder := os.environ.get("GDE_DATA_DIR")) and (local := Path(folder).expanduser() / name).is_file():
        return _verified(local, sha256, url)
    cache = pooch.create(pooch.os_cache("gde"), base_url="", registry={name: f"sha256:{sha256}"}, urls={name: url})
    try:
        return Path(cache.fetch(name))
    except OSError as error:
        raise RuntimeError(
            f"Could not download {url} ({error}). Save that file as {name!r} in a folder of your own and set the "
            "environment variable GDE_DATA_DIR to the folder."
        ) from error


def _verified(path: Path, sha256: str, url: str) -> Path:
    import pooch

    if (found := pooch.file_hash(str(path), alg="sha256")) != sha256:
        raise ValueError(
            f"{path} is not the expected file: its sha256 is {found}, expected {sha256}. "
            f"Delete it, or replace it by {url}"
        )
    return path
