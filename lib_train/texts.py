"""Sentences that a person may see: English text that keeps its template and values, so that it can be translated later.

As in gettext, the English template is the key of its translations. A sentence is logged, compared and cut as any other
text; what is made of it in other ways than those of this module is plain English.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from string import Formatter
from typing import Any

_PLACE = re.compile(r"\{(\w+)\}")


class Text(str):
    """An English sentence with its template and the values of its ``{places}``, which may be such sentences too."""

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> "Text":
        made = super().__new__(cls, _filled(template, values))
        made.template, made.values = template, values
        return made

    def __str__(self) -> str:
        return self

    def __getnewargs__(self) -> tuple[str, Mapping[str, str]]:  # type: ignore[override]
        return self.template, self.values


def say(template: str, /, **values: Any) -> Text:
    """An English sentence with values in its places; each has the format that stands in its place.

    >>> say("the loss is {loss:.3f} at step {step}", loss=1 / 3, step=7)
    'the loss is 0.333 at step 7'
    >>> _.template, _.values
    ('the loss is {loss} at step {step}', {'loss': '0.333', 'step': '7'})
    """
    plain, places = _read(template)
    return Text(plain, {name: _shown(values[name], spec, conversion) for name, spec, conversion in places})


def joined(separator: str, parts: Iterable[object]) -> Text:
    """Several sentences as one; what is none of them is a value.

    >>> joined("; ", [say("is empty"), "a.txt"])
    'is empty; a.txt'
    """
    values = {str(place): part if isinstance(part, str) else str(part) for place, part in enumerate(parts)}
    return Text(separator.join(f"{{{place}}}" for place in values), values)


def either(names: Iterable[str]) -> str:
    """Names to choose between.

    >>> either(["auto", "fp16", "bf16"])
    'auto or fp16 or bf16'
    """
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), names)


def every(names: Iterable[str]) -> str:
    """Names of which each counts.

    >>> every(["LoRA", "LoHa"])
    'LoRA and LoHa'
    """
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), names)


def worded(text: str, translated: Callable[[str], str]) -> str:
    """A sentence in another language; text that is none stays as it is.

    Args:
        translated: the translation of a template, or the template itself where there is none.
    """
    if not isinstance(text, Text):
        return text
    return _filled(translated(text.template), {name: worded(value, translated) for name, value in text.values.items()})


def changed(text: str, change: Callable[[str], str]) -> str:
    """``change`` of a text; of a sentence its values are changed, so that it can still be worded anew."""
    plain = change(text)
    if not isinstance(text, Text) or plain == text:
        return text if plain == text else plain
    kept = Text(text.template, {name: changed(value, change) for name, value in text.values.items()})
    return kept if kept == plain else plain


def text_json(text: object) -> dict[str, Any] | None:
    """Template and values of a sentence as JSON values; None for text that is none."""
    if not isinstance(text, Text):
        return None
    return {
        "template": text.template,
        "values": {name: text_json(value) or value for name, value in text.values.items()},
    }


def text_from(facts: object, otherwise: str = "") -> str:
    """The sentence that ``text_json`` gave; ``otherwise`` where these are no such values.

    >>> text_from({"template": "at least {low}", "values": {"low": "0"}}), text_from(None, "none")
    ('at least 0', 'none')
    """
    template, values = (facts.get("template"), facts.get("values")) if isinstance(facts, dict) else (None, None)
    if not isinstance(template, str) or not isinstance(values, dict):
        return otherwise
    return Text(template, {str(name): text_from(value, str(value)) for name, value in values.items()})


def with_texts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values, with template and values beside each sentence ``x``, and beside each list of such: as ``x_text``.

    >>> with_texts({"setting": "seed", "remedy": say("must be at least {low}", low=0)})["remedy_text"]
    {'template': 'must be at least {low}', 'values': {'low': '0'}}
    """
    found = dict(facts)
    for name, value in facts.items():
        if isinstance(value, Text):
            found[f"{name}_text"] = text_json(value)
        elif isinstance(value, list) and any(isinstance(one, Text) for one in value):
            found[f"{name}_text"] = [text_json(one) for one in value]
    return found


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


@lru_cache(maxsize=1024)
def _read(template: str) -> tuple[str, tuple[tuple[str, str, str | None], ...]]:
    """A template without formats; and name, format and conversion of each place."""
    parts = [(before, name, spec or "", conversion) for before, name, spec, conversion in Formatter().parse(template)]
    plain = "".join(before + (f"{{{name}}}" if name else "") for before, name, _, _ in parts)
    return plain, tuple((name, spec, conversion) for _, name, spec, conversion in parts if name)


def _shown(value: Any, spec: str, conversion: str | None) -> str:
    if conversion == "r":
        value = repr(value)
    return value if isinstance(value, str) and not spec else format(value, spec)
