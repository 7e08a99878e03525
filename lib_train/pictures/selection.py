"""Which pictures a person means by ``blue_eyes -hat problem:duplicate``. Looks at what is known of them, at no file.

selection  one or another, "or" between them; empty is every picture
one        parts, all of which hold
part       "-" or "not" before a part; a selection in brackets; a term
term       blue_eyes, "long hair", *_hair (a tag); key:value, key:"a value" (see ``terms``)
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from lib_train.errors import DatasetError, SelectionError
from lib_train.pictures.entry import Entry
from lib_train.pictures.terms import NOTHING_MORE, Known, Test, is_key, tag_test, term_test
from lib_train.texts import say

_JOINTS = ("or", "and", "not")
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u201d": "\u201d"}
"""What opens a quotation -> what closes it; some keyboards turn quotes by themselves."""
_DEEPEST = 50
_LONGEST = 5000


def selection(text: str, known: Known = NOTHING_MORE) -> Callable[[Entry], bool]:
    """Whether an entry is meant by the text; the question takes a few microseconds.

    Args:
        known: what entries do not say by themselves.

    Raises:
        SelectionError: the text cannot be read; names the place in it.
    """
    return _Reader(text, known).read()


def selected(
    entries: Sequence[Entry], text: str = "", ids: Collection[int] | None = None, known: Known = NOTHING_MORE
) -> list[Entry]:
    """The entries that the text means, and of these, where ids are given, the ones that have them; in their order.

    Raises:
        SelectionError: the text cannot be read.
        DatasetError: an id is no entry's.
    """
    means = selection(text, known)
    if ids is None:
        return [entry for entry in entries if means(entry)]
    wanted = set(ids)
    if missing := wanted - {entry.id for entry in entries}:
        raise DatasetError(
            say("pictures that are not there any more: {count}; load the list anew and choose again",
                count=len(missing))
        )  # fmt: skip
    return [entry for entry in entries if entry.id in wanted and means(entry)]


class _Token(NamedTuple):
    kind: str
    """One of ( ) - or and not tag; or the key of a term."""
    place: int
    text: str = ""
    quoted: bool = False


class _Reader:
    def __init__(self, text: str, known: Known) -> None:
        self._text, self._known = text, known
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def read(self) -> Test:
        if not self._tokens:
            return lambda entry: True
        test = self._either()
        if (token := self._peek()) is not None:  # only a bracket ends a selection early
            raise self._error(token.place, say('nothing is open that ")" could close: take it away, or put a tag with '
                                               "a bracket into quotes"))  # fmt: skip
        return test

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, kind: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind != kind:
            return None
        self._next += 1
        return token

    def _either(self) -> Test:
        tests = [self._all()]
        while self._take("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda entry: any(test(entry) for test in tests)

    def _all(self) -> Test:
        tests = [self._part()]
        while (token := self._peek()) is not None and token.kind not in ("or", ")"):
            self._take("and")
            tests.append(self._part())
        return tests[0] if len(tests) == 1 else lambda entry: all(test(entry) for test in tests)

    def _part(self) -> Test:
        self._depth += 1
        token = self._peek()
        if token is None or token.kind in (")", "or", "and"):
            raise self._missing(token)
        if self._depth > _DEEPEST:
            raise self._error(
                token.place, say("more than {most} levels of brackets and minus signs: take some away", most=_DEEPEST)
            )
        self._next += 1
        if token.kind in ("-", "not"):
            inner = self._part()
            test: Test = lambda entry: not inner(entry)  # noqa: E731
        elif token.kind == "(":
            test = self._either()
            if not self._take(")"):
                raise self._error(token.place, say('the bracket is not closed: add ")", or put a tag with a bracket '
                                                   "into quotes"))  # fmt: skip
        else:
            test = self._term(token)
        self._depth -= 1
        return test

    def _term(self, token: _Token) -> Test:
        try:
            if token.kind == "tag":
                return tag_test(token.text, self._known, literal=token.quoted)
            return term_test(token.kind, token.text, self._known)
        except ValueError as error:
            raise self._error(token.place, error.args[0]) from None

    def _missing(self, token: _Token | None) -> SelectionError:
        why = say('a tag is missing here: add one; the words "or", "and" and "not" as tags go into quotes')
        return self._error(len(self._text) if token is None else token.place, why)

    def _error(self, place: int, why: str) -> SelectionError:
        return SelectionError(self._text, place, why)


def _tokens(text: str) -> list[_Token]:
    if len(text) > _LONGEST:
        raise SelectionError(text, _LONGEST, say("a filter has at most {most} signs: shorten it", most=_LONGEST))
    found: list[_Token] = []
    place = 0
    while place < len(text):
        sign = text[place]
        if sign.isspace():
            place += 1
        elif sign in "()-":
            found.append(_Token(sign, place))
            place += 1
        elif sign in _QUOTES:
            value, end = _quoted(text, place)
            found.append(_Token("tag", place, value, quoted=True))
            place = end
        else:
            token, place = _word(text, place)
            found.append(token)
    return found


def _quoted(text: str, start: int) -> tuple[str, int]:
    r"""What stands in quotes, where ``\"`` is a quote of its own; and the place behind them."""
    closing = _QUOTES[text[start]], '"'
    value, place = "", start + 1
    while place < len(text):
        if text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            place += 1
        elif text[place] in closing:
            return value, place + 1
        value += text[place]
        place += 1
    raise SelectionError(text, start, say("the quotes are not closed: add {quote}", quote='"'))


def _word(text: str, start: int) -> tuple[_Token, int]:
    """A word of the text, and the place behind it. Brackets in a word are the tag's own: ``saber_(fate)``."""
    place, open_brackets = start, 0
    while place < len(text) and not text[place].isspace():
        sign, before = text[place], text[start:place]
        if sign == "\\":
            place += 1  # an escaped bracket opens and closes nothing
        elif sign == "(" and before.lower() in _JOINTS:
            break
        elif sign in _QUOTES and before.endswith(":") and is_key(before[:-1]):
            value, end = _quoted(text, place)
            return _Token(before[:-1].lower(), start, value, quoted=True), end
        elif sign == "(":
            open_brackets += 1
        elif sign == ")":
            if not open_brackets:
                break
            open_brackets -= 1
        place += 1
    word = text[start:place]
    key, colon, value = word.partition(":")
    if word.lower() in _JOINTS:
        return _Token(word.lower(), start), place
    if colon and is_key(key):
        return _Token(key.lower(), start, value), place
    return _Token("tag", start, word), place
