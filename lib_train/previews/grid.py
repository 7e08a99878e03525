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
        title: lines of small text above all, such as prompt and seed.
        groups: headings above the columns, each over as many.
    """
    width, height = rows[0][0].size
    size = max(13, min(width // 9, 28))
    font, small = _font(size), _font(max(11, size * 3 // 4))
    row_labels, column_labels, groups = (
        [_writable(font, label) for label in labels] for labels in (row_labels, column_labels, groups)
    )
    left = max(_wide(font, label) for label in row_labels) + 2 * _GAP
    line = size + _GAP
    top = len(title) * line + bool(groups) * line + line + 2 * _GAP
    across, down = width + _GAP, height + _GAP
    sheet = Image.new("RGB", (left + across * len(rows[0]), top + down * len(rows)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, text in enumerate(title):
        cut = _cut(small, _writable(small, text), sheet.width - 2 * _GAP)
        draw.text((_GAP, _GAP + place * line), cut, font=small, fill=_FAINT)
    for labels, bottom in ((groups, top - line), (column_labels, top)):
        for place, label in enumerate(labels):
            span = across * len(rows[0]) // len(labels)
            middle = left + place * span + (span - _GAP - _wide(font, label)) // 2
            draw.text((middle, bottom - line), label, font=font, fill=_INK)
    for place, (row, label) in enumerate(zip(rows, row_labels, strict=True)):
        draw.text((_GAP, top + place * down + height // 2 - size // 2), label, font=font, fill=_INK)
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


def _cut(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str, width: int) -> str:
    while text and _wide(font, text) > width:
        text = text[:-1]
    return text
