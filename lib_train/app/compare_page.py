"""A comparison as one page of HTML that needs nothing beside it: pictures, curves and colours are inside."""

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from lib_train.app.compare_curves import curves_svg
from lib_train.texts import Text, joined, say

Drawn = Callable[[int, Any], bytes]
"""The WebP file of a picture by side and id, or of a sheet by side and path; empty where it cannot be read."""
_THUMBNAILS, _SHEETS, _LONGEST = 24, 1, 1600
_STYLE = Path(__file__).parents[1] / "assets" / "compare.css"


def sheet_small(path: Path) -> bytes:
    """A sheet as WebP, of a size that a page can hold.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    out = io.BytesIO()
    with Image.open(path) as sheet:
        small = sheet.convert("RGB")
    small.thumbnail((_LONGEST, _LONGEST))
    small.save(out, "WEBP", quality=85)
    return out.getvalue()


def html_of(found: Mapping[str, Any], words: Callable[[str], str], image: Drawn, language: str = "en") -> str:
    """The page.

    Args:
        found: see ``Comparing.compared``.
        words: a sentence in the language of the page.
        image: as ``Drawn``.
        language: of the page, such as "zh-CN".
    """
    return _Page(found, words, image).html(language)


class _Page:
    def __init__(self, found: Mapping[str, Any], words: Callable[[str], str], image: Drawn) -> None:
        self._found, self._words, self._image = found, words, image
        self._names = [f"{side['project']} {side['version']}" for side in found["sides"]]

    def html(self, language: str) -> str:
        title, style = " / ".join(self._names), _STYLE.read_text(encoding="utf-8")
        names = " / ".join(
            f'<span class="{side}">{escape(one)}</span>' for side, one in zip("ab", self._names, strict=True)
        )
        parts = (self._notes(), self._settings(), self._runs(), self._curves(), self._pictures(), self._captions(),
                 self._tags(), self._sheets())  # fmt: skip
        head = (
            f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        )
        return (
            f'<!doctype html><html lang="{escape(language)}"><head>{head}<style>{style}</style></head><body>'
            f"<h1>{names}</h1>{''.join(parts)}</body></html>\n"
        )

    def _say(self, text: str) -> str:
        return escape(self._words(text))

    def _section(self, title: str, *parts: str) -> str:
        return f"<section><h2>{self._say(title)}</h2>{''.join(parts)}</section>"

    def _none(self, text: str) -> str:
        return f'<p class="faint">{self._say(text)}</p>'

    def _table(self, rows: Iterable[Sequence[str]]) -> str:
        """Rows of a heading and two cells, all of them escaped before."""
        head = "".join(f'<th class="{side}">{escape(name)}</th>' for side, name in zip("ab", self._names, strict=True))
        body = "".join(f"<tr><th>{row[0]}</th><td>{row[1]}</td><td>{row[2]}</td></tr>" for row in rows)
        return f"<table><tr><th></th>{head}</tr>{body}</table>"

    def _notes(self) -> str:
        labels = {"conclusion": say("Conclusion"), "best": say("Best checkpoint"), "notes": say("Notes"),
                  "copy_of": say("Copy of")}  # fmt: skip
        sides = self._found["sides"]
        rows = [(self._say(label), *(f"<pre>{escape(side[name])}</pre>" for side in sides))
                for name, label in labels.items() if any(side[name] for side in sides)]  # fmt: skip
        return self._section(say("Conclusions"), self._table(rows) if rows else self._none(say("no notes yet")))

    def _settings(self) -> str:
        same = say("{count} settings are the same", count=self._found["settings_same"])
        rows = [(f"{self._say(Text(one['label'], {}))}<br><code class=faint>{escape(one['name'])}</code>",
                 *(escape(self._words(value_text(value))) for value in one["values"]))
                for one in self._found["settings"]]  # fmt: skip
        return self._section(say("Settings"), self._table(rows) if rows else "", self._none(same))

    def _runs(self) -> str:
        cells = [
            "".join(f"<p>{self._say(run_text(run))}</p>" for run in side["runs"]) or self._none(say("no run yet"))
            for side in self._found["sides"]
        ]
        return self._section(say("Runs"), self._table([("", *cells)]))

    def _curves(self) -> str:
        drawn = curves_svg(self._found["series"], self._words)
        of = " · ".join(
            f'<span class="{mark}">{escape(name)}: {escape(side["curve_of"])}</span>'
            for mark, name, side in zip("ab", self._names, self._found["sides"], strict=True) if side["curve_of"]
        )  # fmt: skip
        return self._section(say("Curves"), f"<p>{of}</p>{drawn}" if drawn else self._none(say("no run yet")))

    def _pictures(self) -> str:
        found, only = self._found["pictures"], self._found["pictures"]["only"]
        told = [say("{count} in both", count=found["same"]), say("{count} changed", count=found["changed"])]
        told += [say("{count} only in {name}", count=count, name=name)
                 for count, name in zip(only, self._names, strict=True)]  # fmt: skip
        problems = [f"<p>{self._say(side['problem'])}</p>" for side in self._found["sides"] if side["problem"]]
        pairs = "".join(
            self._figure(one["name"], *((side, number) for side, number in enumerate(one["ids"])))
            for one in found["changed_pictures"][:_THUMBNAILS]
        )
        alone = (
            "<div class=few>"
            + "".join(self._figure(one["name"], (side, one["id"])) for one in some[:_THUMBNAILS])
            + "</div>"
            for side, some in enumerate(found["only_pictures"])
        )
        return self._section(
            say("Pictures"),
            *problems,
            f"<p>{' · '.join(map(self._say, told))}</p>",
            f"<h3>{self._say(say('Changed'))}</h3><div class=few>{pairs}</div>" if pairs else "",
            self._table([(self._say(say("Only in one")), *alone)]) if any(only) else "",
        )

    def _figure(self, name: str, *of: tuple[int, Any]) -> str:
        images = "".join(_inside(self._image(*one)) for one in of)
        return f"<figure>{images}<figcaption>{escape(name)}</figcaption></figure>"

    def _captions(self) -> str:
        found = self._found["captions"]
        told = say("{changed} differ, {same} are the same", changed=found["changed"], same=found["same"])
        rows = "".join(
            f"<p><b>{escape(row['name'])}</b> {_marked(row['parts'], row['captions'])}</p>" for row in found["rows"]
        )
        return self._section(say("Captions"), self._none(told), rows)

    def _tags(self) -> str:
        rows = [(escape(one["tag"]), *map(str, one["counts"])) for one in self._found["tags"]]
        return self._section(say("Tags"), self._table(rows) if rows else self._none(say("no tag differs")))

    def _sheets(self) -> str:
        cells = (
            "".join(_inside(self._image(side, path)) for path in one["sheets"][:_SHEETS])
            or self._none(say("no sheet yet"))
            for side, one in enumerate(self._found["sides"])
        )
        return self._section(say("Sheets"), f"<div class=both>{''.join(f'<div>{cell}</div>' for cell in cells)}</div>")


def _inside(webp: bytes) -> str:
    return f'<img alt="" src="data:image/webp;base64,{base64.b64encode(webp).decode()}">' if webp else ""


def _marked(parts: Sequence[Mapping[str, str]], captions: Sequence[str]) -> str:
    mark = ", " if "," in "".join(captions) else " "
    tags = {"same": "span", "gone": "del", "new": "ins"}
    return mark.join(f"<{tags[one['kind']]}>{escape(one['text'])}</{tags[one['kind']]}>" for one in parts)


def value_text(value: Any) -> str:
    """A setting's value for people.

    >>> value_text(None), value_text(True), value_text([1, 2]), value_text({"a": 1})
    ('empty', 'on', '1, 2', 'a=1')
    """
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if value in (None, "", [], {}):
        return say("empty")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return str(value)


def run_text(run: Mapping[str, Any]) -> str:
    """A run in a line."""
    parts = [
        say("{run}: step {step}", run=run["name"], step=run["step"])
        if run["steps"] in (None, run["step"])
        else say("{run}: step {step} of {steps}", run=run["name"], step=run["step"], steps=run["steps"])
    ]
    parts += [say("loss {loss:.4g}", loss=run["loss"])] if run["loss"] is not None else []
    if run["val_on"] is not None and run["val_off"] is not None:
        parts.append(say("held-out pictures {on:.4g}, without the network {off:.4g}", on=run["val_on"],
                         off=run["val_off"]))  # fmt: skip
    seconds = run["seconds"] or 0
    parts += [
        say("{minutes:.0f} min", minutes=seconds / 60) if seconds >= 100 else say("{seconds:.0f} s", seconds=seconds)
    ]
    parts += [run["base"]] if run["base"] else []
    if run["others"]:
        parts.append(say("trained with other settings than the version has now: {names}",
                         names=", ".join(run["others"])))  # fmt: skip
    return joined("; ", parts)
