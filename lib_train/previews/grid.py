"""One picture that shows many: checkpoints down, seeds and weights across, labelled."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from unicodedata import east_asian_width

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from lib_train.errors import FileError, reason
from lib_train.files import written
from lib_train.texts import say

_FONTS = (
    "NotoSansCJK-Regular.ttc", "msgothic.ttc", "msyh.ttc", "Hiragino Sans GB.ttc", "DejaVuSans.ttf", "arial.ttf",
)  # fmt: skip
"""Fonts that systems have, those with Chinese and Japanese letters first."""
_MOST_PIXELS, _LONGEST = 64_000_000, 16_000  # of a sheet; Pillow warns of larger ones, browsers show none
_LINES, _MANY = 3, 12  # of a label above a picture, and of one that has room
_ROW, _COLUMN = 320, 160  # pixels that labels may have beside and above small pictures
_NEVER_FIRST = "、。，．：；！？）」』】》ー"
_GAP, _PAPER, _INK, _FAINT = 6, (255, 255, 255), (30, 30, 30), (110, 110, 110)
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_Colour = tuple[int, int, int]


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
    roomy: bool = False,
) -> Image.Image:
    """Pictures of one size in rows, with labels at the left and the top.

    Args:
        rows: at least one row of at least one picture.
        row_labels: each may have several lines; those behind an empty one are faint. Long ones are broken, and their
            rows as high as they need.
        column_labels: words that do not fit above a picture begin another line, of three at most.
        title: lines of small text above all, such as prompt and seed.
        groups: headings above the columns, each over as many.
        roomy: whether labels and title may have many more lines, and columns be wider than their pictures, so that
            whole prompts can be read.
    """
    width, height = rows[0][0].size
    size = max(13, min(width // 9, 28))
    font, small = _font(size), _font(max(11, size * 3 // 4))
    row_labels, column_labels, groups = (
        [_writable(font, label) for label in labels] for labels in (row_labels, column_labels, groups)
    )
    beside = [_row_lines(font, label, max(width if roomy else 2 * width, _ROW)) for label in row_labels]
    left = max(_wide(font, part) for lines in beside for part, _ in lines) + 2 * _GAP
    line = size + _GAP
    room = _column_room(font, column_labels, width) if roomy else width
    columns = [_broken(font, label, room, _MANY if roomy else _LINES) for label in column_labels]
    across, heights = room + _GAP, [max(height, len(lines) * line if len(lines) > 1 else 0) for lines in beside]
    wide = left + across * len(rows[0])
    heads = _title_lines(small, title, wide - 2 * _GAP, roomy)
    deep = max(map(len, columns), default=1)
    top = len(heads) * line + bool(groups) * line + deep * line + 2 * _GAP
    sheet = Image.new("RGB", (wide, top + sum(heights) + _GAP * len(rows)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, text in enumerate(heads):
        draw.text((_GAP, _GAP + place * line), text, font=small, fill=_FAINT)
    for labels, bottom in (([[label] for label in groups], top - deep * line), (columns, top)):
        for place, lines in enumerate(labels):
            span = across * len(rows[0]) // len(labels)
            for up, label in enumerate(reversed(lines), 1):
                middle = left + place * span + (span - _GAP - _wide(font, label)) // 2
                draw.text((middle, bottom - up * line - _GAP // 2), label, font=font, fill=_INK)
    for row, parts, high in zip(rows, beside, heights, strict=True):
        first = top + high // 2 - size // 2 - (len(parts) - 1) * line // 2
        for under, (part, ink) in enumerate(parts):
            draw.text((_GAP, first + under * line), part, font=font, fill=ink)
        for column, picture in enumerate(row):
            sheet.paste(picture, (left + column * across + (room - width) // 2, top + (high - height) // 2))
        top += high + _GAP
    return sheet


def _row_lines(font: _Font, label: str, width: int) -> list[tuple[str, _Colour]]:
    """Lines of a row's label with their colours."""
    strong, _, faint = label.partition("\n\n")
    parts = [(part, _INK) for part in strong.split("\n")] + [(part, _FAINT) for part in faint.split("\n") if part]
    return [(line, ink) for part, ink in parts for line in _broken(font, part, width, _MANY)]


def _column_room(font: _Font, labels: Sequence[str], width: int) -> int:
    """Width of columns in which no word of usual length is broken."""
    words = [_wide(font, word) for label in labels for word in label.split()]
    return max(width, min(max(words, default=0), _COLUMN))


def _title_lines(font: _Font, title: Sequence[str], width: int, roomy: bool) -> list[str]:
    found = [_writable(font, text) for text in title]
    if not roomy:
        return [_cut(font, text, width) for text in found]
    return [line for text in found for line in _broken(font, text, width, _MANY)]


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


def _font(size: int) -> _Font:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default()


def _writable(font: _Font, text: str) -> str:
    """Pillow's own font has Latin letters alone."""
    return text.encode("latin-1", "replace").decode("latin-1") if isinstance(font, ImageFont.ImageFont) else text


def _wide(font: _Font, text: str) -> int:
    return int(font.getlength(text))


def _broken(font: _Font, text: str, width: int, most: int) -> list[str]:
    """Lines that fit into a width, the last one cut where they would be more than ``most``.

    Lines end between words, or beside a Chinese or Japanese letter.
    """
    lines: list[str] = []
    while text and len(lines) < most - 1 and _wide(font, text) > width:
        fits = _cut(font, text, width) or text[:1]
        head = text[: _break_in(text, len(fits))]
        lines.append(head.rstrip())
        text = text[len(head) :].lstrip()
    return [*lines, _cut(font, text, width) if lines else text]


def _break_in(text: str, fits: int) -> int:
    """Where a line of at most so many letters ends.

    >>> _break_in("a black cat", 9), _break_in("もちもち、cat", 4), _break_in("interminable", 5)
    (7, 3, 5)
    """
    for place in range(fits, 0, -1):
        before, behind = text[place - 1], text[place : place + 1]
        if before == " " or behind in ("", " ") or (_is_wide(before + behind) and behind not in _NEVER_FIRST):
            return place - (before == " ") or fits
    return fits


def _is_wide(letters: str) -> bool:
    return any(east_asian_width(letter) in "WF" for letter in letters)


def _cut(font: _Font, text: str, width: int) -> str:
    while text and _wide(font, text) > width:
        text = text[:-1]
    return text
