"""What helps somebody who writes a caption: tags to complete, and where its tokens end."""

from collections.abc import Iterator, Sequence
from itertools import chain
from threading import Thread
from typing import Any

from lib_train.app.gallery import Gallery
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.app.tokens import marks_in
from lib_train.host.protocol import Host
from lib_train.pictures.emoticons import is_emoticon, spaced, underscored
from lib_train.pictures.entry import Entry
from lib_train.pictures.tag_line import Shape
from lib_train.pictures.tag_lists import tag_list
from lib_train.pictures.tags import TagCount, tag_counts
from lib_train.pictures.terms import same_tag


class Writing:
    """For the pictures of versions."""

    def __init__(self, host: Host, gallery: Gallery, sets: PictureSets) -> None:
        self._host, self._gallery, self._sets = host, gallery, sets
        self._known: tuple[Sequence[Entry], Shape, list[TagCount]] = (), Shape(), []
        self._reads_ahead = False

    def completions(self, project: str, version: str, beginning: str, most: int) -> dict[str, Any]:
        """Tags that begin so, or have such a word or alias: first those of the version's captions, then of tag lists.

        Args:
            beginning: empty gives the most frequent tags of the captions alone.

        Raises:
            TrainToolsError: there is no such version, or its settings cannot be used.
        """
        counts, words = self._counts(self._sets.of(project, version)), same_tag(beginning)
        found: dict[str, dict[str, Any]] = {}
        written = underscored if _underscores(counts) else spaced
        for one in chain(_own(counts, words), self._listed(words) if words else ()):
            tag = one["tag"] if one["pictures"] else written(one["tag"])
            found.setdefault(same_tag(tag), one | {"tag": tag})
            if len(found) >= most:
                break
        return {"tags": list(found.values())}

    def counted(self, project: str, version: str, parts: Sequence[str]) -> dict[str, Any]:
        """Tokens of a caption as it is trained, how many of them are, and where each 75 end.

        Who asks has a caption before them and will soon want completions: the first time, tag lists are read ahead.

        Args:
            parts: see ``marks_in``.

        Raises:
            TrainToolsError: as ``completions``; or the host cannot count now.
        """
        place = self._gallery.place(project, version)
        self._read_ahead()
        whole = [part.encode(errors="replace").decode() for part in parts]
        tokens, marks = marks_in(whole, place.dataset, self._host)
        return {
            "tokens": tokens,
            "most": place.limits.max_tokens,
            "marks": [{"tokens": most, "part": part} for most, part in marks],
        }

    def _counts(self, pictures: PictureSet) -> list[TagCount]:
        entries, shape = pictures.entries(), pictures.shape
        known_entries, known_shape, counts = self._known
        if entries != known_entries or shape != known_shape:
            counts = tag_counts((one for one in entries if one.captioned and not one.caption_problem), shape)
            self._known = entries, shape, counts
        return counts

    def _read_ahead(self) -> None:
        """Begin to read the tag lists, which takes a second, once."""
        if not self._reads_ahead:
            self._reads_ahead = True
            Thread(target=lambda: list(map(tag_list, self._host.tag_lists())), name="tag-lists", daemon=True).start()

    def _listed(self, words: str) -> Iterator[dict[str, Any]]:
        for path in self._host.tag_lists():
            for one in tag_list(path).beginning(words):
                yield {"tag": one.tag, "pictures": 0, "posts": one.posts, "alias": one.alias}


def _own(counts: Sequence[TagCount], words: str) -> Iterator[dict[str, Any]]:
    keys = [(same_tag(one.tag), one) for one in counts]
    begins = (one for key, one in keys if key.startswith(words))
    inside = (one for key, one in keys if words and f" {words}" in key)
    for one in (*begins, *inside):
        yield {"tag": one.tag, "pictures": one.pictures, "posts": 0, "alias": ""}


def _underscores(counts: Sequence[TagCount]) -> bool:
    """Whether captions rather have underscores than spaces in their tags."""
    tags = [one for one in counts if not is_emoticon(one.tag)]
    return sum(one.pictures for one in tags if "_" in one.tag) > sum(one.pictures for one in tags if " " in one.tag)
