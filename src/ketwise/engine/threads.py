"""How many threads a call may use."""

from __future__ import annotations

import os
from functools import lru_cache

from ketwise.engine.memory import cgroup_folders
from ketwise.words.checks import positive_int

#: More threads than this help nobody.
MOST = 1024


def n_threads() -> int:
    """Return ``KETWISE_NUM_THREADS``, else ``OMP_NUM_THREADS`` (joblib's workers set it), else what the machine grants.

    The grant is the smaller of the processor affinity and the cgroup's quota of processor time.
    """
    for name in ("KETWISE_NUM_THREADS", "OMP_NUM_THREADS"):
        # OMP_NUM_THREADS may be a list, one number for each level of nesting.
        text = os.environ.get(name, "").split(",")[0].strip()
        if text:
            try:
                return min(MOST, positive_int(name, int(text)))
            except ValueError:
                raise ValueError(f"{name} must be a whole number of at least 1, got {os.environ[name]!r}") from None
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(granted, _cgroup_quota()))


@lru_cache(maxsize=1)
def _cgroup_quota() -> int:
    least = MOST
    for folder in cgroup_folders("", "/sys/fs/cgroup"):
        try:
            quota, period = (folder / "cpu.max").read_text().split()
            least = min(least, max(1, round(int(quota) / int(period))))
        except (OSError, ValueError):  # no cgroup v2 here, or "max"
            continue
    return least
