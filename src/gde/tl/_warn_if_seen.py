"""Labels that a model was trained on say nothing when its embeddings are asked for them."""

import warnings


def warn_if_seen(column: str, labels_key: str | None, n_seen: int, n_groups: int) -> None:
    """Warn, on behalf of the public function, if a column is what training drew embeddings apart by."""
    if column == labels_key and n_seen:
        warnings.warn(
            f"The model was trained to tell the values of {column!r} apart, and saw them for {n_seen} of these {n_groups} groups: their embeddings "
            "differ by whatever they were said to be, so this says nothing about other groups. Use groups whose labels training did not see, or "
            "embeddings of a model without `labels_key`.",
            UserWarning,
            stacklevel=4,
        )
