"""A file that keeps every finished piece of a long run, so that one that was killed goes on where it was."""

import contextlib
import errno
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ketwise.words.result import plain, rich

_FORMAT = "ketwise ledger 1"
_BEGINNING = b'{"format":"ketwise ledger '


class LedgerInUseError(ValueError):
    """Another run writes to the ledger."""


class Ledger:
    """Finished pieces by key, one line of JSON each, synced to disk as they come; locked while it is open.

    A ledger of the same question is gone on from: the same numbers come out.

    Parameters
    ----------
    path : str or path
    question : dict
        Everything the pieces depend on.
    resume : bool
        Refuse where there is nothing to go on from; else anything but a ledger of this question is begun anew. One
        that was killed before its first line was whole holds nothing, and is begun anew too.

    Attributes
    ----------
    found : dict
        Pieces by key that the file held already.

    Raises
    ------
    OSError
        If the file cannot be written, or ``resume`` is set and there is none.
    LedgerInUseError
        If another run has it open.
    ValueError
        With ``resume``, if the file is no ledger, or answers another question, with what differs.
    """

    def __init__(self, path: str | os.PathLike[str], question: Mapping[str, Any], resume: bool) -> None:
        self.path = Path(path)
        self.found: dict[str, Any] = {}
        header = {"format": _FORMAT, "question": plain(question, "question")}
        if resume and not self.path.exists():
            raise FileNotFoundError(f"there is no {self.path} to resume from: run without --resume")
        self._file = open(self.path, "a+b")  # noqa: SIM115  (kept open for the run)
        try:
            _lock(self._file, self.path)
            self._file.seek(0)
            end = self._read(self._file.read(), header["question"], resume)
            self._file.truncate(end)  # also a line that was being written when the run was killed
        except BaseException:
            self._file.close()
            raise
        if not end:
            try:
                self._write(header)
            except OSError:
                self.remove()
                raise

    def add(self, key: str, value: Any) -> None:
        """Keep a finished piece: plain values and arrays."""
        self._write({"key": key, "value": plain(value, key)})

    def close(self) -> None:
        """Leave the file for a later run."""
        self._file.close()

    def remove(self) -> None:
        """Delete the file: everything it held has been written elsewhere."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write((json.dumps(line, allow_nan=False, separators=(",", ":")) + "\n").encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, content: bytes, question: Mapping[str, Any], resume: bool) -> int:
        """Fill ``found``; returns the length of the lines to keep, 0 to begin anew."""
        end = content.find(b"\n") + 1
        if not end and _BEGINNING.startswith(content[: len(_BEGINNING)]):
            return 0
        kept = _question(content[:end])
        if kept != question:
            if not resume:
                return 0
            if kept is None:
                raise ValueError(f"{self.path} is no ledger of a verdict: name another file, or delete it")
            raise ValueError(
                f"{self.path} keeps another run ({_differences(kept, question)}): repeat that call, name another "
                "file, or delete it to begin anew"
            )
        for line in content[end:].splitlines(keepends=True):
            try:
                piece = json.loads(line)
                key, value = piece["key"], rich(piece["value"])
            except (ValueError, KeyError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            self.found[key] = value
            end += len(line)
        return end


def kept_seed(path: str | os.PathLike[str]) -> int | None:
    """The seed of the run that a ledger keeps; None where there is no ledger."""
    try:
        with open(path, "rb") as file:
            seed = (_question(file.readline()) or {}).get("seed")
    except OSError:
        return None
    return seed if isinstance(seed, int) else None


def _question(line: bytes) -> dict[str, Any] | None:
    """What the first line of a ledger says it is about."""
    try:
        header = json.loads(line)
        question = header["question"] if header["format"] == _FORMAT else None
    except (ValueError, KeyError, TypeError):
        return None
    return question if isinstance(question, dict) else None


def _lock(file: IO[bytes], path: Path) -> None:
    """Until the file is closed. Windows and some network file systems lack such locks: there it goes without."""
    if sys.platform == "win32":
        return
    import fcntl

    with contextlib.suppress(OSError):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise LedgerInUseError(
                f"another run is writing to {path}: wait until it has ended, or give this one a place of its own"
            ) from None


def _differences(old: Any, new: Any, where: str = "") -> str:
    """What differs, in words: at most three items."""
    if isinstance(old, dict) and isinstance(new, dict):
        parts = [
            _differences(old.get(key), new.get(key), f"{where} {key}".strip())
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
        return "; ".join(parts[:3])
    return f"{where} was {str(old)[:60]}, now {str(new)[:60]}"
