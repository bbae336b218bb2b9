"""How names from the data, of columns, classes and files, are written in a sentence: short and quoted."""

import difflib
from collections.abc import Sequence

MOST_SIGNS = 60


def storable(name: object) -> str:
    """A name that files can hold: half a surrogate pair, which only Python's own strings can, is replaced.

    Examples
    --------
    >>> storable(7), storable("a\\ud800")
    ('7', 'a\ufffd')
    """
    return "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in str(name))


def short(name: object) -> str:
    """A name cut to a length that fits into a sentence.

    Examples
    --------
    >>> short("mass"), len(short("x" * 1000))
    ('mass', 60)
    """
    text = str(name)
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…"


def quoted(name: object) -> str:
    """A name in quotes, cut to a length, with signs that cannot be printed escaped.

    Examples
    --------
    >>> quoted("mass"), quoted("a\\x00b")
    ("'mass'", "'a\\\\x00b'")
    """
    return repr(short(name))


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first names, quoted, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    shown = ", ".join(quoted(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def suggestion(given: str, names: Sequence[str]) -> str:
    """What may have been meant by a name that is not there, or what is there.

    Examples
    --------
    >>> suggestion("Target", ["target", "mass"])
    "did you mean 'target'?"
    """
    folded = {name.casefold()[:200]: name for name in reversed(names[:2000])}
    near = difflib.get_close_matches(given.strip().casefold()[:200], folded, 3, 0.6)
    if near:
        return f"did you mean {' or '.join(quoted(folded[name]) for name in near)}?"
    return f"it has the columns {listed(names)}"


def plural(count: int, noun: str) -> str:
    """A number and its noun.

    Examples
    --------
    >>> plural(1, "row"), plural(12, "row")
    ('1 row', '12 rows')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
