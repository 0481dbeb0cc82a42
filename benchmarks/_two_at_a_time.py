"""Parts of a benchmark that need nothing of each other, on two cores."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

from _report import quiet


def two_at_a_time(measure: Callable[..., dict[str, Any]], parts: Sequence[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Parts and what ``measure(part)`` gives, as they end; each part in a process of its own, so it must be importable. Put the longest first."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=quiet, max_tasks_per_child=1) as pool:
        futures = {pool.submit(measure, part): part for part in parts}
        for future in as_completed(futures):
            yield futures[future], future.result()
