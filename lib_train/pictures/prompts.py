"""Prompts as captions: they say what is in a picture, in a syntax that is cleared away here."""

import re
from typing import IO, BinaryIO, cast

from PIL import Image

from lib_train.pictures.containers import JPEG, parts_of_jpeg
from lib_train.pictures.tiffs import value_in

_NETWORK = re.compile(r"<\w+:[^<>]*>")
_NEGATIVE = "negative prompt:"
_FIRST_PARAMETER = "steps:"
_PARAMETER = re.compile(r'\s*[\w \-/]+:\s*(?:"(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_LEAST_PARAMETERS = 3
_WEIGHT = re.compile(r"\s*:\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*$")
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*")
_BREAK = re.compile(r"\s*\bBREAK\b\s*")
_AND = re.compile(r"\s*\bAND\b\s*")
_TOKEN = re.compile(r"\\([()\[\]\\])|([(\[])|([)\]])|([^\\()\[\]]+|\\)")
_USER_COMMENT, _EXIF_FOLDER = 0x9286, 0x8769
_UNICODE, _ASCII = b"UNICODE\0", b"ASCII\0\0\0"
_READERS = ("PNG", "WEBP", "AVIF")


def caption_of(infotext: str) -> str:
    r"""A caption of one line from a picture's infotext: its prompt, in plain words.

    Networks (``<lora:x:1>``), weights, ``AND`` and ``BREAK`` go, and so do the negative prompt and the parameters. Of
    scheduled words (``[cat:dog:0.5]``) the last stay, of alternating ones (``[cat|dog]``) all. Escaped brackets are
    brackets.

    >>> caption_of("(cat:1.2), <lora:x:1> [[hat]], saber \\(fate\\)\nNegative prompt: dog")
    'cat, hat, saber (fate)'
    """
    text = _unweighted(_together(_BREAK.sub(", ", without_networks(prompt_of(infotext)))))
    parts = (" ".join(part.split()) for line in text.splitlines() for part in line.split(","))
    return ", ".join(part for part in parts if part)


def without_networks(prompt: str) -> str:
    """The prompt without its LoRAs, hypernetworks and the like.

    >>> without_networks("a cat<lora:x:1>, red")
    'a cat, red'
    """
    return _NETWORK.sub("", prompt)


def prompt_of(infotext: str) -> str:
    """The prompt in an infotext, as it was typed."""
    lines = infotext.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    end = next((place for place, line in enumerate(lines) if _ends_the_prompt(line)), len(lines))
    return "\n".join(lines[:end]).strip()


def _ends_the_prompt(line: str) -> bool:
    start = line.strip().lower()
    if start.startswith(_NEGATIVE):
        return True
    return start.startswith(_FIRST_PARAMETER) and len(_PARAMETER.findall(line)) >= _LEAST_PARAMETERS


def _together(text: str) -> str:
    """Prompts that are joined by AND, each with a weight of its own behind it, as one."""
    parts = _AND.split(text)
    return text if len(parts) == 1 else ", ".join(_WEIGHT.sub("", part) for part in parts)


def _unweighted(text: str) -> str:
    """The text without the brackets that weigh or schedule; those that nobody closes are left out too."""
    words, openers = [""], [""]
    for literal, opener, closer, plain in _TOKEN.findall(text):
        if opener:
            words.append("")
            openers.append(opener)
        elif closer and len(words) > 1:
            inner, kind = words.pop(), openers.pop()
            words[-1] += _inside(inner, kind)
        else:
            words[-1] += literal or closer or plain
    return "".join(words)


def _inside(words: str, opener: str) -> str:
    if opener == "(":
        return _WEIGHT.sub("", words)
    if "|" in words:
        return ", ".join(words.split("|"))
    *scheduled, when = words.split(":")
    if not scheduled or not _NUMBER.fullmatch(when):
        return words
    return next((one for one in reversed(scheduled) if one.strip()), "")


def infotext_of(content: IO[bytes]) -> str:
    """What the WebUI wrote into a picture file about how it was made; empty where there is none, or it is damaged."""
    content.seek(0)
    head = content.read(16)
    content.seek(0)
    Image.init()
    try:
        if head.startswith(JPEG):  # its reader warns of damaged EXIF
            return _user_comment(parts_of_jpeg(cast(BinaryIO, content)).exif)
        for name in _READERS:
            reader, accepts = Image.OPEN.get(name, (None, None))
            if reader and (accepts is None or accepts(head) is True):
                with reader(content, "") as picture:
                    return str(picture.info.get("parameters") or _user_comment(picture.info.get("exif", b"")))
    except Exception:  # Pillow's readers raise what Python does on damaged bytes
        return ""
    return ""


def _user_comment(exif: bytes) -> str:
    """EXIF's comment, in which JPEG and WebP keep it.

    Source:
        Exif 2.3, section 4.6.5: eight bytes name the encoding; the byte order of Unicode is not said, big by custom.
    """
    comment = value_in(exif.removeprefix(b"Exif\0\0"), _EXIF_FOLDER, _USER_COMMENT)
    if comment.startswith(_UNICODE):
        body = comment[len(_UNICODE) :]
        little = body[1:2] == b"\0" and body[:1] != b"\0"
        return body.decode("utf-16-le" if little else "utf-16-be", "replace")
    return comment.removeprefix(_ASCII).decode("utf-8", "replace").rstrip("\0")
