"""Writing files so that nothing half-written is ever seen: temporary name in the same folder, synced, renamed."""

import contextlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path


def writable_path(path: str | os.PathLike[str]) -> Path:
    """Check, before any long work, that a file can be written at ``path``; returns the path with links resolved.

    Raises
    ------
    OSError
        One sentence: the folder does not exist, the name is a folder or a device, or writing there is not permitted.

    Examples
    --------
    >>> writable_path("none/report.html")
    Traceback (most recent call last):
    FileNotFoundError: cannot write none/report.html: the folder none does not exist; create it first
    """
    target = Path(path)
    folder = target.parent
    if not target.name or "\0" in str(target):
        raise IsADirectoryError(f"cannot write {str(path)!r}: give the name of a file")
    if not folder.exists():
        raise FileNotFoundError(f"cannot write {target}: the folder {folder} does not exist; create it first")
    if not folder.is_dir():
        raise NotADirectoryError(f"cannot write {target}: {folder} is not a folder; choose another place")
    if target.is_dir():
        raise IsADirectoryError(
            f"cannot write {target}: it is a folder; add a file name, such as {target / 'report.html'}"
        )
    resolved = target.resolve()
    if resolved.exists() and not resolved.is_file():
        raise OSError(f"cannot write {target}: it is a device or a pipe, not a file; choose another name")
    if not os.access(resolved.parent, os.W_OK | os.X_OK) or (resolved.exists() and not os.access(resolved, os.W_OK)):
        raise PermissionError(f"cannot write {target}: no permission to write there; choose another place")
    return resolved


def write_files(contents: Mapping[str | os.PathLike[str], str | bytes]) -> list[Path]:
    """Write several files, all or none as far as a file system can: every one is complete before the first is renamed.

    Parameters
    ----------
    contents : dict of path -> str (written as UTF-8) or bytes

    Returns
    -------
    list of Path
        The files written, in the order given.

    Raises
    ------
    OSError
        As :func:`writable_path`, or what the system says (a full disk). Files that were there before are then unchanged
        and no temporary file is left.
    """
    targets = [writable_path(path) for path in contents]
    if len(set(targets)) != len(targets):
        raise ValueError(f"two contents for one file: {[str(path) for path in contents]}; give each its own name")
    temporary: list[Path] = []
    try:
        for target, content in zip(targets, contents.values(), strict=True):
            temporary.append(target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp"))
            _write_synced(temporary[-1], content.encode("utf-8") if isinstance(content, str) else content)
            if target.exists():
                os.chmod(temporary[-1], stat.S_IMODE(target.stat().st_mode))
        for source, target in zip(temporary, targets, strict=True):
            os.replace(source, target)
    finally:
        for source in temporary:
            source.unlink(missing_ok=True)
    for folder in {target.parent for target in targets}:
        _sync_folder(folder)
    return targets


def write_file(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write one file as :func:`write_files` does."""
    return write_files({path: content})[0]


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # The renames are done; where a folder cannot be opened or synced (some network file systems) they merely become
    # durable a little later.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
