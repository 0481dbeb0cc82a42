"""What a page says while GDE has not been measured."""

from _rows import Row


def missing(rows: list[Row]) -> list[str]:
    """A sentence while there is no row of GDE."""
    if any(row["key"]["method"] == "GDE" for row in rows):
        return []
    return ["", "**GDE itself is not measured here yet: these are baselines only.**"]
