"""What a tagger said of some pictures, as captions that somebody looks at before they are written."""

from dataclasses import dataclass, replace
from typing import Any

from lib_train.app.bindings import remembered, written_trigger
from lib_train.app.edits import answer_example
from lib_train.app.picture_sets import PictureSet
from lib_train.config.tagging import TaggingConfig
from lib_train.jobs.tagging import Tagged
from lib_train.pictures.binding import Binding, binding_of
from lib_train.pictures.caption_batch import changes
from lib_train.pictures.journal import Edit
from lib_train.tagging.captions import Proposed, all_of, before, proposed, tags_that_come
from lib_train.texts import say, with_texts

_MOST_TAGS = 500


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a tagger said of some pictures, and how that becomes captions."""

    tagger: str
    """Its name."""
    config: TaggingConfig
    said: Tagged
    number: int = 0

    def on(self, pictures: PictureSet) -> Proposed:
        """What it would do to the captions as they are now.

        What was bound to the trigger word of a folder stays out of its captions, and the word comes first; those of
        regularisation pictures, which hold what the word is not, get no such word.
        """
        bindings, found = remembered(pictures), []
        entries, shape = pictures.entries(), pictures.shape
        for folder, is_reg in dict.fromkeys((entry.folder, entry.is_reg) for entry in entries):
            binding = (None if is_reg else binding_of(folder, bindings)) or Binding()
            of_folder = [entry for entry in entries if (entry.folder, entry.is_reg) == (folder, is_reg)]
            inside = [entry for entry in of_folder if entry.id in self.said.seen]
            tags = {one.id: binding.kept(self.said.seen[one.id].tags(self.config, shape.separator)) for one in inside}
            word = "" if is_reg else self.config.trigger_word or written_trigger(pictures, binding)
            found.append(proposed(inside, tags, replace(self.config, trigger_word=word), shape))
        return all_of(found)

    def write(self, pictures: PictureSet) -> tuple[Edit, list[str]]:
        """Write the captions, as one edit that can be undone; and a sentence for each that was left before.

        Raises:
            TrainToolsError: the journal cannot be written: then nothing was changed.
        """
        planned = self.on(pictures)
        steps, left = changes(planned.new, pictures.dataset)
        return pictures.journal().apply(
            say("{label}, by {tagger}", label=planned.label, tagger=self.tagger), steps
        ), left


def answer_proposal(found: Proposal, pictures: PictureSet, offset: int = 0, limit: int = 100) -> dict[str, Any]:
    """A proposal as JSON values, with the captions that change from number ``offset`` on."""
    planned, seen = found.on(pictures), found.said.seen
    one = next(iter(seen.values()), None)
    counts = tags_that_come(planned.new, pictures.shape)
    return with_texts({
        "number": found.number, "tagger": found.tagger, "mode": found.config.mode, "label": planned.label,
        "pictures": len(seen), "captions": len(planned.new), "added": planned.added, "removed": planned.removed,
        "stopped": found.said.stopped, "refused": list(found.said.refused), "unreadable": list(planned.unreadable),
        "makes": "sentence" if one and one.sentence else "tags", "usual_threshold": one.usual if one else 0.0,
        "settings": dict(vars(found.config)), "kinds": len(counts),
        "tags": [{"tag": tag, "pictures": count} for tag, count in list(counts.items())[:_MOST_TAGS]],
        "changes": [{**answer_example(new), "before": before(new)} for new in planned.new[offset : offset + limit]],
    })  # fmt: skip
