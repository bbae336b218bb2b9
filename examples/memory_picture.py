"""What the memory examples share: tables in Markdown, means with their errors, and grids of small pictures as one SVG.

The SVG stands by itself: pixels are PNGs inside it, colours suit light and dark pages, and nothing is loaded.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from textwrap import wrap

import numpy as np

from ketwise.evidence.report.png import image, tinted

#: Ink that is right or given, ink that is wrong, unknown.
COLOURS = np.array([[59, 130, 246], [220, 38, 38], [148, 163, 184]])
INK, WRONG, UNKNOWN = range(3)

STYLE = """
text{font:12px system-ui,sans-serif;fill:#111827}.head{font-weight:600}.side{text-anchor:end}.middle{text-anchor:middle}
.note{font-size:10px;fill:#4b5563}.wrong{fill:#b91c1c}.back{fill:#fff}.frame{fill:none;stroke:#9ca3af;stroke-width:.75}
.pixels{image-rendering:pixelated}
@media (prefers-color-scheme:dark){text{fill:#f9fafb}.note{fill:#9ca3af}.wrong{fill:#f87171}.back{fill:#111827}}
"""

#: A cell of a grid: what is drawn in it, what is said below it, and whether that is a fault.
Cell = tuple[str, str, bool]


def share(values: Iterable[float], digits: int = 3) -> str:
    """Return the mean and its standard error, or a dash for no values."""
    found = np.asarray(list(values), dtype=float)
    if not len(found):
        return "–"
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else np.nan
    return f"{found.mean():.{digits}f} ± {error:.{digits}f}"


def over_splits(values: Iterable[float], n_test: int, n_stored: int, digits: int = 3) -> str:
    """Return the mean over random splits and its error, corrected for rows they share (Nadeau, Bengio, 2003)."""
    found = np.asarray(list(values), dtype=float)
    if len(found) < 2:
        return f"{found.mean():.{digits}f}"
    error = np.sqrt((1 / len(found) + n_test / n_stored) * found.var(ddof=1))
    return f"{found.mean():.{digits}f} ± {error:.{digits}f}"


def large(number: float) -> str:
    """Return a number of any size in a few characters."""
    if not np.isfinite(number):
        return "never"
    return f"{number:,.0f}" if number < 1e7 else f"{number:.1e}".replace("e+", "e")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, its columns padded; the first one is on the left, numbers on the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[j]) for line in lines)) for j in range(len(head))]
    padded = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines]
    rule = ["-" * width if j == 0 else "-" * (width - 1) + ":" for j, width in enumerate(widths)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def pixels(bits: np.ndarray, truth: np.ndarray, shape: tuple[int, int], size: float) -> str:
    """Return a pattern as an image: ink where a bit is 1, red where it is wrong, faint red where ink is missing.

    Parameters
    ----------
    bits : (n_bits,) array
        NaN where unknown.
    truth : (n_bits,) array
        The bits themselves where nothing is to be marked.
    shape : (height, width)
    size : float
        Of the square it fills.
    """
    unknown = np.isnan(bits)
    wrong = ~unknown & (bits != truth)
    which = np.where(unknown, UNKNOWN, np.where(wrong, WRONG, INK))
    strength = np.where(unknown, 0.35, np.where(bits == 1, 1.0, np.where(wrong, 0.3, 0.0)))
    drawn = image(tinted(COLOURS, strength.reshape(shape), which.reshape(shape)), 0, 0, size, size)
    return f'{drawn}<rect class="frame" width="{size:g}" height="{size:g}"/>'


def grid(
    title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]], size: tuple[float, float]
) -> tuple[str, float, float]:
    """Return named rows of cells of one size below a title as SVG elements, with their width and height."""
    side = 12 + 7 * max(len(name) for name, _ in rows)
    wide, high = size[0] + 10, size[1] + 22
    parts = [f'<text class="head" x="{side}" y="14">{escape(title)}</text>']
    for j, name in enumerate(columns):
        parts.append(f'<text class="middle" x="{side + j * wide + size[0] / 2:g}" y="34">{escape(name)}</text>')
    for i, (name, cells) in enumerate(rows):
        y = 42 + i * high
        parts.append(f'<text class="side" x="{side - 8}" y="{y + size[1] / 2 + 4:g}">{escape(name)}</text>')
        for j, (drawn, note, fault) in enumerate(cells):
            kind = "note middle wrong" if fault else "note middle"
            parts.append(
                f'<g transform="translate({side + j * wide:g} {y:g})">{drawn}'
                f'<text class="{kind}" x="{size[0] / 2:g}" y="{size[1] + 12:g}">{escape(note)}</text></g>'
            )
    return "".join(parts), side + len(columns) * wide, 42 + len(rows) * high


def page(grids: Sequence[tuple[str, float, float]], label: str, legend: str) -> str:
    """Return grids side by side as one SVG, with a legend below them."""
    width = sum(wide + 20 for _, wide, _ in grids)
    lines = wrap(legend, int(width / 5.5))
    bottom = max(high for _, _, high in grids) + 28
    height = bottom + 14 * len(lines)
    parts, x = [], 10.0
    for drawn, wide, _ in grids:
        parts.append(f'<g transform="translate({x:g} 10)">{drawn}</g>')
        x += wide + 20
    for k, line in enumerate(lines):
        parts.append(f'<text class="note" x="20" y="{bottom + 14 * k:g}">{escape(line)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"><style>{STYLE}</style>'
        f'<rect class="back" width="100%" height="100%" rx="6"/>{"".join(parts)}</svg>'
    )


def save(path: str | Path, svg: str, say: Callable[[str], None] = print) -> None:
    """Write the picture and say where it lies."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(svg, encoding="utf-8")
    say(f"\npicture: {path}")
