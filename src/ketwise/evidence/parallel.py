"""Running trials on several processes: results as they finish, the same numbers for any number of processes."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def usable_cpus() -> int:
    """Processors this process may use (affinity and cgroup quota counted)."""
    from joblib import cpu_count

    return int(cpu_count())


def as_finished(calls: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]], n_jobs: int) -> Iterator[tuple[int, Any]]:
    """Yield ``(index, result)`` of every call, in the order in which they end.

    An exception or Ctrl-C ends all worker processes before it goes on.
    """
    if n_jobs == 1:
        for index, (function, arguments) in enumerate(calls):
            yield index, function(*arguments)
        return
    from joblib import Parallel, delayed, parallel_config

    finished = False
    try:
        with parallel_config(backend="loky", n_jobs=n_jobs, inner_max_num_threads=1):
            # One task at a time and few ahead: an interrupt then waits for nothing.
            pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
            yield from pool(
                delayed(_call)(index, function, arguments) for index, (function, arguments) in enumerate(calls)
            )
        finished = True
    finally:
        if not finished:
            _end_workers()


def _call(index: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[int, Any]:
    # Several processes share the machine: one engine thread each.
    os.environ["KETWISE_NUM_THREADS"] = "1"
    return index, function(*arguments)


def _end_workers() -> None:
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)
