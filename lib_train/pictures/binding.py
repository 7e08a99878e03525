"""Which tags belong to a character, so that its trigger word takes them over: what a caption does not name, the word
learns. The other common tags stay free: what is named can be changed when prompting.

The choice lies beside the journal and not in the settings: it is about these pictures, whatever they are trained with,
and is written, undone and copied with their captions.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from lib_train.pictures.caption_steps import Add, Front, Remove, Step
from lib_train.pictures.changes import Content, content_of
from lib_train.pictures.entry import Entry
from lib_train.pictures.places import Places
from lib_train.pictures.tag_line import Shape
from lib_train.pictures.tags import tag_counts
from lib_train.pictures.terms import same_tag

COMMON = 0.6
"""Share of the pictures from which on a tag is asked about."""
_FEATURES = (
    "hair", "eyes", "eye", "ears", "ear", "tail", "tails", "horns", "horn", "wings", "skin", "fur", "bangs", "ponytail",
    "twintails", "braid", "braids", "ahoge", "freckles", "fang", "fangs", "beard", "mustache", "scar", "pupils",
    "eyebrows", "eyelashes", "sidelocks", "bun", "halo", "mole", "whiskers", "snout", "beak", "body", "female", "male",
)  # fmt: skip
"""Last words of tags that say what somebody looks like, whatever they wear and do."""
_PASSING = ("closed", "half-closed", "rolling", "covering", "covered", "wet", "full", "upper", "lower")
"""First words of those that say what somebody does, or how much of them is to be seen."""


class Proposal(NamedTuple):
    """A common tag to decide on."""

    tag: str
    pictures: int
    share: float
    """Of the captioned pictures, 0 to 1."""
    belongs: bool
    """Whether it is chosen, or proposed, to belong to the character; else it stays free."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A choice."""

    folders: tuple[str, ...] = ()
    """Names of the ``<repeats>_<name>`` folders that it holds for."""
    trigger: str = ""
    character: tuple[str, ...] = ()
    """Tags that the trigger word takes over."""
    free: tuple[str, ...] = ()
    """Common tags that stay."""

    def steps(self) -> list[Step]:
        """What it does to captions: the character's tags go, the trigger word comes first."""
        removed: list[Step] = [Remove(self.character)] if self.character else []
        return [*removed, Add((self.trigger,)), Front((self.trigger,))] if self.trigger else removed

    def kept(self, tags: Iterable[str]) -> list[str]:
        """Of the tags that somebody found in a picture, those that its caption may name."""
        taken = set(map(same_tag, self.character))
        return [tag for tag in tags if same_tag(tag) not in taken]


def proposals(
    entries: Sequence[Entry], shape: Shape, chosen: Binding | None = None, least: float = COMMON
) -> list[Proposal]:
    """Tags that at least this share of the captioned pictures has, the most common first, without the trigger word."""
    captioned = [entry for entry in entries if entry.caption_file and entry.line]
    known = chosen or Binding()
    belonging, free = set(map(same_tag, known.character)), set(map(same_tag, known.free))
    found = []
    for tag, count in tag_counts(captioned, shape):
        key, share = same_tag(tag), count / len(captioned)
        if share >= least and key != same_tag(known.trigger):
            belongs = key in belonging or (key not in free and is_feature(tag))
            found.append(Proposal(tag, count, share, belongs))
    return found


def is_feature(tag: str) -> bool:
    """Whether a tag says what somebody looks like; a guess, for a person to look at.

    >>> is_feature("long_hair"), is_feature("smile"), is_feature("closed eyes"), is_feature("upper body")
    (True, False, False, False)
    """
    words = same_tag(tag).split()
    return bool(words) and words[-1] in _FEATURES and words[0] not in _PASSING


def file_of(places: Places) -> Path:
    """Where the choices of a set of pictures lie."""
    return places.journal.with_name("binding.json")


def read_bindings(content: bytes | None) -> list[Binding]:
    """The choices in a file; what cannot be read is none."""
    try:
        found = json.loads(content or b"{}")["bindings"]
        return [_binding(one) for one in found]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def content_at(places: Places) -> Content:
    """What lies where the choices do; nothing where it cannot be read: the journal says so when it is to be written."""
    try:
        return content_of(file_of(places))
    except OSError:
        return None


def bindings_at(places: Places) -> list[Binding]:
    """The choices that were made for the pictures there."""
    content = content_at(places)
    return read_bindings(content if isinstance(content, bytes) else None)


def chosen_triggers(places: Places) -> dict[str, str]:
    """The trigger word that was chosen for each folder."""
    return {folder: one.trigger for one in bindings_at(places) for folder in one.folders if one.trigger}


def with_binding(known: Iterable[Binding], new: Binding) -> bytes:
    """Content of the file with one more choice; it takes the place of earlier ones for its folders."""
    kept = [replace(one, folders=tuple(name for name in one.folders if name not in new.folders)) for one in known]
    return _written((*(one for one in kept if one.folders), new))


def moved_binding(content: bytes, old: str, new: str) -> bytes:
    """Content of the file when a folder has got another name; the same where it has none of this one."""
    known = read_bindings(content)
    if not any(old in one.folders for one in known):
        return content
    renamed = [tuple(new if name == old else name for name in one.folders) for one in known]
    return _written(replace(one, folders=folders) for one, folders in zip(known, renamed, strict=True))


def _written(bindings: Iterable[Binding]) -> bytes:
    facts = {"bindings": [vars(one) for one in bindings]}
    return json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n"


def binding_of(folder: str, known: Iterable[Binding]) -> Binding | None:
    """The choice that holds for a folder's pictures."""
    return next((one for one in known if folder in one.folders), None)


def _binding(facts: Any) -> Binding:
    lists = {name: tuple(map(str, facts.get(name, ()))) for name in ("folders", "character", "free")}
    return Binding(trigger=str(facts.get("trigger", "")), **lists)
