"""Running trials on several processes: results as they finish, the same numbers for any number of processes."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


def usable_cpus() -> int:
    """Processors this process may use (affinity and cgroup quota counted)."""
    from joblib import cpu_count

    return int(cpu_count())


def as_finished(calls: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]], n_jobs: int) -> Iterator[tuple[int, Any]]:
    """Yield ``(index, result)`` of every call, in the order in which they end.

    An exception or Ctrl-C ends all worker processes (joblib sees to that) before it goes on.
    """
    if n_jobs == 1:
        for index, (function, arguments) in enumerate(calls):
            yield index, function(*arguments)
        return
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=n_jobs, inner_max_num_threads=1):
        # One task at a time and few ahead, so that what is running is known.
        pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        with _deaf_to_interrupts():
            results = pool(
                delayed(_call)(index, function, arguments) for index, (function, arguments) in enumerate(calls)
            )
        yield from results


def _call(index: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[int, Any]:
    # Several processes share the machine: one engine thread each.
    os.environ["KETWISE_NUM_THREADS"] = "1"
    return index, function(*arguments)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started in here never hear Ctrl-C, so that they have no traceback to print; this one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
