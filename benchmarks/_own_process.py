"""Peaks of memory, and measurements that have one of their own; Linux only."""

import re
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from _rows import Row


def in_own_process(measure: Callable[[], Row]) -> Row:
    """The row of a measurement in a forked process, with ``peak_mb`` if it has none: how far its memory rose above what libraries and data take.

    Raises
    ------
    RuntimeError
        If the process dies; it has printed why.
    """
    context = get_context("fork")  # what is imported and loaded need not be again
    receiver, sender = context.Pipe(duplex=False)

    def run() -> None:
        held = forget_peak()
        row = measure()
        sender.send({"peak_mb": peak_mb() - held} | row)

    process = context.Process(target=run)
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        raise RuntimeError("The process of the measurement died before it had a row.") from None
    finally:
        process.join()


def forget_peak() -> float:
    """Let the peak of this process start anew from the MB that it holds now, which are returned."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status_mb("VmRSS")


def peak_mb() -> float:
    """The most MB that this process has held."""
    return _status_mb("VmHWM")


def _status_mb(name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024
