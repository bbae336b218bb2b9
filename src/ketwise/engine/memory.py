"""Bytes: what is available, and the refusal, before anything is allocated, of what is not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

#: A part of the available memory is left to everything else.
SHARE = 0.9
#: Less than this is not worth a look at the machine's memory, which takes longer than a small run.
NOT_WORTH_A_LOOK = 16 << 20


#: What is asked for goes here instead of being refused, where somebody only wants to know.
_listed: ContextVar[list[Callable[[int], int]] | None] = ContextVar("listed", default=None)


@contextmanager
def listing() -> Iterator[list[Callable[[int], int]]]:
    """List what :func:`require` is asked for, bytes by number of qubits, and refuse nothing: to plan, not to run."""
    asked: list[Callable[[int], int]] = []
    token = _listed.set(asked)
    try:
        yield asked
    finally:
        _listed.reset(token)


def available_bytes() -> int:
    """Return the memory that can still be taken: the machine's or, where it is less, the cgroup's or the process's."""
    found = [_meminfo(), *_cgroups(), _address_space()]
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
        pass
    try:  # not Linux: all there is, which is more than what is free
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _cgroups() -> list[int]:
    """Return what each memory limit on the way from this process's cgroup to the root leaves, versions 2 and 1."""
    left = []
    for folder in cgroup_folders("", "/sys/fs/cgroup"):
        left.append(_left(folder / "memory.max", folder / "memory.current", folder / "memory.stat", "inactive_file"))
    for folder in cgroup_folders("memory", "/sys/fs/cgroup/memory"):
        limit, used = folder / "memory.limit_in_bytes", folder / "memory.usage_in_bytes"
        left.append(_left(limit, used, folder / "memory.stat", "total_inactive_file"))
    return [value for value in left if value is not None]


def cgroup_folders(controller: str, root: str) -> list[Path]:
    """Return the folders of this process's cgroup and of all above it, the root of the mount last."""
    folders = [Path(root)]
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return folders
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            inner = Path(root, path.lstrip("/"))
            above = [folder for folder in inner.parents if folder.is_relative_to(root)]
            folders = [inner, *above] if inner != Path(root) else folders
    return folders


def _left(limit: Path, used: Path, stat: Path, cache: str) -> int | None:
    most, taken = _read_int(str(limit)), _read_int(str(used))
    if most is None or taken is None:
        return None
    try:
        pairs = (line.split() for line in stat.read_text().splitlines())
        reclaimable = next((int(value) for name, value in pairs if name == cache), 0)
    except (OSError, ValueError):
        reclaimable = 0
    return max(0, most - max(0, taken - reclaimable))


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
    asked = _listed.get()
    if asked is not None:
        asked.append(bytes_for)
        return needed
    if needed < NOT_WORTH_A_LOOK:
        return needed
    budget = int(available_bytes() * SHARE)
    if needed > budget:
        fits = max((n for n in range(1, min(n_qubits, 60)) if bytes_for(n) <= budget), default=0)
        remedy = (
            f"the largest that fits is {fits} qubit{'s' * (fits > 1)}"
            if fits
            else "not even one qubit fits: use fewer samples"
        )
        on = f"{n_qubits} qubit{'s' * (n_qubits > 1)}"
        raise MemoryError(f"{what} on {on} needs {readable(needed)}, {readable(budget)} can be used; {remedy}")
    return needed


def require_count(what: str, count: int, bytes_for: Callable[[int], int]) -> None:
    """Refuse ``count`` things that do not fit, such as shots, naming the most that would.

    Raises
    ------
    MemoryError
        With what is needed, what there is, and the largest number that fits.
    """
    needed = bytes_for(count)
    if needed < NOT_WORTH_A_LOOK:
        return
    budget = int(available_bytes() * SHARE)
    if needed > budget:
        fits, too_many = 0, count
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            fits, too_many = (middle, too_many) if bytes_for(middle) <= budget else (fits, middle)
        raise MemoryError(
            f"{count} {what} needs {readable(needed)}, {readable(budget)} can be used; the largest that fits is "
            f"{fits} {what}"
        )
