"""Which files a command reads and which it writes: never the same one twice."""

import os
from collections.abc import Mapping


def check_places(
    inputs: Mapping[str, str | os.PathLike[str] | None], outputs: Mapping[str, str | os.PathLike[str]]
) -> None:
    """Refuse to write over what is read, or to write two things to one place; links are followed.

    Parameters
    ----------
    inputs, outputs : dict of str -> path
        By the word that names them; None is left out.

    Raises
    ------
    ValueError
        With the two words and the path.

    Examples
    --------
    >>> check_places({"DATA": "a.csv"}, {"--table": "./a.csv"})
    Traceback (most recent call last):
    ValueError: --table would overwrite DATA, a.csv: give it another name
    """
    taken = {name: os.fspath(path) for name, path in inputs.items() if path is not None}
    for name, place in outputs.items():
        path = os.fspath(place)
        for other, earlier in taken.items():
            if _same(earlier, path):
                raise ValueError(f"{name} would overwrite {other}, {earlier}: give it another name")
        taken[name] = path


def _same(one: str, other: str) -> bool:
    try:
        if os.path.samefile(one, other):  # links, and names that differ where case does not count
            return True
    except (OSError, ValueError):  # at most one exists
        pass
    return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))
