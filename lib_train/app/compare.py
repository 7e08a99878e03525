"""Two versions side by side: settings, pictures, captions, tags, runs, curves, sheets and notes. Writes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from lib_train.app.compare_page import html_of, sheet_small
from lib_train.app.compared_pictures import pictures_compared
from lib_train.app.compared_runs import run_json, series_of
from lib_train.app.folders import with_own_folders
from lib_train.app.listing import grids_of
from lib_train.app.versions import Versions
from lib_train.config.codec import names, settings_in, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS, RunConfig
from lib_train.errors import TrainToolsError
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.entry import Entry
from lib_train.pictures.facts import digest
from lib_train.store.projects import Version
from lib_train.store.runs import Run, checkpoints_of, runs_of
from lib_train.store.version_notes import notes_of
from lib_train.texts import Text, say, with_texts

MOST = 200
"""Rows of each list."""
_THUMBNAIL = 128
"""Longest side of a picture in a page."""
_LABELS = {
    "base_model": say("Base model"),
    "vae": "VAE",
    "prediction_type": say("Prediction type"),
    "preset": say("Preset"),
}


class Pictures(Protocol):
    """Where a version's pictures are known."""

    @property
    def dataset(self) -> DatasetConfig: ...

    @property
    def catalog(self) -> Catalog: ...


class _Side(NamedTuple):
    facts: dict[str, Any]
    settings: Mapping[str, Any]
    entries: Sequence[Entry]
    series: Mapping[str, Sequence[tuple[int, float]]]
    separator: str


class Comparing:
    """Compares versions below one root folder.

    Args:
        pictures_of: where the pictures of a version with these settings are known.
        require: raises a TrainToolsError for folders that may not be read here.
    """

    def __init__(
        self,
        versions: Versions,
        pictures_of: Callable[[Version, RunConfig], Pictures],
        require: Callable[[RunConfig], object] = lambda config: None,
    ) -> None:
        self._versions, self._pictures_of, self._require = versions, pictures_of, require

    def compared(self, first: tuple[str, str], second: tuple[str, str], most: int = MOST) -> dict[str, Any]:
        """Both versions, as JSON values. Of what are two, the first is that of ``first``.

        Args:
            first, second: project and version.
            most: rows of each list of pictures and captions, whose numbers are whole.

        Raises:
            TrainToolsError: there is no such version, or its settings cannot be read.
        """
        one, other = (self._side(*place) for place in (first, second))
        pictures, captions, tags = pictures_compared(one.entries, other.entries, other.separator, most)
        differ = list(_differing(one.settings, other.settings))
        both = one.series.keys() | other.series.keys()
        return {
            "sides": [one.facts, other.facts],
            "settings": differ,
            "settings_same": len(names()) - len(differ),
            "pictures": pictures,
            "captions": captions,
            "tags": tags,
            "series": {name: [list(side.series.get(name, ())) for side in (one, other)] for name in sorted(both)},
        }

    def page(self, found: Mapping[str, Any], words: Callable[[str], str], language: str) -> bytes:
        """A page of HTML with pictures and curves inside; of pictures that cannot be read the names alone.

        Args:
            found: see ``compared``.
            words, language: see ``compare_page.html_of``.
        """

        def image(side: int, of: Any) -> bytes:
            with suppress(TrainToolsError, OSError, ValueError):
                return sheet_small(Path(of)) if isinstance(of, str) else self._thumbnail(found["sides"][side], of)
            return b""

        return html_of(found, words, image, language).encode("utf-8", "xmlcharrefreplace")

    def _thumbnail(self, side: Mapping[str, Any], number: int) -> bytes:
        there = self._versions.existing(side["project"], side["version"])
        pictures = self._pictures_of(there, with_own_folders(there.kept().config, there))
        part = pictures.catalog.part(pictures.dataset, number)
        return pictures.catalog.thumbnail(pictures.dataset, part, _THUMBNAIL) if part else b""

    def _side(self, project: str, version: str) -> _Side:
        there = self._versions.existing(project, version)
        config = there.kept().config
        settings = settings_in(to_json(config))
        entries, problem = self._entries(there, config)
        runs = runs_of(there)
        notes = notes_of(there)
        drawn = _told_best(there, notes.best) or next((run for run in reversed(runs) if run.newest().step), None)
        facts = {
            "project": there.project.name,
            "version": there.name,
            **asdict(notes),
            "pictures": sum(not one.is_reg for one in entries),
            "reg": sum(one.is_reg for one in entries),
            "problem": problem,
            "runs": [run_json(run, settings) for run in reversed(runs)],
            "curve_of": drawn.name if drawn else "",
            "sheets": [str(path) for path in grids_of(there)],
        }
        separator = config.dataset.caption_separator
        return _Side(with_texts(facts), settings, entries, series_of(drawn) if drawn else {}, separator)

    def _entries(self, there: Version, config: RunConfig) -> tuple[Sequence[Entry], str]:
        """Pictures that are trained, and why they cannot be read."""
        try:
            self._require(config)
            found = self._pictures_of(there, with_own_folders(config, there))
            entries = found.catalog.look(found.dataset).entries
        except TrainToolsError as error:
            return (), error.args[0] if error.args and isinstance(error.args[0], Text) else str(error)
        return [_with_content(one) for one in entries if not one.left_out and not one.problem], ""


def _told_best(version: Version, file: str) -> Run | None:
    """The run that made the checkpoint that was found best; None where none is known."""
    name = next((one.run for one in checkpoints_of(version) if one.path.name == file), None) if file else None
    return Run(version, name) if name else None


def _with_content(entry: Entry) -> Entry:
    """The same with its digest, also where the catalog has not measured it yet."""
    return entry if entry.content else replace(entry, content=_digest(entry.path, entry.stamp))


@lru_cache(maxsize=20_000)
def _digest(path: Path, stamp: str) -> str:
    """``stamp`` is part of the key alone."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Settings that differ, in the order of their declaration."""
    labels = _LABELS | {
        one.name: one.label or _plain(one.name) for kind in SECTIONS.values() for one in options_of(kind)
    }
    for name, label in labels.items():
        if first.get(name) != second.get(name):
            yield {"name": name, "label": label, "values": [first.get(name), second.get(name)]}


def _plain(name: str) -> str:
    words = name.replace("_", " ")
    return words[0].upper() + words[1:]
