"""Notes that were written on another machine, brought beside those of here: no text of either is lost."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from lib_train.app.brought_runs import Names
from lib_train.app.unpacking import json_in
from lib_train.store.choices import CHOICES, Choice, choices_of, choose
from lib_train.store.pack_files import Pack
from lib_train.store.projects import Project, Version
from lib_train.store.version_notes import NOTES, VersionNotes, keep_notes, notes_of
from lib_train.texts import say

Tell = Callable[[str], None]


def bring_project_notes(pack: Pack, home: Project, tell: Tell) -> bool:
    """Put what was noted of the project elsewhere behind what is noted here; returns whether anything came."""
    there = str(json_in(pack, "project.json").get("notes", "")).strip()
    if not there or there == pack.manifest.notes.strip() or there in home.notes():
        return False
    home.keep_notes(lambda notes: _behind(notes, there))
    tell(say("notes of the project were changed there; they stand behind those of here"))
    return True


def bring_version_notes(pack: Pack, version: Version, names: Names, tell: Tell) -> bool:
    """Bring notes, conclusion and best checkpoint of a version; returns whether anything came.

    What was changed there alone comes in the place of what is here. Where both were changed, texts of there come
    behind those of here, and the best checkpoint of here stays.
    """
    path = f"versions/{version.name}/{NOTES}"
    if not pack.has(path):
        return False
    packed, there = pack.manifest.version_notes.get(version.name, {}), json_in(pack, path)
    kept = [one.name for one in version.checkpoints()]
    told: list[str] = []

    def changes(here: VersionNotes) -> Mapping[str, str]:
        told.clear()
        new: dict[str, str] = {}
        for name, label in _LABELS.items():
            theirs, before, ours = str(there.get(name) or ""), str(packed.get(name) or ""), str(getattr(here, name))
            theirs = names.here(theirs) if name == "best" else theirs
            if not theirs.strip() or theirs.strip() == before.strip() or theirs.strip() in ours:
                continue
            if ours == before and (name != "best" or theirs in kept):
                new[name] = theirs
                told.append(say("{version}: {what}: came from there", version=version.name, what=label))
            elif name == "best":
                told.append(say("{version}: the best checkpoint was found there to be {file}; {own} stays the one here",
                                version=version.name, file=theirs, own=ours or say("none")))  # fmt: skip
            else:
                new[name] = _behind(ours, theirs)
                told.append(say("{version}: {what}: changed here and there; what was written there stands behind yours",
                                version=version.name, what=label))  # fmt: skip
        return new

    came = bool(changes(notes_of(version)))
    if came:
        keep_notes(version, changes)
    for one in told:
        tell(one)
    return came


def bring_choices(pack: Pack, version: Version, names: Names) -> bool:
    """Bring stars, rejections and notes of checkpoints; returns whether any came.

    A verdict of here stays; a note of there comes behind that of here.
    """
    path = f"versions/{version.name}/{CHOICES}"
    known, came = {one.name for one in version.checkpoints()}, False
    for name, there in json_in(pack, path).items() if pack.has(path) else ():
        file = names.here(name)
        if file not in known or not isinstance(there, dict):
            continue
        here = choices_of(version).get(file, Choice())
        theirs = str(there.get("note") or "")
        new = {"verdict": here.verdict or str(there.get("verdict") or ""),
               "note": here.note if theirs in here.note else _behind(here.note, theirs)}  # fmt: skip
        if new != asdict(here):
            choose(version, file, new)
            came = True
    return came


_LABELS = {"notes": say("notes"), "conclusion": say("the conclusion"), "best": say("the best checkpoint")}


def _behind(here: str, there: str) -> str:
    return f"{here.rstrip()}\n\n{there}".lstrip()
