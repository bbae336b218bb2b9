"""A file that keeps every finished piece of a long run, so that one that was killed goes on where it was."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ketwise.words.result import plain, rich

_FORMAT = "ketwise ledger 1"


class Ledger:
    """Finished pieces by key, one line of JSON each, synced to disk as they come.

    Parameters
    ----------
    path : str or path
    question : dict
        Everything the pieces depend on. A ledger that answers another question is refused.
    resume : bool
        Go on with what the file holds; else begin anew.

    Raises
    ------
    OSError
        If the file cannot be written, or ``resume`` is set and there is none.
    ValueError
        If the file is no ledger, or answers another question, with what differs.
    """

    def __init__(self, path: str | os.PathLike[str], question: Mapping[str, Any], resume: bool) -> None:
        self.path = Path(path)
        self.found: dict[str, Any] = {}
        header = {"format": _FORMAT, "question": plain(question, "question")}
        if resume:
            end = self._read(header["question"])
            os.truncate(self.path, end)  # a line that was being written when the run was killed
        self._file = open(self.path, "ab" if resume else "wb")  # noqa: SIM115  (kept open for the run)
        if not resume:
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

    def _read(self, question: Mapping[str, Any]) -> int:
        """Fill ``found``; returns the length of the whole lines."""
        if not self.path.exists():
            raise FileNotFoundError(f"there is no {self.path} to resume from: run without --resume")
        content = self.path.read_bytes()
        end = content.rfind(b"\n") + 1
        lines = content[:end].splitlines()
        try:
            header = json.loads(lines[0])
            if header["format"] != _FORMAT:
                raise ValueError
            pieces = [json.loads(line) for line in lines[1:]]
            self.found = {piece["key"]: rich(piece["value"]) for piece in pieces}
        except (ValueError, KeyError, TypeError, IndexError):
            raise ValueError(f"{self.path} is no ledger of a verdict: delete it, or run without --resume") from None
        if header["question"] != question:
            raise ValueError(
                f"{self.path} keeps another run ({_differences(header['question'], question)}): repeat that call, or "
                "run without --resume"
            )
        return end


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
