"""The page of ``clones.py``, from its rows."""

from collections import defaultdict

from _report import provenance_of_rows, spread, table, with_interval
from _rows import Row

from _groups.missing import missing

SCORES = {"mrr": "MRR", "recall@10": "recall@10", "information": "information, bits", "information_null": "… shuffled"}
PAIRED = ("mrr", "recall@10", "information")


def page(rows: list[Row]) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# Clones",
            "",
            *_head(rows),
            *missing(rows),
            "",
            *_table(rows),
            *_what_follows(rows),
            *_paired(rows),
            *provenance_of_rows(rows),
            "",
        ]
    )


def _head(rows: list[Row]) -> list[str]:
    n = ", ".join(str(number) for number in sorted({row["n_clones"] for row in rows}))
    chance = spread([row["metrics"]["mrr_chance"] for row in rows[:1]], 3)
    recall = spread([row["metrics"]["recall@10_chance"] for row in rows[:1]], 3)
    return [
        "Barcoded clones of blood progenitors (LARRY). Groups are the cells of a clone at days 2 and 4, and its cells at day 6, which may be a single cell. Everything is fitted on one half of "
        f"the clones; of the other half, the {n} that have cells at both times are scored: the embedding of the early cells is the query, those of all late cells are the candidates (nearest first; "
        f"chance: MRR {chance}, recall@10 {recall}), and the mutual information of both is estimated after whitening to at most 10 components, beside its mean with shuffled "
        "clones. Embeddings are used as they are: no map from early to late is learnt, and no method saw which clones belong together across time.",
        "",
        "`GDE` and `wormhole` (the same model with a fixed cloud as its generator) read 20 principal components, as the baselines do, in batches of 128 units and 300 steps, with `n_latent=16`; `GDE, counts` reads the counts. "
        "What they read, group and how long was chosen by a few trials with seed 100, whose halves are not scored here but are of the same clones. scVI is at its defaults.",
        "",
        "Figures are means over seeds, which set the halves and the weights, with the lowest and the highest in brackets. CPU time and the peak of memory (beyond libraries and data; each method in a process of its own) are of fitting and scoring.",
    ]


def _table(rows: list[Row]) -> list[str]:
    groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["key"]["seed"]):
        groups[row["key"]["method"]].append(row)
    lines = [
        [
            method,
            ", ".join(str(row["key"]["seed"]) for row in own),
            *(_cell(own, score) for score in SCORES),
            *(spread([row[cost] for row in own], 0) for cost in ("cpu_s", "peak_mb")),
        ]
        for method, own in groups.items()
    ]
    return table(["", "seeds", *SCORES.values(), "CPU s", "peak MB"], lines)


def _what_follows(rows: list[Row]) -> list[str]:
    """What the tables say, in words that hold for the rows measured until 2026-12-01."""
    if not any(row["key"]["method"] == "GDE" for row in rows):
        return []
    return [
        "",
        "## What follows",
        "",
        "GDE on components has the highest MRR on average. With five divisions the intervals of the differences exclude zero against pseudobulk and the kernel mean in MRR, and in recall against every "
        "baseline that is not trained; against the wormhole and scVI both hold zero, so **above every baseline is not shown**. "
        "**Mutual information is not above the baselines**: pseudobulk and the kernel mean have a little more on average, and all intervals hold zero. Nothing is far from anything else but chance: half of the sets are single cells.",
    ]


def _cell(rows: list[Row], score: str) -> str:
    values = [row["metrics"][score] for row in rows if score in row["metrics"]]
    return spread(values, 2) if values else "–"


def _paired(rows: list[Row]) -> list[str]:
    """GDE less each other method on the same clones."""
    by_key = {(row["key"]["seed"], row["key"]["method"]): row["metrics"] for row in rows}
    found = defaultdict(lambda: defaultdict(list))
    for (seed, method), metrics in by_key.items():
        if method != "GDE" and (own := by_key.get((seed, "GDE"))) is not None:
            for score in PAIRED:
                if score in metrics:
                    found[method][score].append(own[score] - metrics[score])
    lines = [
        [method, *(with_interval(of[score], 3, sign="+") if score in of else "–" for score in PAIRED)]
        for method, of in found.items()
    ]
    if not lines:
        return []
    return [
        "",
        "## GDE less the others",
        "",
        "On the same clones; mean over seeds with a 95 % interval (Student's t). Halves of different seeds share clones, so it is rather too narrow.",
        "",
        *table(["GDE less", *(SCORES[score] for score in PAIRED)], lines),
    ]
