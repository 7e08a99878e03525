"""Parts of pages that people share: one file with its pictures inside, without scripts, that anybody can open."""

import base64
import io
from collections.abc import Iterable
from html import escape
from pathlib import Path

from PIL import Image

from lib_train.languages import in_language
from lib_train.texts import say

_STYLE = Path(__file__).parents[1] / "assets" / "report.css"
_SIDES = ((60, 768), (200, 512), (600, 384))
"""Most pictures, and their longest side then: the file stays of a size that can be sent."""
_SMALLEST = 256
_LANGUAGES = {"zh_CN": "zh-Hans", "ja_JP": "ja"}


def whole_page(title: str, parts: Iterable[str], language: str) -> str:
    """A page of HTML.

    Args:
        parts: of its body, in HTML.
        language: see ``languages.language_named``.
    """
    return "\n".join([
        "<!doctype html>",
        f'<html lang="{_LANGUAGES.get(language, "en")}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head><body><main>",
        f'<h1 translate="no">{escape(title)}</h1>', *parts, "</main></body></html>", "",
    ])  # fmt: skip


def side_for(count: int) -> int:
    """The longest side, in pixels, that each of so many pictures may have on a page."""
    return next((side for most, side in _SIDES if count <= most), _SMALLEST)


def picture_cell(path: Path, side: int, about: str, language: str) -> str:
    """A cell of a table with a picture that a click enlarges.

    Args:
        side: see ``side_for``.
        about: what it shows, for those who do not see it.
    """
    label = escape(in_language(say("enlarge"), language), quote=True)
    source = base64.b64encode(_encoded(path, side)).decode()
    image = f'<img src="data:image/webp;base64,{source}" alt="{escape(about, quote=True)}">'
    return f'<td><label><input type="checkbox" aria-label="{label}">{image}</label></td>'


def _encoded(path: Path, side: int) -> bytes:
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=88)
    return out.getvalue()
