"""Cost against subscribers, as a small SVG: one line a series, logarithmic to the right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 220, 30, 50
COLORS = ("#1b6ca8", "#c8553d", "#588157", "#6d597a", "#b08900", "#4a4e69", "#2a9d8f")
Point = tuple[float, float]


def scale_x(value: float, low: float, high: float) -> float:
    """Logarithmic."""
    ratio = 0.5 if high <= low else math.log(value / low) / math.log(high / low)
    return LEFT + ratio * (WIDTH - LEFT - RIGHT)


def scale_y(value: float, high: float) -> float:
    """Linear from 0."""
    return HEIGHT - BOTTOM - value / high * (HEIGHT - TOP - BOTTOM)


def text(x: float, y: float, content: str, anchor: str = "middle") -> str:
    """One label."""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(content)}</text>'


def axis(xs: Sequence[float], high: float) -> list[str]:
    """Grid and labels."""
    parts = []
    step = 10 ** math.floor(math.log10(high / 2))
    while high / step > 6:
        step *= 2
    value = 0.0
    while value <= high:
        y = scale_y(value, high)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, f"{value:g}", "end"))
        value += step
    parts += [text(scale_x(x, xs[0], xs[-1]), HEIGHT - BOTTOM + 20, f"{x:g}") for x in xs]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "subscribers"))
    return parts


def cost_plot(title: str, series: Mapping[str, Sequence[Point]]) -> str:
    """`series`: points (subscribers, microseconds of CPU for a forwarded packet) by name. Not empty."""
    xs = sorted({x for points in series.values() for x, _ in points})
    high = max(y for points in series.values() for _, y in points) * 1.1
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, TOP - 12, f"{title}: CPU microseconds for a forwarded packet", "start"),
        *axis(xs, high),
    ]
    for number, (name, points) in enumerate(series.items()):
        color = COLORS[number % len(COLORS)]
        places = [(scale_x(x, xs[0], xs[-1]), scale_y(y, high)) for x, y in sorted(points)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places]
        y = TOP + 20 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 15}" y="{y}" width="12" height="12" fill="{color}"/>')
        parts.append(text(WIDTH - RIGHT + 33, y + 11, name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"
