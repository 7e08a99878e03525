"""Batch edits of captions, seen before they are written, and undo of every edit."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lib_train.app.picture_sets import PictureSet
from lib_train.pictures.caption_batch import Batch, NewCaption, batch, changes
from lib_train.pictures.caption_steps import Step
from lib_train.pictures.entry import Entry
from lib_train.pictures.journal import Edit, Undone
from lib_train.pictures.step_kinds import step_of
from lib_train.pictures.tags import TagCount, counts_of, tag_counts, together
from lib_train.pictures.terms import same_tag
from lib_train.texts import say, with_texts

Facts = Mapping[str, Any]
_EXAMPLES = 5
_OTHERS = re.compile(r"\bis:\"?(reg|left_out)\b", re.IGNORECASE)
"""In a filter: it says itself whether class pictures and those taken out are meant."""


class Editing:
    """What is done with the captions of some pictures."""

    def __init__(self, pictures: PictureSet) -> None:
        self._pictures = pictures

    def preview(
        self, steps: Sequence[Facts], filter: str = "", ids: Collection[int] | None = None, all_lines: bool = False
    ) -> dict[str, Any]:
        """What ``edit`` would do, with counts and examples; nothing is written.

        Args:
            steps: see ``step_of``.

        Raises:
            TrainToolsError: a step cannot be done, or the filter not be read.
        """
        made = [step_of(step) for step in steps]
        chosen = self._chosen(filter, ids)
        return {"pictures": len(chosen), **answer_batch(self._batch(chosen, made, all_lines), made)}

    def edit(
        self, steps: Sequence[Facts], filter: str = "", ids: Collection[int] | None = None, all_lines: bool = False
    ) -> dict[str, Any]:
        """Change captions, as one edit that can be undone.

        Raises:
            TrainToolsError: as ``preview``; or the journal cannot be written: then nothing was changed.
        """
        planned = self._batch(self._chosen(filter, ids), [step_of(step) for step in steps], all_lines)
        written, left = changes(planned.new, self._pictures.dataset)
        return answer_edit(self._pictures.journal().apply(planned.label or say("nothing to change"), written), left)

    def listed(self) -> list[dict[str, Any]]:
        """All edits of these pictures, newest first.

        Raises:
            FileError: the journal cannot be read.
        """
        return [answer_edit(edit) for edit in self._pictures.journal().edits()]

    def known(self, offset: int, limit: int) -> dict[str, Any]:
        """A part of the edits, newest first, and the one that ``redo`` would do again or complete.

        Raises:
            FileError: the journal cannot be read.
        """
        edits, again = self._pictures.journal().known()
        part = [answer_edit(edit) for edit in edits[offset : offset + limit]]
        return {"total": len(edits), "edits": part, "redo": answer_edit(again) if again else None}

    def undo(self, number: int | None = None) -> dict[str, Any]:
        """Take an edit back, the last one by default.

        Raises:
            TrainToolsError: there is none, or the journal cannot be read or written.
        """
        return answer_undone(self._pictures.journal().undo(number))

    def redo(self, number: int | None = None) -> dict[str, Any]:
        """Do the edit again that was undone last; where a number is given, only if it is that one.

        Raises:
            TrainToolsError: there is none, or the journal cannot be read or written.
        """
        return answer_undone(self._pictures.journal().redo(number))

    def tags(self, filter: str = "", beside: Sequence[str] = ()) -> dict[str, Any]:
        """How many pictures have each tag, the most frequent first; and the tags of the settings' keep and drop lists.

        Args:
            beside: counts those tags alone that come together with all of these.

        Raises:
            SelectionError: the filter cannot be read.
        """
        dataset, shape = self._pictures.dataset, self._pictures.shape
        chosen = [entry for entry in self._chosen(filter) if not entry.caption_problem]
        found = together(chosen, beside, shape) if beside else tag_counts(chosen, shape)
        keep, drop = set(map(same_tag, dataset.keep_tags)), set(map(same_tag, dataset.drop_tags))
        return {
            "pictures": len(chosen),
            "total": len(found),
            "once": sum(one.pictures == 1 for one in found),
            "tags": [{**one._asdict(), "used": _is_used(one, keep, drop)} for one in found],
            "keep_tags": [one._asdict() for one in counts_of(chosen, dataset.keep_tags, shape)],
            "drop_tags": [one._asdict() for one in counts_of(chosen, dataset.drop_tags, shape)],
        }

    def _chosen(self, filter: str, ids: Collection[int] | None = None) -> list[Entry]:
        """Training pictures, unless ids or the filter name others: no class picture has a trigger word."""
        chosen = self._pictures.chosen(filter, ids)
        if ids is not None or _OTHERS.search(filter):
            return chosen
        return [entry for entry in chosen if not entry.is_reg and not entry.left_out]

    def _batch(self, chosen: Sequence[Entry], steps: Sequence[Step], all_lines: bool) -> Batch:
        pictures = self._pictures
        return batch(chosen, steps, pictures.shape, all_lines=all_lines, everyone=pictures.entries())


def _is_used(one: TagCount, keep: Collection[str], drop: Collection[str]) -> bool:
    key = same_tag(one.tag)
    return (not keep or key in keep) and key not in drop


def answer_batch(planned: Batch, steps: Sequence[Step]) -> dict[str, Any]:
    """What an edit would do."""
    told = [with_texts({"what": step.said(), "captions": count})
            for step, count in zip(steps, planned.counts, strict=True)]  # fmt: skip
    return {
        "captions": len(planned.new),
        "steps": told,
        "unreadable": [entry.path.name for entry in planned.unreadable],
        "examples": [answer_example(one) for one in planned.new[:_EXAMPLES]],
    }


def answer_example(one: NewCaption) -> dict[str, Any]:
    """A caption before and after an edit."""
    return {"id": one.entry.id, "name": one.entry.path.name, "before": one.before, "after": one.after}


def answer_edit(edit: Edit, left: Sequence[str] = ()) -> dict[str, Any]:
    """An edit as JSON values.

    Args:
        left: files that were left before the journal heard of them.
    """
    return with_texts({**vars(edit), "left": [*left, *edit.left]})


def answer_undone(undone: Undone) -> dict[str, Any]:
    """What was taken back or done again."""
    return with_texts({"edit": answer_edit(undone.edit), "files": undone.files, "left": list(undone.left)})
