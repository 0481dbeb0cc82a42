"""The page of ``images.py``: Markdown from its JSON, nothing measured here."""

from typing import Any

from _report import provenance_lines, table

TARGET = 0.85
TITLES = {"digits": "scikit-learn's digits, 8 × 8", "fashion": "Fashion-MNIST, 14 × 14"}


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    tasks = results["tasks"]
    classes = [(name, result) for name in TITLES for result in tasks.get(name, {}).values()]
    return "\n".join(
        [
            "# Images",
            "",
            "Sets of images are embedded, and new images are generated from the embeddings.",
            "",
            *provenance_lines(results),
            *(_classes(classes) if classes else []),
            *(line for result in tasks.get("nuclei", {}).values() for line in _nuclei(result)),
            "",
        ]
    )


def _classes(classes: list[tuple[str, dict[str, Any]]]) -> list[str]:
    rows = [
        [
            f"{TITLES[name]}, `{result['generator']}`",
            f"{result['accuracy_generated']:.2f}",
            f"{result['accuracy_real']:.2f}",
            f"{result['mixtures']['share_of_quarter']:.2f}",
            f"{result['mixtures']['share_of_rest']:.2f}",
            f"{result['train']['cpu_s']:.0f}",
        ]
        for name, result in classes
    ]
    header = ["", "generated", "real", "quarter (0.25)", "rest (0.75)", "training, CPU s"]
    return [
        "",
        "## Classes and mixtures",
        "",
        "Share of the images that a support vector machine, trained on real ones, takes for the class they were generated as, from the embedding of "
        "held-out images of the class; the same of the real held-out images. In mixtures of 10 held-out images of one class and 30 of another, "
        "the shares of the two classes among the images generated.",
        "",
        *table(header, rows),
    ]


def _nuclei(result: dict[str, Any]) -> list[str]:
    names = list(next(iter(result["scores"].values())))
    rows = [
        [source, *(f"{scores[name]['r2']:.2f} ({scores[name]['mse']:.3g})" for name in names)]
        for source, scores in result["scores"].items()
    ]
    fields = result["n_fields"]
    return [
        "",
        f"## Nuclei of new fields of view, `{result['generator']}`",
        "",
        f"The model is trained on {fields['train']} fields of `dsb2018_nuclei_fluo_32px` ({result['train']['cpu_s']:.0f} CPU s). Of each of {fields['held out']} "
        "other fields, half of the nuclei are embedded, and the other half are the truth. R² (mean squared error) over fields; intensity is the mean of a "
        "nucleus in grey levels of 255, area is in pixels. The covariates of a field are the size of its picture and its number of nuclei.",
        "",
        *table(["source of the nuclei", *names], rows),
        *_missed(next(iter(result["scores"].values()))),
    ]


def _missed(scores: dict[str, dict[str, float]]) -> list[str]:
    """Which figures of generated nuclei fall short of the target."""
    names = [name for name, score in scores.items() if score["r2"] < TARGET]
    return ["", f"R² of {TARGET} was aimed at, and is missed for: {', '.join(names)}."] if names else []
