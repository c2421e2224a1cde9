"""Icons of the rich menu, drawn by us from simple shapes on a square of 0–100; the registry is a literal dict."""

from collections.abc import Callable

from PIL import Image, ImageDraw

_FINE = 4  # drawn so many times larger and then reduced, which smooths the edges
_WIDTH = 7


class Pencil:
    """Draws in units of a hundredth of the square."""

    def __init__(self, size: int, ink: str, paper: str) -> None:
        self.unit, self.ink, self.paper = size * _FINE / 100, ink, paper
        self.image = Image.new("RGB", (size * _FINE, size * _FINE), paper)
        self._draw = ImageDraw.Draw(self.image)

    def _scaled(self, *numbers: float) -> list[float]:
        return [number * self.unit for number in numbers]

    def box(self, left: float, top: float, right: float, bottom: float, *, filled: bool = False, round_: float = 6) -> None:
        """Draw a box with round corners."""
        fill = self.ink if filled else None
        self._draw.rounded_rectangle(
            self._scaled(left, top, right, bottom), round_ * self.unit, fill, self.ink, round(_WIDTH * self.unit)
        )

    def line(self, *points: float) -> None:
        """Draw a line through points x, y, x, y …, its ends round."""
        width = round(_WIDTH * self.unit)
        self._draw.line(self._scaled(*points), self.ink, width, joint="curve")
        for x, y in (points[:2], points[-2:]):
            self.dot(x, y, _WIDTH / 2)

    def dot(self, x: float, y: float, radius: float, *, erased: bool = False) -> None:
        """Draw a full circle."""
        self._draw.ellipse(self._scaled(x - radius, y - radius, x + radius, y + radius), self.paper if erased else self.ink)

    def ring(self, x: float, y: float, width: float, height: float) -> None:
        """Draw an ellipse's outline."""
        corners = self._scaled(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        self._draw.ellipse(corners, None, self.ink, round(_WIDTH * self.unit))

    def arc(self, x: float, y: float, radius: float, start: float, end: float) -> None:
        """Draw a part of a circle, from and to an angle in degrees, clockwise from three o'clock."""
        corners = self._scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.arc(corners, start, end, self.ink, round(_WIDTH * self.unit))


def _calendar(pencil: Pencil) -> None:
    pencil.box(14, 22, 86, 86)
    pencil.line(14, 42, 86, 42)
    pencil.line(34, 12, 34, 28)
    pencil.line(66, 12, 66, 28)
    pencil.box(54, 54, 74, 74, filled=True, round_=3)


def _bin(pencil: Pencil) -> None:
    pencil.line(16, 28, 84, 28)
    pencil.line(40, 16, 60, 16)
    pencil.line(24, 30, 30, 86, 70, 86, 76, 30)
    pencil.line(42, 44, 44, 72)
    pencil.line(58, 44, 56, 72)


def _bell(pencil: Pencil) -> None:
    pencil.arc(50, 44, 26, 180, 360)
    pencil.line(27, 44, 27, 62, 16, 76, 84, 76, 73, 62, 73, 44)
    pencil.dot(50, 15, 6)
    pencil.dot(50, 87, 7)


def _paper(pencil: Pencil) -> None:
    pencil.box(22, 10, 78, 90)
    for height in (32, 50):
        pencil.line(36, height, 64, height)
    pencil.line(36, 68, 52, 68)


def _person(pencil: Pencil) -> None:
    pencil.ring(50, 30, 38, 38)
    pencil.arc(50, 90, 36, 180, 360)
    pencil.line(16, 88, 84, 88)


def _question(pencil: Pencil) -> None:
    pencil.ring(50, 50, 84, 84)
    pencil.arc(50, 40, 16, 180, 400)
    pencil.line(59, 49, 50, 56, 50, 62)
    pencil.dot(50, 74, 5.5)


def _globe(pencil: Pencil) -> None:
    pencil.ring(50, 50, 84, 84)
    pencil.ring(50, 50, 40, 84)
    pencil.line(10, 50, 90, 50)


ICONS: dict[str, Callable[[Pencil], None]] = {
    "calendar": _calendar, "bin": _bin, "bell": _bell, "paper": _paper, "person": _person, "question": _question,
    "globe": _globe,
}  # fmt: skip


def icon(name: str, size: int, ink: str, paper: str) -> Image.Image:
    """Return an icon as a picture of `size` pixels. Raises KeyError for one that nobody drew."""
    pencil = Pencil(size, ink, paper)
    ICONS[name](pencil)
    return pencil.image.resize((size, size), Image.Resampling.LANCZOS)
