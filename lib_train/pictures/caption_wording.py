"""Steps of a batch edit that change how captions are written: replace, underscores, case, separators."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lib_train.errors import ConfigError, Problem
from lib_train.pictures.caption_steps import Line, on_tags, wanted
from lib_train.pictures.captions import tags_of
from lib_train.pictures.emoticons import FACES, is_emoticon, spaced, underscored
from lib_train.pictures.expressions import substitution
from lib_train.pictures.tag_line import Shape, TagLine
from lib_train.pictures.terms import same_tag
from lib_train.texts import say


@dataclass(frozen=True)
class Replace:
    """Replaces a tag, part of each tag by a regular expression, or text wherever it stands."""

    find: str
    to: str = ""
    regex: bool = False
    text: bool = False
    """Whether in the whole line, as in sentences; else tag by tag."""
    ignore_case: bool = False

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        if not self.find:
            raise ConfigError([Problem("find", self.find, say("is empty; write what is to be replaced"))])
        if self.regex or (self.text and self.ignore_case):
            pattern, to = (self.find, self.to) if self.regex else (re.escape(self.find), self.to.replace("\\", r"\\"))
            change = substitution(pattern, to, ignore_case=self.ignore_case)
        elif self.text:
            change = self._plainly
        else:
            change = self._whole_tag(shape)
        return change if self.text else on_tags(lambda line: _replaced(line, change, shape), shape)

    def _plainly(self, text: str) -> str:
        return text.replace(self.find, self.to)

    def _whole_tag(self, shape: Shape) -> Line:
        keys = [same_tag(tag) for tag in wanted((self.find,), shape)]
        if len(keys) > 1:
            raise ConfigError([
                Problem("find", self.find, say("is more than one tag: replace it in the text of captions instead"))
            ])  # fmt: skip
        return lambda tag: self.to if same_tag(tag) == keys[0] else tag

    def said(self) -> str:
        if not self.to:
            return say("removed {find}", find=repr(self.find))
        return say("replaced {find} with {to}", find=repr(self.find), to=repr(self.to))


@dataclass(frozen=True)
class Underscores:
    """Makes underscores spaces, or spaces underscores; faces such as o_o stay."""

    to: Literal["spaces", "underscores"] = "spaces"

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        change = spaced if self.to == "spaces" else underscored
        return on_tags(lambda line: line.mapped(lambda tag: (change(tag),)), shape)

    def said(self) -> str:
        if self.to == "spaces":
            return say("made spaces of underscores")
        return say("made underscores of spaces")


@dataclass(frozen=True)
class Case:
    """Makes all letters small or capital, or the first of each tag capital."""

    to: Literal["lower", "upper", "first"] = "lower"

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        return on_tags(lambda line: line.mapped(lambda tag: (tag if is_emoticon(tag) else self._cased(tag),)), shape)

    def _cased(self, tag: str) -> str:
        if self.to == "first":
            return tag[:1].upper() + tag[1:]
        return tag.lower() if self.to == "lower" else tag.upper()

    def said(self) -> str:
        if self.to == "lower":
            return say("made all letters small")
        if self.to == "upper":
            return say("made all letters capital")
        return say("made the first letter of each tag capital")


@dataclass(frozen=True)
class Separators:
    """Puts the separator that is trained with for others; faces such as |_| stay."""

    of: str = "\uff0c\u3001\uff1b;|"

    def prepared(self, lines: Sequence[str], shape: Shape) -> Line:
        others = [sign for sign in self.of if sign not in shape.separator and not sign.isspace()]
        if not others:
            raise ConfigError([Problem("of", self.of, say("holds no other separator; write those that captions have"))])

        signs = f"[{re.escape(''.join(others))}]"
        edge = f"[\\s{re.escape(''.join(others))}]"
        faces = "|".join(sorted(map(re.escape, FACES), key=len, reverse=True))
        pattern = re.compile(rf"(?:(?<=^)|(?<={edge}))({faces})(?=$|{edge})|{signs}", re.IGNORECASE)

        def change(part: str) -> str:
            return pattern.sub(lambda found: found[1] or shape.separator, part)

        return on_tags(lambda line: line.mapped(lambda tag: tags_of(change(tag), shape.separator)), shape)

    def said(self) -> str:
        return say("translated separators")


def _replaced(line: TagLine, change: Line, shape: Shape) -> TagLine:
    """With changed tags; one that is there already is not put in twice."""
    after = {tag: change(tag) for tag in line.tags}
    known = {same_tag(tag) for tag, new in after.items() if tag == new}

    def replaced(tag: str) -> list[str]:
        if after[tag] == tag:
            return [tag]
        new = [one for one in tags_of(after[tag], shape.separator) if same_tag(one) not in known]
        known.update(map(same_tag, new))
        return new

    return line.mapped(replaced)
