"""What a person has decided of a version's checkpoints, in its choices.json: star, reject, note."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from lib_train.errors import ConfigError, Problem
from lib_train.store.json_files import changed_alone, read_json, write_json
from lib_train.store.projects import Version
from lib_train.texts import say

CHOICES = "choices.json"
"""Name of the file in its version."""
STARRED, REJECTED = "starred", "rejected"
_LONGEST = 2000


@dataclass(frozen=True)
class Choice:
    """Of one checkpoint."""

    verdict: str = ""
    """``STARRED``, ``REJECTED``, or empty."""
    note: str = ""


def choices_of(version: Version) -> dict[str, Choice]:
    """What was decided, by file name of the checkpoint; those of which nothing was decided are left out.

    Raises:
        ProjectError: the file is no JSON object.
    """
    found = read_json(version.inside(CHOICES))
    return {name: _choice(one) for name, one in found.items() if isinstance(one, dict)}


def _choice(kept: Mapping[str, object]) -> Choice:
    verdict = str(kept.get("verdict") or "")
    return Choice(verdict if verdict in (STARRED, REJECTED) else "", str(kept.get("note") or ""))


def choose(version: Version, name: str, changes: Mapping[str, str]) -> Choice:
    """Change verdict or note of a checkpoint; what is said of others stays, also what other windows say meanwhile.

    Raises:
        ConfigError: there is no such verdict, or the note is too long.
        HostBusyError: another process writes them for long.
        ProjectError: the file is no JSON object, or cannot be written.
    """
    verdict, note = changes.get("verdict", ""), changes.get("note", "")
    if verdict not in ("", STARRED, REJECTED):
        known = f"{STARRED}, {REJECTED}"
        raise ConfigError([Problem("verdict", verdict, say("choose one of {known}, or leave it empty", known=known))])
    if len(note) > _LONGEST:
        remedy = say("is longer than {letters} letters; shorten it", letters=_LONGEST)
        raise ConfigError([Problem("note", note[:40], remedy)])
    path = version.inside(CHOICES)
    with changed_alone(path):
        kept = read_json(path)
        before = kept.get(name)
        new = Choice(**{**asdict(_choice(before if isinstance(before, dict) else {})), **changes})
        write_json(path, {**{key: one for key, one in kept.items() if key != name},
                          **({name: asdict(new)} if new != Choice() else {})})  # fmt: skip
    return new
