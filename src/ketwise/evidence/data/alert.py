"""One remark about the data, with the code under which docs/verdict.md explains it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Alert:
    """One remark: a code, the columns it is about, what was seen and what was done or should be."""

    code: str
    title: str
    text: str
    columns: tuple[str, ...] = ()
    dropped: bool = False
