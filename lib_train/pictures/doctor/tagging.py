"""Tags that are wrong, missing or doubled."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from lib_train.pictures.captions import tags_of
from lib_train.pictures.doctor.case import NOTE, WARNING, Case, Finding, finding
from lib_train.pictures.doctor.conflicts import conflicts
from lib_train.pictures.entry import Entry
from lib_train.pictures.terms import same_tag
from lib_train.texts import say

_SHARE = 0.6
"""Of a folder's captions that begin with the trigger word, at least."""
_FEWEST = 3
"""Captions by which a trigger word can be told."""
_ENOUGH = 5
"""Captions of a set in which a tag that occurs once is strange."""
_LONGEST = 4
"""Words of a tag; more are a sentence."""
_NO_TRIGGERS = frozenset(map(same_tag, (
    "1girl", "1boy", "2girls", "2boys", "3girls", "3boys", "1other", "multiple_girls", "multiple_boys", "solo",
    "no_humans", "masterpiece", "best_quality", "high_quality", "absurdres", "highres", "general", "sensitive", "safe",
    "photo", "portrait",
)))  # fmt: skip
"""Tags that many captions begin with, and that bind nothing."""


def trigger_words(case: Case) -> Mapping[str, str]:
    """The tag that calls up what a folder shows, by folder; a folder of which nobody can tell is left out.

    It is the one that somebody has chosen, else the folder's name behind the repeats where a caption says it, else the
    tag with which most captions begin.
    With a prefix in the settings every caption has it.
    """
    if case.config.caption_prefix.strip():
        return {}
    by_folder: dict[str, list[Entry]] = defaultdict(list)
    for entry in case.tagged:
        if not entry.is_reg:
            by_folder[entry.folder].append(entry)
    found = {folder: _trigger(case, folder, entries) for folder, entries in by_folder.items()}
    return {folder: word for folder, word in found.items() if word}


def _trigger(case: Case, folder: str, entries: list[Entry]) -> str:
    if folder in case.triggers:
        return case.triggers[folder]
    name = same_tag(folder.partition("_")[2])
    if name and name not in _NO_TRIGGERS:
        for entry in entries:
            if name in case.tags(entry):
                return next(tag for tag in case.listed(entry) if same_tag(tag) == name)
    firsts = Counter(tags[0] for entry in entries if (tags := case.listed(entry)))
    if not firsts or len(entries) < _FEWEST:
        return ""
    word, count = firsts.most_common(1)[0]
    usable = same_tag(word) not in _NO_TRIGGERS and len(word.split()) <= _LONGEST
    return word if usable and count >= _SHARE * len(entries) else ""


def without_trigger(case: Case) -> Iterator[Finding]:
    """Training captions that do not have the trigger word of their folder, as a tag or in a sentence."""
    words = trigger_words(case)

    def lacks(entry: Entry) -> bool:
        word = same_tag(words[entry.folder])
        return word not in case.tags(entry) and f" {word} " not in f" {_words(entry.line)} "

    trained = (entry for entry in case.tagged if not entry.is_reg and entry.folder in words)
    hit = [entry for entry in trained if lacks(entry)]

    def detail(entry: Entry) -> str:
        return say("trigger word {word}", word=words[entry.folder])

    yield from finding("no_trigger", WARNING, say("captions without the trigger word of their folder"), hit,
                       remedies=("add_trigger",), detail=detail)  # fmt: skip


def twice(case: Case) -> Iterator[Finding]:
    """Captions that have a tag twice, or have one that the settings add."""
    added = added_tags(case)
    hit = {entry.id: tags for entry in case.tagged if (tags := doubled(case, entry, added))}
    yield from finding("tag_twice", WARNING, say("captions with a tag twice"),
                       [entry for entry in case.tagged if entry.id in hit], remedies=("dedupe",),
                       detail=lambda entry: ", ".join(hit[entry.id]))  # fmt: skip


def added_tags(case: Case) -> frozenset[str]:
    """The tags that the settings add to each caption, by prefix and suffix."""
    around = case.config.caption_prefix, case.config.caption_suffix
    return frozenset(same_tag(tag) for text in around for tag in tags_of(text, case.separator))


def doubled(case: Case, entry: Entry, added: frozenset[str]) -> list[str]:
    """The tags that a caption has twice, or has although they are added; each once."""
    again, repeated = sorted(added & case.tags(entry)), case.repeated(entry)
    return [*again, *(tag for tag in repeated if tag not in added)]


def rare(case: Case) -> Iterator[Finding]:
    """Training captions with a tag that no other has: a slip of the pen, or nothing that can be learned."""
    entries = [entry for entry in case.tagged if not entry.is_reg]
    if len(entries) < _ENOUGH:
        return
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(case.tags(entry))
    once = {tag for tag, count in counts.items() if count == 1 and tag.count(" ") < _LONGEST}
    if not once:
        return
    own = {entry.id: tags for entry in entries if (tags := case.tags(entry) & once)}
    hit = [entry for entry in entries if entry.id in own]
    example = min(own[hit[0].id])
    text = say("tags that occur once: {tags}, such as {tag} in {name}",
               tags=len(once), tag=example, name=hit[0].path.name)  # fmt: skip
    yield from finding("rare_tag", NOTE, "", hit, text=text, detail=lambda entry: ", ".join(sorted(own[entry.id])))


def conflicting(case: Case) -> Iterator[Finding]:
    """Captions whose tags contradict each other."""
    against = {entry.id: tags for entry in case.tagged if (tags := conflicts(case.tags(entry)))}
    hit = [entry for entry in case.tagged if entry.id in against]
    if not hit:
        return
    text = say("captions whose tags contradict each other: {count}, such as that of {name}: {tags}",
               count=len(hit), name=hit[0].path.name, tags=", ".join(against[hit[0].id]))  # fmt: skip
    yield from finding("conflicting_tags", WARNING, "", hit, text=text,
                       detail=lambda entry: ", ".join(against[entry.id]))  # fmt: skip


def _words(line: str) -> str:
    """A line's words with one space between them, without the signs around them."""
    return " ".join(word.strip(".,;:!?\"'()[]") for word in same_tag(line).split())
