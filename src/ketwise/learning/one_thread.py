"""Decompositions on one BLAS thread: their last bits depend on the number of threads, and a fit's must not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits

# The limit holds for the whole process: two that overlap would restore each other's.
_lock = Lock()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within the block BLAS and LAPACK use one thread.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     values = np.linalg.eigvalsh(np.eye(2))
    """
    with _lock, threadpool_limits(1, user_api="blas"):
        yield
