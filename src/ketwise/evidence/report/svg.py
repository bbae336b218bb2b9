"""What the report's pictures are made of: axes, frames, marks and texts as SVG, coloured by the page's style sheet."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from ketwise.evidence.wording import number, shortened, visible

#: Units across a picture; on a phone one unit is nearly one pixel, so that small text stays readable.
WIDTH = 360

#: Style of each side; whatever else there is stands beside the comparison, as an ablation.
_SHAPES = {"quantum": "quantum", "classical": "classical"}


def shape(side: str) -> str:
    """The style of a side: its colour and its mark."""
    return _SHAPES.get(side, "ablation")


@dataclass(frozen=True)
class Axis:
    """From values to pixels, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (math.log10(v) if self.logarithmic else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values inside the range."""
        if self.logarithmic:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            far = max(2, math.ceil((last - first) / most))
            for every, factors in ((1, (1, 2, 5)), (1, (1, 3)), (1, (1,)), (far, (1,))):
                found = [f * 10.0**power for power in range(first - first % every, last + 1, every) for f in factors]
                found = [value for value in found if self.low <= value * (1 + 1e-9) and value <= self.high * (1 + 1e-9)]
                if len(found) <= most:
                    break
            return found
        rough = (self.high - self.low) / most
        unit = 10 ** math.floor(math.log10(rough))
        step = unit * next(factor for factor in (1, 2, 5, 10) if factor * unit >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        return [round(index * step, 12) for index in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def digits(self, most: int = 6) -> int:
        """Decimals that tell the ticks apart."""
        ticks = self.ticks(most)
        step = ticks[1] - ticks[0] if len(ticks) > 1 else self.high - self.low
        return max(0, -math.floor(math.log10(step) + 1e-9))


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """A range a little wider than given, and never empty."""
    pad = share * (high - low) or 0.05 * abs(high) or 0.01
    return low - pad, high + pad


@dataclass(frozen=True)
class Plot:
    """Two axes and what is drawn between them."""

    across: Axis
    up: Axis

    def frame(
        self,
        across_label: str,
        up_label: str,
        across_text: Callable[[float], str] | None = None,
        up_text: Callable[[float], str] | None = None,
        across_ticks: Sequence[float] | None = None,
    ) -> list[str]:
        """Grid, ticks with numbers, the name of the upward axis above it and of the other one below."""
        left, right, floor, top = self.across.start, self.across.end, self.up.start, self.up.end
        parts = []
        for value in self.up.ticks(5):
            words = up_text(value) if up_text else number(value, self.up.digits(5))
            parts += [line(left, self.up(value), right, self.up(value), "grid")]
            parts += [text(left - 6, self.up(value) + 4, words, "tick", "end")]
        for value in self.across.ticks(5) if across_ticks is None else across_ticks:
            words = across_text(value) if across_text else number(value, self.across.digits(5))
            parts += [line(self.across(value), floor, self.across(value), floor + 4, "axis")]
            parts += [text(self.across(value), floor + 17, words, "tick", "middle")]
        parts.append(line(left, floor, right, floor, "axis"))
        parts.append(text(0, top - 12, shortened(visible(up_label), 52), "side", "start"))
        parts.append(text((left + right) / 2, floor + 36, shortened(visible(across_label), 48), "side", "middle"))
        return parts

    def at(self, xs: Iterable[float], ys: Iterable[float]) -> list[tuple[float, float]]:
        """Pixels of points."""
        return [(self.across(float(x)), self.up(float(y))) for x, y in zip(xs, ys, strict=True)]


def plot(
    across: tuple[float, float],
    up: tuple[float, float],
    *,
    height: float = 300,
    left: float = 42,
    right: float = 10,
    logarithmic: tuple[bool, bool] = (False, False),
) -> Plot:
    """A plot that fills the usual width; ``height`` includes the labels above and below."""
    return Plot(
        Axis(*across, left, WIDTH - right, logarithmic[0]),
        Axis(*up, height - 44, 24, logarithmic[1]),
    )


def picture(name: str, height: float, title: str, described: str, parts: Iterable[str], width: float = WIDTH) -> Markup:
    """The whole picture, with its title and what it shows in words for those who listen; ``name`` is an id."""
    return Markup(
        f'<svg class="picture" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(visible(title))}</title>'
        f'<desc id="{name}-desc">{escape(visible(described))}</desc>'
        f"{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, cls: str, anchor: str = "start") -> str:
    """Words from anywhere: what cannot be seen is replaced, what has a meaning in SVG is escaped."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{cls}" text-anchor="{anchor}">{escape(visible(words))}</text>'


def line(x1: float, y1: float, x2: float, y2: float, cls: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{cls}"/>'


def rect(x: float, y: float, width: float, height: float, cls: str, opacity: float | None = None) -> str:
    """A rectangle, perhaps see-through."""
    faint = "" if opacity is None else f' fill-opacity="{opacity:.2f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{cls}"{faint}/>'


def circle(x: float, y: float, radius: float, cls: str) -> str:
    """A disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{cls}"/>'


def marker(x: float, y: float, cls: str) -> str:
    """A disc for classical, a diamond for quantum, a hollow one for an ablation: told apart without colour."""
    if cls == "classical":
        return circle(x, y, 4.6, "marker classical")
    return (
        f'<path d="M{x:.1f} {y - 6.2:.1f}L{x + 6.2:.1f} {y:.1f}L{x:.1f} {y + 6.2:.1f}L{x - 6.2:.1f} {y:.1f}Z" '
        f'class="marker {cls}"/>'
    )


def path(points: Iterable[tuple[float, float]], cls: str) -> str:
    """A line through points."""
    steps = "L".join(f"{_short(x)} {_short(y)}" for x, y in points)
    return f'<path d="M{steps}" class="{cls}"/>'


def area(xs: Sequence[float], ys: Iterable[float], base: float, cls: str) -> str:
    """The area between a curve and a horizontal line."""
    steps = "L".join(f"{_short(x)} {_short(y)}" for x, y in zip(xs, ys, strict=True))
    return f'<path d="M{_short(xs[0])} {base:.1f}L{steps}L{_short(xs[-1])} {base:.1f}Z" class="{cls}"/>'


def band(points: Sequence[tuple[float, float]], back: Sequence[tuple[float, float]], cls: str) -> str:
    """The area between two curves."""
    steps = "L".join(f"{_short(x)} {_short(y)}" for x, y in [*points, *reversed(back)])
    return f'<path d="M{steps}Z" class="{cls}"/>'


def dots(points: Iterable[tuple[float, float]], cls: str) -> str:
    """Many small discs as one path: strokes of no length with round ends."""
    steps = "".join(f"M{_short(x)} {_short(y)}h0" for x, y in points)
    return f'<path d="{steps}" class="dots {cls}"/>'


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
