"""Binding, step by step: which common tags the trigger word takes over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lib_train.app.edits import answer_edit, answer_example
from lib_train.app.picture_sets import PictureSet
from lib_train.errors import ConfigError, Problem
from lib_train.pictures.binding import (
    Binding,
    binding_of,
    bindings_at,
    content_at,
    file_of,
    proposals,
    with_binding,
)
from lib_train.pictures.caption_batch import NewCaption, batch, changes
from lib_train.pictures.captions import tags_of
from lib_train.pictures.changes import Change
from lib_train.pictures.entry import Entry
from lib_train.pictures.terms import same_tag
from lib_train.texts import say


class Bindings:
    """The choices for some pictures."""

    def __init__(self, pictures: PictureSet) -> None:
        self._pictures = pictures

    def proposed(self, filter: str = "", ids: Collection[int] | None = None, trigger: str = "") -> dict[str, Any]:
        """Common tags with what is chosen, or proposed, for each; and what was chosen before.

        Raises:
            TrainToolsError: the filter cannot be read.
        """
        chosen, known = self._chosen(filter, ids), self._known()
        present = self._present(chosen, known, trigger)
        found = proposals(chosen, self._pictures.shape, present)
        example = replace(present, character=tuple(one.tag for one in found if one.belongs))
        new = self._new(chosen, example)
        return {
            "pictures": len(chosen),
            "captioned": sum(bool(entry.caption_file and entry.line) for entry in chosen),
            "folders": _folders(chosen),
            "trigger": present.trigger,
            "tags": [one._asdict() for one in found],
            "captions": len(new),
            "example": answer_example(new[0]) if new else None,
            "bindings": [vars(one) for one in known],
            "waiting": len(self._waiting(known)),
        }

    def bind(
        self,
        trigger: str,
        character: Sequence[str],
        free: Sequence[str] = (),
        filter: str = "",
        ids: Collection[int] | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Take the character's tags out of captions, put the trigger word first, and remember the choice: one edit.

        Raises:
            ConfigError: neither a trigger word nor a tag is named.
            TrainToolsError: the filter cannot be read, or the journal not be written.
        """
        chosen = self._chosen(filter, ids)
        binding = Binding(
            folders=tuple(_folders(chosen)), trigger=trigger.strip(), character=tuple(character), free=tuple(free)
        )
        if not binding.trigger and not binding.character:
            raise ConfigError([Problem("trigger", trigger, say("is empty, and no tag is named; write one"))])
        for text in (trigger, *character, *free):
            _require_whole(text)
        new = self._new(chosen, binding)
        if dry_run:
            return self._would(chosen, new)
        return self._apply(new, self._remembering(binding))

    def again(self, dry_run: bool = False) -> dict[str, Any]:
        """Do what was chosen to the captions that came later.

        Raises:
            TrainToolsError: the journal cannot be written.
        """
        waiting = self._waiting(self._known())
        if dry_run:
            return self._would([one.entry for one in waiting], waiting)
        return self._apply(waiting, [])

    def _apply(self, new: Sequence[NewCaption], more: Sequence[Change]) -> dict[str, Any]:
        steps, left = changes(new, self._pictures.dataset)
        if len(steps) == 1:
            label = say("bound tags to trigger words: 1 caption")
        else:
            label = say("bound tags to trigger words: {count} captions", count=len(steps))
        return answer_edit(self._pictures.journal().apply(label, [*steps, *more]), left)

    def _would(self, chosen: Sequence[Entry], new: Sequence[NewCaption]) -> dict[str, Any]:
        return {"pictures": len(chosen), "captions": len(new), "example": answer_example(new[0]) if new else None}

    def _chosen(self, filter: str, ids: Collection[int] | None) -> list[Entry]:
        return [one for one in self._pictures.chosen(filter, ids) if not one.is_reg and not one.left_out]

    def _present(self, chosen: Sequence[Entry], known: Sequence[Binding], trigger: str) -> Binding:
        found = next(filter(None, (binding_of(folder, known) for folder in _folders(chosen))), Binding())
        return replace(found, trigger=trigger.strip() or found.trigger)

    def _known(self) -> list[Binding]:
        return remembered(self._pictures)

    def _remembering(self, binding: Binding) -> list[Change]:
        before, after = content_at(self._pictures.places), with_binding(self._known(), binding)
        return [] if before == after else [Change(file_of(self._pictures.places), before, after)]

    def _new(self, entries: Sequence[Entry], binding: Binding) -> tuple[NewCaption, ...]:
        binding = replace(binding, trigger=written_trigger(self._pictures, binding))
        return batch(entries, binding.steps(), self._pictures.shape).new

    def _waiting(self, known: Iterable[Binding]) -> list[NewCaption]:
        entries = [one for one in self._pictures.entries() if not one.is_reg and not one.left_out]
        found: list[NewCaption] = []
        for binding in known:
            found += self._new([one for one in entries if one.folder in binding.folders], binding)
        return found


def remembered(pictures: PictureSet) -> list[Binding]:
    """The choices that were made for some pictures."""
    return bindings_at(pictures.places)


def written_trigger(pictures: PictureSet, binding: Binding) -> str:
    """The trigger word as captions have it: one that settings put before each caption is not written there too."""
    prefix = tags_of(pictures.dataset.caption_prefix, pictures.shape.separator)
    return "" if same_tag(binding.trigger) in map(same_tag, prefix) else binding.trigger


def _folders(entries: Iterable[Entry]) -> list[str]:
    return sorted({entry.folder for entry in entries})


def _require_whole(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError([Problem("trigger", text, say("holds half of a character; type it anew"))]) from None
