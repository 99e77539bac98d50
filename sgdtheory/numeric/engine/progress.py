"""How far a simulation is: for a caller, or for a person at a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
PATIENCE = 1.0  # seconds before a person is shown a bar


class Meter:
    """Counts replica-steps; threads may add to it.

    Parameters
    ----------
    report
        Called under a lock with what is done, which never falls, and the whole.
    total
        The whole.
    """

    def __init__(self, report: Progress | None, total: int) -> None:
        self._report, self._total, self._done, self._lock = report, total, 0, threading.Lock()

    def add(self, done: int) -> None:
        """Count more of it as done."""
        if self._report is None:
            return
        with self._lock:
            self._done += done
            self._report(self._done, self._total)


@contextmanager
def reporter(progress: Progress | bool | None) -> Iterator[Progress | None]:
    """Yield what to report to: the caller's function, a bar at once, a bar where a person has waited, or None."""
    if callable(progress):
        yield progress
    elif progress or (progress is None and sys.stderr is not None and sys.stderr.isatty()):
        bar = _Bar(at_once=progress is True)
        try:
            yield bar
        finally:
            bar.stop()
    else:
        yield None


class _Bar:
    """A bar on standard error that appears at once, or once the work has taken a while."""

    def __init__(self, *, at_once: bool) -> None:
        self._begun, self._at_once = time.monotonic(), at_once
        self._bar = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            if not self._at_once and time.monotonic() - self._begun < PATIENCE:
                return
            from rich.console import Console
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("running SGD", total=total)
        self._bar.update(self._task, completed=done)

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
