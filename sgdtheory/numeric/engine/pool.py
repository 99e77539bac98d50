"""Blocks side by side in threads, their results in order, with few of them in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    function: Callable[[int], Result], count: int, threads: int, give_up: Callable[[], None] = lambda: None
) -> Iterator[Result]:
    """Yield ``function(0)``, ``function(1)``, ... in this order, worked out in threads if there are several.

    After an error, or an interrupt from the keyboard, ``give_up`` is called, which should make functions return soon.
    """
    if min(threads, count) <= 1:
        yield from map(function, range(count))
        return

    def guarded(number: int) -> Result:
        try:
            return function(number)
        except BaseException:
            give_up()
            raise

    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="sgdtheory")
    try:
        for number in range(count):
            waiting.append(pool.submit(guarded, number))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:
        give_up()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
