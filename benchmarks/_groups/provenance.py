"""Where the rows of a page come from."""

from _synthetic.rows import Row

MISSING = "**GDE itself is not measured here yet: these are baselines only.**"


def missing(rows: list[Row]) -> list[str]:
    """A sentence while there is no row of GDE."""
    return [] if any(row["key"]["method"] == "GDE" for row in rows) else ["", MISSING]


def provenance(rows: list[Row]) -> list[str]:
    """Commands, dates, commits and versions, as each row says."""
    if not rows:
        return []
    commands = dict.fromkeys(row["command"] for row in rows)
    versions = dict.fromkeys(", ".join(f"{name} {number}" for name, number in row["versions"].items()) for row in rows)
    commits = dict.fromkeys(row["commit"] for row in rows)
    dates = sorted({row["date"] for row in rows})
    return [
        "",
        "## Where the rows come from",
        "",
        "```bash",
        *commands,
        "```",
        "",
        f"{dates[0]} to {dates[-1]}; commits {', '.join(commits)} (`+`: with changes); {'; '.join(versions)}. The JSON file says it of each row.",
    ]
