"""What the doctor looks at, and what it finds."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.captions import tags_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.readings import is_blank, is_json
from lib_train.pictures.records import Fit
from lib_train.pictures.terms import compared_tags, same_tag
from lib_train.texts import say

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
"""The worst first: a run is refused or worthless, its result suffers, good to know."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with some pictures."""

    code: str
    severity: str
    text: str
    """What is wrong, with the count and an example."""
    ids: tuple[int, ...]
    """Of the pictures that it concerns; of those that are alike, the ones to take out."""
    remedies: tuple[str, ...] = ()
    """Names of what helps, the best first."""
    details: Mapping[int, str] = field(default_factory=dict)
    """What there is to say of a single picture, by its id."""
    groups: tuple[tuple[int, ...], ...] = ()
    """Ids of pictures that belong together, the one to keep first."""

    @property
    def filter(self) -> str:
        """Selects its pictures; empty where there are none."""
        return f"problem:{self.code}" if self.ids else ""


def finding(
    code: str,
    severity: str,
    what: str,
    hit: Sequence[Entry],
    *,
    remedies: tuple[str, ...] = (),
    detail: Callable[[Entry], str] | None = None,
    text: str | None = None,
) -> Iterator[Finding]:
    """What is wrong with the pictures that were hit; nothing where there are none.

    Args:
        what: is wrong, for the text, unless that is given whole.
        detail: what there is to say of a single picture.
    """
    if not hit:
        return
    text = text or say("{what}: {count}, such as {name}", what=what, count=len(hit), name=hit[0].path.name)
    details = {entry.id: detail(entry) for entry in hit} if detail else {}
    ids = tuple(entry.id for entry in hit)
    yield Finding(code=code, severity=severity, text=text, ids=ids, remedies=remedies, details=details)


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the doctor is told.

    Its properties leave out pictures that were taken out by hand.
    """

    entries: Sequence[Entry]
    config: DatasetConfig
    """As the run takes it, with the resolution that follows from the model."""
    batch_size: int = 1
    max_tokens: int | None = None
    """That are used of a caption; None asks nothing of its length."""
    around: int = 0
    """Tokens that the settings add to each caption, by prefix and suffix."""
    triggers: Mapping[str, str] = field(default_factory=dict)
    """Trigger words that somebody has chosen, by folder."""

    @cached_property
    def present(self) -> list[Entry]:
        """All but those that were taken out."""
        return [entry for entry in self.entries if not entry.left_out]

    @cached_property
    def usable(self) -> list[Entry]:
        """Pictures that can be trained on."""
        return [entry for entry in self.present if not entry.problem and entry.width and entry.height]

    @cached_property
    def trained(self) -> list[Entry]:
        """Usable training pictures: not those of the class."""
        return [entry for entry in self.usable if not entry.is_reg]

    @cached_property
    def readable(self) -> list[Entry]:
        """Usable pictures with a caption that can be read, of a file or by the folder's name."""
        return [entry for entry in self.usable if not entry.caption_problem]

    @cached_property
    def captioned(self) -> list[Entry]:
        """Usable pictures with a caption file that can be read."""
        return [entry for entry in self.readable if entry.caption_file is not None]

    @cached_property
    def tagged(self) -> list[Entry]:
        """Those of ``captioned`` that have tags, or sentences: neither blank nor JSON."""
        return [
            entry for entry in self.captioned
            if not is_json(entry.line) and not is_blank(entry.line, self.separator)
        ]  # fmt: skip

    @cached_property
    def fit(self) -> Callable[[int, int], Fit]:
        """How a picture of some width and height comes into its bucket."""
        return Bucketing(self.config).fit

    @cached_property
    def separator(self) -> str:
        """Between tags."""
        return self.config.caption_separator.strip()

    def listed(self, entry: Entry) -> list[str]:
        """The tags of a caption as they are written, in their order."""
        return _listed(entry.line, self.separator, self.config.keep_tokens_separator)

    def repeated(self, entry: Entry) -> tuple[str, ...]:
        """The tags that a caption has twice, as they are compared, each once; remembered."""
        return _repeated(entry.line, self.separator, self.config.keep_tokens_separator)

    def tags(self, entry: Entry) -> frozenset[str]:
        """The tags of a caption as they are compared."""
        return compared_tags(entry.line, self.separator, self.config.keep_tokens_separator)


def _listed(line: str, separator: str, mark: str) -> list[str]:
    return tags_of(line.replace(mark, separator) if mark else line, separator)


@lru_cache(maxsize=2**13)
def _repeated(line: str, separator: str, mark: str) -> tuple[str, ...]:
    tags = _listed(line, separator, mark)
    if len(tags) == len(compared_tags(line, separator, mark)):
        return ()
    return tuple(tag for tag, count in Counter(map(same_tag, tags)).items() if count > 1)
