"""Draws figures of the evaluation as SVG, readable on light and dark pages; no drawing library is needed."""

from collections.abc import Sequence
from html import escape

Point = tuple[float, float]
_SIZE, _LEFT, _TOP, _FOOT = 300, 52, 34, 46
_STYLE = (
    "text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:14px}.grid{stroke:#8884}.axis{stroke:#888}"
    ".ideal{stroke:#888;stroke-dasharray:4 4}.line{fill:none;stroke:#0a58ca;stroke-width:2}.dot{fill:#0a58ca}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.line{stroke:#7ab0ff}.dot{fill:#7ab0ff}}"
)


def reliability_svg(title: str, groups: Sequence[tuple[float, float, int]]) -> str:
    """Return a reliability diagram: (probability, share right, questions) of each group; on the diagonal it is honest."""
    most = max((count for _, _, count in groups), default=1)
    dots = "".join(
        f'<circle class="dot" cx="{_x(chance):.1f}" cy="{_y(right):.1f}" r="{3 + 7 * (count / most) ** 0.5:.1f}">'
        f"<title>{count} questions: {chance:.2f} said, {right:.2f} right</title></circle>"
        for chance, right, count in groups
    )
    ideal = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    return _figure(title, "probability shown", "share of right answers", ideal + _line([(c, r) for c, r, _ in groups]) + dots)


def coverage_svg(title: str, points: Sequence[Point], wanted: float) -> str:
    """Return the curve of (coverage, precision) of given answers, with a line at the precision wanted."""
    mark = f'<line class="ideal" x1="{_x(0)}" y1="{_y(wanted):.1f}" x2="{_x(1)}" y2="{_y(wanted):.1f}"/>'
    return _figure(title, "share of questions in scope that get an answer", "precision of answers", mark + _line(points))


def _figure(title: str, below: str, beside: str, drawing: str) -> str:
    width, height = _LEFT + _SIZE + 20, _TOP + _SIZE + _FOOT
    middle = _TOP + _SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
        f'<text class="title" x="{_LEFT}" y="20">{escape(title)}</text>{_axes()}{drawing}'
        f'<text x="{_LEFT + _SIZE / 2}" y="{height - 8}" text-anchor="middle">{escape(below)}</text>'
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(beside)}</text></svg>\n'
    )


def _axes() -> str:
    parts = []
    for step in range(6):
        value = step / 5
        parts.append(f'<line class="grid" x1="{_x(value)}" y1="{_y(0)}" x2="{_x(value)}" y2="{_y(1)}"/>')
        parts.append(f'<line class="grid" x1="{_x(0)}" y1="{_y(value)}" x2="{_x(1)}" y2="{_y(value)}"/>')
        parts.append(f'<text x="{_x(value)}" y="{_y(0) + 16}" text-anchor="middle">{value:.1f}</text>')
        parts.append(f'<text x="{_LEFT - 6}" y="{_y(value) + 4}" text-anchor="end">{value:.1f}</text>')
    return "".join(parts)


def _line(points: Sequence[Point]) -> str:
    return f'<polyline class="line" points="{" ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)}"/>'


def _x(value: float) -> float:
    return round(_LEFT + value * _SIZE, 1)


def _y(value: float) -> float:
    return round(_TOP + (1 - value) * _SIZE, 1)
