"""Every error that a person can meet, in one tree.

TrainToolsError
  ConfigError          a setting cannot be used; carries one Problem per setting
  DatasetError         the picture folders cannot be trained on
    PictureError       one of their pictures cannot be
  SelectionError       a text that names pictures cannot be read
  FileError            a file cannot be read or written
    ModelFileError     a checkpoint, VAE or network file cannot be used
    ProjectError       a project, version or run on disk cannot be used
      RunChanged         what a run was made from has changed since
    CaptionChanged     a caption was changed by somebody else since it was read
    ArchiveError       an archive of pictures cannot be taken in
  MissingPackage       an optional package is needed and not installed
  HostBusyError        the device is taken by another job of the host
  HostModelError       the checkpoint that the host has loaded cannot be trained
  PageError            a page asks that is not ours, or older than this process
  NotTraining          asked of a training, while none goes on
  SettingsChanged      a run is asked for with settings that somebody has changed meanwhile
  BaseModelChanged     the host's checkpoint was changed, moved or unloaded during a run
  TrainingDiverged     loss or weights became NaN or infinite
  OutOfMemory          the device has too little memory for these settings

Anything else that escapes is a bug of ours: the command line keeps its traceback in a file and names that.
"""

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lib_train.texts import joined, say

_LONGEST_SHOWN = 400
_LONGEST_REST = 40
_SYSTEM: dict[str, str] = {
    words: words
    for words in (
        say("Device or resource busy"),
        say("Directory not empty"),
        say("File exists"),
        say("File name too long"),
        say("Input/output error"),
        say("Is a directory"),
        say("No space left on device"),
        say("No such file or directory"),
        say("Not a directory"),
        say("Operation not permitted"),
        say("Permission denied"),
        say("Read-only file system"),
        say("Too many open files"),
    )
}
"""What systems say most often; other words of theirs stay as they are."""


def reason(error: BaseException) -> str:
    """Why something failed, in the system's words without its number.

    >>> reason(PermissionError(13, "Permission denied", "model.ckpt")), reason(ValueError("no JSON"))
    ('Permission denied', 'no JSON')
    """
    words = str(getattr(error, "strerror", None) or error)
    return _SYSTEM.get(words, words)


class TrainToolsError(Exception):
    """Base of every error that UI, API and command line show as a message."""

    code = "error"
    """Stays the same in every language and version."""


class Problem(NamedTuple):
    """One thing that cannot be used: the setting or file, its value, and the way out."""

    setting: str
    value: object
    remedy: str

    def __str__(self) -> str:
        if self.value is None:
            return say("{setting} is not given: {remedy}", setting=self.setting, remedy=self.remedy)
        text = repr(self.value)
        if len(text) > _LONGEST_SHOWN:
            text = f"{text[: _LONGEST_SHOWN // 2]} ... {text[-_LONGEST_SHOWN // 4 :]}"
        return say("{setting} = {value}: {remedy}", setting=self.setting, value=text, remedy=self.remedy)


class ConfigError(TrainToolsError):
    """All settings that cannot be used, found in one pass."""

    code = "unusable_settings"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = say("1 setting cannot be used:") if count == 1 else say("{count} settings cannot be used:", count=count)
        super().__init__(joined("\n  ", [head, *self.problems]))


class DatasetError(TrainToolsError):
    """The picture folders cannot be trained on."""

    code = "unusable_dataset"


class PictureError(DatasetError):
    """A picture file cannot be trained on. ``why`` is the message without the file."""

    def __init__(self, path: Path, why: str) -> None:
        self.why = why
        super().__init__(joined(": ", (path, why)))


class SelectionError(TrainToolsError):
    """A text that names pictures, such as ``blue_eyes -hat``, cannot be read. ``place`` counts its signs from 0."""

    code = "unusable_filter"

    def __init__(self, text: str, place: int, why: str) -> None:
        self.place = place
        rest = text[place : place + _LONGEST_REST]
        where = say("at {rest!r}", rest=rest) if rest else say("at its end")
        super().__init__(say("filter, {where}: {why}", where=where, why=why))


class FileError(TrainToolsError):
    """A file cannot be read or written."""

    code = "unusable_file"


class ModelFileError(FileError):
    """A checkpoint, VAE or network file cannot be used."""

    code = "unusable_model_file"


class ProjectError(FileError):
    """A project, version or run on disk cannot be used."""

    code = "unusable_project"


class RunChanged(ProjectError):
    """What a run was made from has changed since: going on would make another run of it, without a word.

    ``changes`` are sentences, ``step`` is the one after which it would go on, ``remedy`` how to put it back, where
    somebody knows. ``plain`` is the message without the command line's flags, in one line.
    """

    code = "run_changed"

    def __init__(self, run: str, step: int, changes: Sequence[str], remedy: str = "") -> None:
        self.changes, self.step, self.remedy = tuple(changes), step, remedy
        back = say("put it back ({remedy})", remedy=remedy) if remedy else say("put it back")
        head = say("resume = {run!r}: what the run was made from has changed:", run=run)
        self.plain = say(
            "{head} {changes}; {back}, go on after step {step} with the changes, or start a new run",
            head=head, changes=joined("; ", changes), back=back, step=step,
        )  # fmt: skip
        ways = say(
            "{back}; or go on after step {step} with what is there now: {flags}; or start a new run",
            back=back, step=step, flags=f"--resume {run} --with_changes",
        )  # fmt: skip
        super().__init__(joined("\n", [joined("\n  ", [head, *changes]), ways]))


class CaptionChanged(FileError):
    """A caption was changed elsewhere since it was read. ``present`` is the file's content now."""

    code = "caption_changed"

    def __init__(self, name: str, present: str) -> None:
        self.present = present
        super().__init__(
            say("{name}: somebody else changed this caption meanwhile; choose which of the two to keep", name=name)
        )


class ArchiveError(FileError):
    """An archive of pictures cannot be taken in."""

    code = "unusable_archive"


class MissingPackage(TrainToolsError):
    """An optional package is needed and not installed."""

    code = "missing_package"

    def __init__(self, package: str, needed_for: str, command: str = "") -> None:
        self.package = package
        super().__init__(
            say(
                "{needed_for} needs the package {package}, which is not installed: {command}",
                needed_for=needed_for, package=package, command=command or f"pip install {package}",
            )
        )  # fmt: skip


class HostBusyError(TrainToolsError):
    """The device is taken by another job of the host."""

    code = "busy"


class HostModelError(TrainToolsError):
    """The checkpoint that the host has loaded, or the way it holds it, cannot be trained."""

    code = "untrainable_model"


class PageError(TrainToolsError):
    """A page asks something that is not ours, or older than this process."""

    code = "old_page"


class NotTraining(TrainToolsError):
    """A request that needs a running training."""

    code = "not_training"


class SettingsChanged(TrainToolsError):
    """A run was requested with settings that have changed since they were read."""

    code = "settings_changed"


class BaseModelChanged(TrainToolsError):
    """The host's checkpoint was changed, moved or unloaded during a run. What was trained before is good."""

    code = "base_model_changed"


class TrainingDiverged(TrainToolsError):
    """Loss or weights became NaN or infinite."""

    code = "diverged"


class OutOfMemory(TrainToolsError):
    """The device has too little memory for these settings, or the machine for this file."""

    code = "out_of_memory"


def unwritten(path: Path, error: OSError) -> FileError:
    """What is told of a file or folder that could not be written."""
    return FileError(
        say("{path}: cannot be written ({why}); make room or check permissions", path=path, why=reason(error))
    )


_NO_MEMORY = ("out of memory", "allocate memory", "not enough memory", "alloc_failed")
"""How CUDA, MPS, torch on a CPU by system, and NVIDIA's libraries say it."""


def is_short_of_memory(error: BaseException) -> bool:
    """Whether an error of Python, torch or the system means out of memory."""
    by_text = any(words in str(error).lower() for words in _NO_MEMORY)
    return isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM or by_text
