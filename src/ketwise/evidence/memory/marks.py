"""Marks that tell methods apart without colour: a shape each, full for quantum and hollow for classical methods."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

#: Corners of each shape, from the centre; a disc where there are none.
_DISC: tuple[tuple[float, float], ...] = ()


def _regular(
    corners: int, radius: float, turned: float = 0.0, inner: float | None = None
) -> tuple[tuple[float, float], ...]:
    """Corners of a regular polygon, or of a star."""
    count = corners if inner is None else 2 * corners
    places = []
    for k in range(count):
        angle = turned + 2 * math.pi * k / count - math.pi / 2
        r = radius if inner is None or k % 2 == 0 else inner
        places.append((r * math.cos(angle), r * math.sin(angle)))
    return tuple(places)


_BAR = 1.7
_CROSS = tuple(
    (x, y)
    for x, y in [
        (-_BAR, -5), (_BAR, -5), (_BAR, -_BAR), (5, -_BAR), (5, _BAR), (_BAR, _BAR),
        (_BAR, 5), (-_BAR, 5), (-_BAR, _BAR), (-5, _BAR), (-5, -_BAR), (-_BAR, -_BAR),
    ]
)  # fmt: skip
_SHAPES = {
    "quantum": (
        _regular(4, 5.6),
        _regular(3, 5.8),
        _regular(4, 5.6, math.pi / 4),
        _CROSS,
        _regular(5, 6.4, inner=2.7),
        _regular(3, 5.8, math.pi),
        _regular(6, 5.2),
    ),
    "classical": (
        _DISC,
        _regular(4, 5.4, math.pi / 4),
        _regular(3, 5.6),
        _regular(4, 5.4),
        _regular(6, 5.2),
        _regular(3, 5.6, math.pi),
        _regular(5, 6.2, inner=2.7),
    ),
}


def mark(x: float, y: float, side: str, which: int) -> str:
    """The shape of one method at a place; ``which`` counts the methods of its side.

    Examples
    --------
    >>> mark(10, 10, "classical", 0)
    '<circle cx="10.0" cy="10.0" r="4.2" class="mark classical"/>'
    """
    shapes = _SHAPES["quantum" if side == "quantum" else "classical"]
    corners = shapes[which % len(shapes)]
    if not corners:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.2" class="mark {side}"/>'
    steps = "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners)
    return f'<path d="M{steps}Z" class="mark {side}"/>'


def sign(side: str, which: int) -> Markup:
    """The same on a piece of its line, for a key."""
    return Markup(
        f'<svg class="sign wide" viewBox="0 0 30 14" aria-hidden="true"><path d="M0 7H30" class="series {side}"/>'
        f"{mark(15, 7, side, which)}</svg>"
    )


def numbered(sides: Sequence[str]) -> list[int]:
    """Which shape of its side each method has, in their order.

    Examples
    --------
    >>> numbered(["quantum", "classical", "quantum"])
    [0, 0, 1]
    """
    seen: dict[str, int] = {}
    found = []
    for side in sides:
        found.append(seen.get(side, 0))
        seen[side] = found[-1] + 1
    return found
