"""Bytes: what is available, and the refusal, before anything is allocated, of what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

#: A part of the available memory is left to everything else.
SHARE = 0.9
#: Less than this is not worth a look at the machine's memory, which takes longer than a small run.
NOT_WORTH_A_LOOK = 16 << 20


def available_bytes() -> int:
    """Return the memory that can still be taken: the machine's or, where it is less, the cgroup's or the process's."""
    found = [_meminfo(), _cgroup_v2(), _cgroup_v1(), _address_space()]
    return min((value for value in found if value is not None), default=1 << 62)


def _read_int(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):  # not this kind of machine, or "max"
        return None


def _meminfo() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return None
    return None


def _less(limit: int | None, used: int | None) -> int | None:
    return None if limit is None or used is None else max(0, limit - used)


def _cgroup_v2() -> int | None:
    return _less(_read_int("/sys/fs/cgroup/memory.max"), _read_int("/sys/fs/cgroup/memory.current"))


def _cgroup_v1() -> int | None:
    folder = "/sys/fs/cgroup/memory/memory."
    return _less(_read_int(f"{folder}limit_in_bytes"), _read_int(f"{folder}usage_in_bytes"))


def _address_space() -> int | None:
    try:
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        if soft == resource.RLIM_INFINITY:
            return None
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        return max(0, soft - used)
    except (ImportError, OSError, ValueError):
        return None


def readable(n_bytes: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    units = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
    power = max(0, min(len(units) - 1, (n_bytes.bit_length() - 1) // 10))
    if n_bytes >> 10 * power >= 10_000:
        return f"2**{n_bytes.bit_length() - 1} bytes"
    return f"{n_bytes / (1 << 10 * power):.4g} {units[power]}"


def require(what: str, n_qubits: int, bytes_for: Callable[[int], int]) -> int:
    """Return the bytes for ``n_qubits``; refuse what does not fit, naming the most qubits that would.

    Raises
    ------
    MemoryError
        With what is needed, what there is, and the largest number of qubits that fits.
    """
    needed = bytes_for(n_qubits)
    if needed < NOT_WORTH_A_LOOK:
        return needed
    budget = int(available_bytes() * SHARE)
    if needed > budget:
        fits = max((n for n in range(1, min(n_qubits, 60)) if bytes_for(n) <= budget), default=0)
        remedy = f"the largest that fits is {fits} qubits" if fits else "not even one qubit fits: use fewer samples"
        raise MemoryError(
            f"{what} on {n_qubits} qubits needs {readable(needed)}, {readable(budget)} can be used; {remedy}"
        )
    return needed
