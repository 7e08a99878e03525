"""One picture that shows many: checkpoints down, seeds and weights across, labelled."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from lib_train.errors import FileError, reason
from lib_train.files import written
from lib_train.texts import say

_FONTS = (
    "NotoSansCJK-Regular.ttc", "msgothic.ttc", "msyh.ttc", "Hiragino Sans GB.ttc", "DejaVuSans.ttf", "arial.ttf",
)  # fmt: skip
"""Fonts that systems have, those with Chinese and Japanese letters first."""
_MOST_PIXELS, _LONGEST = 64_000_000, 16_000  # of a sheet; Pillow warns of larger ones, browsers show none
_LINES = 3  # of a label above a picture
_GAP, _PAPER, _INK, _FAINT = 6, (255, 255, 255), (30, 30, 30), (110, 110, 110)


def cell_size(size: tuple[int, int], across: int, down: int) -> tuple[int, int]:
    """How large each of so many pictures may be on a sheet that viewers can open; never larger than it is."""
    area = size[0] * across * size[1] * down
    share = min(1.0, (_MOST_PIXELS / area) ** 0.5, _LONGEST / (size[0] * across), _LONGEST / (size[1] * down))
    return max(1, int(size[0] * share)), max(1, int(size[1] * share))


def grid(
    rows: Sequence[Sequence[Image.Image]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    title: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> Image.Image:
    """Pictures of one size in rows, with labels at the left and the top.

    Args:
        rows: at least one row of at least one picture.
        row_labels: each may have several lines; those behind an empty one are faint.
        column_labels: words that do not fit above a picture begin another line, of three at most.
        title: lines of small text above all, such as prompt and seed.
        groups: headings above the columns, each over as many.
    """
    width, height = rows[0][0].size
    size = max(13, min(width // 9, 28))
    font, small = _font(size), _font(max(11, size * 3 // 4))
    row_labels, column_labels, groups = (
        [_writable(font, label) for label in labels] for labels in (row_labels, column_labels, groups)
    )
    left = max(_wide(font, part) for label in row_labels for part in label.split("\n")) + 2 * _GAP
    line = size + _GAP
    columns = [_broken(font, label, width) for label in column_labels]
    deep = max(map(len, columns), default=1)
    top = len(title) * line + bool(groups) * line + deep * line + 2 * _GAP
    across, down = width + _GAP, height + _GAP
    sheet = Image.new("RGB", (left + across * len(rows[0]), top + down * len(rows)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, text in enumerate(title):
        cut = _cut(small, _writable(small, text), sheet.width - 2 * _GAP)
        draw.text((_GAP, _GAP + place * line), cut, font=small, fill=_FAINT)
    for labels, bottom in (([[label] for label in groups], top - deep * line), (columns, top)):
        for place, lines in enumerate(labels):
            span = across * len(rows[0]) // len(labels)
            for up, label in enumerate(reversed(lines), 1):
                middle = left + place * span + (span - _GAP - _wide(font, label)) // 2
                draw.text((middle, bottom - up * line - _GAP // 2), label, font=font, fill=_INK)
    for place, (row, label) in enumerate(zip(rows, row_labels, strict=True)):
        strong, _, faint = label.partition("\n\n")
        parts = [(part, _INK) for part in strong.split("\n")] + [(part, _FAINT) for part in faint.split("\n") if part]
        first = top + place * down + height // 2 - size // 2 - (len(parts) - 1) * line // 2
        for under, (part, ink) in enumerate(parts):
            draw.text((_GAP, first + under * line), part, font=font, fill=ink)
        for column, picture in enumerate(row):
            sheet.paste(picture, (left + column * across, top + place * down))
    return sheet


def save_png(picture: Image.Image, text: Mapping[str, str], path: Path) -> None:
    """Write a PNG that keeps its text, in any script. Others see it whole or not at all.

    Raises:
        FileError: the disk is full or cannot be written to.
    """
    info = PngImagePlugin.PngInfo()
    for key, value in text.items():
        info.add_itxt(key, value)
    try:
        with written(path) as partial:
            picture.save(partial, "PNG", pnginfo=info)
    except OSError as error:
        raise FileError(
            say(
                "{path}: the picture cannot be written ({why}); make room or check permissions",
                path=path,
                why=reason(error),
            )
        ) from error


def text_of(path: Path) -> str:
    """The infotext of a PNG that ``save_png`` wrote; empty when it has none.

    Raises:
        FileError: the picture is damaged.
    """
    try:
        with PngImagePlugin.PngImageFile(path) as picture:  # ``Image.open`` warns of large ones
            return str(picture.info.get("parameters", ""))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FileError(
            say("{name}: cannot be read ({why}); make the preview again", name=path.name, why=reason(error))
        ) from error


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default()


def _writable(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str) -> str:
    """Pillow's own font has Latin letters alone."""
    return text.encode("latin-1", "replace").decode("latin-1") if isinstance(font, ImageFont.ImageFont) else text


def _wide(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str) -> int:
    return int(font.getlength(text))


def _broken(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str, width: int) -> list[str]:
    """Lines that fit into a width, the last one cut where they would be more than three."""
    lines: list[str] = []
    while text and len(lines) < _LINES - 1 and _wide(font, text) > width:
        fits = _cut(font, text, width) or text[:1]
        at = fits.rfind(" ") if text[len(fits) : len(fits) + 1] not in ("", " ") else len(fits)
        head = fits[:at] if at > 0 else fits
        lines.append(head.rstrip())
        text = text[len(head) :].lstrip()
    return [*lines, _cut(font, text, width) if lines else text]


def _cut(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str, width: int) -> str:
    while text and _wide(font, text) > width:
        text = text[:-1]
    return text
