"""Curves of two runs over each other, as SVG."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from lib_train.smoothing import Smoothed
from lib_train.texts import say

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 1100, 240, 60, 12, 28
_CURVES = {"loss": say("loss"), "val_on": say("held-out pictures")}
_COLOURS, _DASHES = ("--a", "--b"), {"loss": "", "val_on": ' stroke-dasharray="6 4"'}
Points = Sequence[tuple[int, float]]


def curves_svg(series: Mapping[str, Sequence[Points]], words: Callable[[str], str]) -> str:
    """The smoothed loss and the losses of held-out pictures; empty where there is no run.

    Args:
        series: of both runs by name.
        words: a sentence in the language of the page.
    """
    drawn = [
        (name, side, smoothed(points) if name == "loss" else list(points))
        for name in _CURVES
        for side, points in enumerate(series.get(name, ()))
        if points
    ]
    if not drawn:
        return ""
    values = [value for _, _, points in drawn for _, value in points]
    last = max(points[-1][0] for _, _, points in drawn)
    low, high = min(values), max(values)
    high = high if high > low else low + 1.0

    def at(step: int, value: float) -> str:
        x = _LEFT + (_WIDTH - _LEFT) * step / max(1, last)
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        f'<polyline fill="none" stroke="var({_COLOURS[side]})" stroke-width="2"{_DASHES[name]} '
        f'points="{" ".join(at(*point) for point in points)}"/>'
        for name, side, points in drawn
    )
    ticks = "".join(_tick(value, float(at(0, value).partition(",")[2])) for value in (low, (low + high) / 2, high))
    end = f'<text x="{_WIDTH}" y="{_HEIGHT - 6}" text-anchor="end" fill="var(--faint)" font-size="12">{last}</text>'
    label = escape(words(say("curves of both runs by step")))
    told = " · ".join(escape(words(_CURVES[name])) for name in dict.fromkeys(name for name, _, _ in drawn))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{ticks}{lines}{end}</svg>'
        f'<p class="faint">{told}</p>'
    )


def smoothed(points: Points) -> list[tuple[int, float]]:
    """A curve as the chart's thick line shows it."""
    smooth = Smoothed()
    return [(step, smooth.add(value)) for step, value in points]


def _tick(value: float, y: float) -> str:
    line = f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>'
    return f'{line}<text x="0" y="{y + 4:.1f}" fill="var(--faint)" font-size="12">{value:.4g}</text>'
