"""Tools on LoRA files as works of a version: one at a time, in the background, with what came of it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from threading import Lock
from typing import Any

from lib_train.app import lora_tools
from lib_train.app.listing import sample_of
from lib_train.app.lora_files import LoraFiles
from lib_train.app.lora_tools import Outcome
from lib_train.app.new_files import ENDING, stem_of
from lib_train.app.settings import declared_tool, read_section
from lib_train.app.versions import Versions
from lib_train.app.works import GoOn, Works
from lib_train.config.fields import BlockRow
from lib_train.config.tools import TOOLS
from lib_train.errors import ConfigError, HostBusyError, Problem
from lib_train.files import sweep, sweep_folder
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.wishes import Wishes
from lib_train.lora_tools.block_lists import BASE, FULL, PRESETS, in_full, presets_of
from lib_train.lora_tools.layers import algebra_of, opened
from lib_train.lora_tools.outcome import Summary
from lib_train.names import child
from lib_train.store.layout import made
from lib_train.store.projects import Version
from lib_train.texts import joined, say, with_texts
from lib_train.vocabulary import BLOCKS

PLACES = ("beside", "version", "host")
"""Where a new file may go: beside the first of its files, among the version's checkpoints, the host's LoRA folder."""
Act = Callable[[GoOn], Outcome | None]
KIND = "tool-"
"""How the kinds of these works begin."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A new file to make; which of it counts depends on the tool."""

    files: Sequence[str]
    """As ``LoraFiles.listed`` names them; of extract titles or paths of two base models."""
    settings: Mapping[str, Any]
    """Of the tool, by name."""
    place: str
    """One of ``PLACES``."""
    name: str
    """Of the new file, with or without its ending."""
    into: str = ""
    """merge: a base model, of which the new file becomes a copy with the networks in it; empty makes a LoRA."""
    base: str = ""
    """resize, blocks, merge: the base model that files were trained on whose kind needs it; empty is the version's."""
    cover: bool = False
    """convert: whether the file's newest preview becomes its picture."""


class ToolRuns:
    """For one host and all versions below one root."""

    def __init__(
        self, host: Host, versions: Versions, files: LoraFiles, works: Works, queue: Queue, wishes: Wishes,
        listener: Listener,
    ) -> None:  # fmt: skip
        self._host, self._versions, self._files, self._works = host, versions, files, works
        self._wishes, self._listener = wishes, listener
        self._alone, self._where = Lock(), ""
        queue.kinds["tool"] = self._working

    def declared(self) -> list[dict[str, Any]]:
        """Every tool with its settings, as JSON values."""
        return [{"name": name, "settings": _declared(name, self._presets())} for name in TOOLS]

    def start(self, project: str, version: str, tool: str, wish: Wish) -> dict[str, Any]:
        """Begin to make a new file of others; see ``Works.one``.

        Raises:
            ConfigError: something of it cannot be used.
            HostBusyError: another tool works.
            TrainToolsError: there is no such version, or no such base model.
        """
        there = self._versions.existing(project, version)
        act, touched = self._prepared(there, tool, wish)
        held = partial(self._held, there, touched)
        return self._works.start(KIND + tool, project, version, partial(self._run, tool, act), held)

    def add(self, project: str, version: str, tool: str, wish: Wish, put: Put) -> None:
        """The same as a job.

        Args:
            put: what becomes of it.

        Raises:
            TrainToolsError: see ``start``.
        """
        self._prepared(self._versions.existing(project, version), tool, wish)
        put(Job(kind="tool", project=project, version=version, config={"tool": tool, "wish": asdict(wish)}))

    def _working(self, job: Job) -> Task:
        there = self._versions.existing(job.project, job.version)
        tool, wish = str(job.config["tool"]), Wish(**job.config["wish"])
        to = self._place(there, tool, wish)
        if job.again and to.is_file():
            return Task(do=lambda: say("{name} is there", name=to.name))
        act, touched = self._prepared(there, tool, wish)

        def go_on(done: int, total: int) -> bool:
            self._listener.working("layers", done, total)
            return not self._wishes.stop.is_set()

        def do() -> str:
            with self._held(there, touched):
                self.sweep()
                outcome = act(go_on)
            if outcome is None:
                raise Stopped(say("nothing half done is left"))
            self._offer(outcome)
            return joined("; ", lora_tools.told(outcome))

        return Task(do=do, ready=self._require_alone)

    def _require_alone(self) -> None:
        if self._alone.locked():
            raise self._busy()

    def _busy(self) -> HostBusyError:
        return HostBusyError(
            say("another tool makes a file in {place}; wait until it is done, or cancel it there", place=self._where)
        )

    def sweep(self) -> None:
        """Clear away what killed processes left half written in the host's folders."""
        folder = self._host.lora_folder()
        if folder is not None:
            sweep(folder)
        for place in {ref.path.parent for ref in self._host.base_models()}:
            sweep_folder(place)

    def _prepared(self, there: Version, tool: str, wish: Wish) -> tuple[Act, list[Path]]:
        """What makes the file, all checked that can be checked before; and the files that it reads and makes."""
        if tool not in TOOLS:
            raise ConfigError([Problem("tool", tool, say("must be one of {known}", known=", ".join(TOOLS)))])
        if not wish.files or (tool == "extract" and len(wish.files) != 2):
            raise ConfigError([Problem("files", "", say("choose a file"))])
        paths = [self._model(file) if tool == "extract" else self._files.path(file, "files") for file in wish.files]
        config: Any = read_section(TOOLS[tool], wish.settings)
        into = self._model(wish.into, "into") if tool == "merge" and wish.into else None
        base = self._model(wish.base.strip(), "base") if wish.base.strip() else None
        to = self._place(there, tool, wish)
        if os.path.lexists(to):
            remedy = say("there is a file of this name already; write another one")
            raise ConfigError([Problem("name", to.name, remedy)])
        return self._act(there, tool, wish, paths, to, config, into, base), [*paths, to]

    def _act(
        self, there: Version, tool: str, wish: Wish, paths: Sequence[Path], to: Path, config: Any,
        into: Path | None, given: Path | None,
    ) -> Act:  # fmt: skip
        base = partial(self._base, there, paths, given)
        if tool == "merge":
            named = self._presets()
            return lambda go_on: lora_tools.merge(paths, to, config, presets=named, base=base(), into=into, go_on=go_on)
        if tool == "extract":
            return lambda go_on: lora_tools.extract(paths[0], paths[1], to, config, go_on)
        if tool == "convert":
            cover = self._cover(there, paths[0]) if wish.cover else None
            return lambda go_on: lora_tools.convert(paths[0], to, config, cover, go_on)
        if tool == "blocks":
            return lambda go_on: lora_tools.blocks(paths[0], to, config, self._presets(), base(), go_on)
        return lambda go_on: lora_tools.resize(paths[0], to, config, base(), go_on)

    def _presets(self) -> dict[str, str]:
        """Lists of block weights by name that people of the host keep."""
        return presets_of(self._host.block_presets())

    def _model(self, name: str, setting: str = "files") -> Path:
        """The file of a base model of this title, or of that path."""
        known = {ref.title: ref.path for ref in self._host.base_models()}
        return known.get(name) or self._files.permitted(setting, name)

    def _cover(self, there: Version, path: Path) -> Path:
        if (found := sample_of(there, path.stem)) is None:
            remedy = say("there are no pictures of this file yet: make a preview first")
            raise ConfigError([Problem("cover", path.name, remedy)])
        return found

    def _run(self, tool: str, act: Act, go_on: GoOn) -> dict[str, Any]:
        self.sweep()
        outcome = act(go_on)
        if outcome is None:
            return {"cancelled": True}
        self._offer(outcome)
        return with_texts(
            {
                "cancelled": False,
                "before": [self._summary(one) for one in outcome.before],
                "after": self._summary(outcome.after),
                "error": outcome.error,
                "notes": list(outcome.notes),
            }
        )

    def _offer(self, outcome: Outcome) -> None:
        """Make the host see a new file in its folder of LoRA files, or a checkpoint among its base models."""
        folder = self._host.lora_folder()
        if folder is not None and outcome.path.is_relative_to(folder):
            self._host.refresh_loras()
        folders = {ref.path.parent for ref in self._host.base_models()}
        if outcome.after.kind == "checkpoint" and outcome.path.parent in folders:
            self._host.offer_base_model(outcome.path)

    def _summary(self, one: Summary) -> dict[str, Any]:
        return with_texts(
            {
                "file": self._files.name_of(one.path),
                "name": one.path.name,
                "bytes": one.size_bytes,
                "kind": one.kind,
                "layers": one.layers,
                "dims": dict(one.dims),
                "precision": one.precision,
                "norm": one.norm,
            }
        )

    def _place(self, there: Version, tool: str, wish: Wish) -> Path:
        """Where the new file goes, whether there is one or not."""
        if tool == "merge" and wish.into:
            first = self._model(wish.into, "into")
        else:
            first = self._model(wish.files[-1]) if tool == "extract" else self._files.path(wish.files[0], "files")
        stem = stem_of(wish.name)
        return child(self._folder(there, first, wish.place), f"{stem}{ENDING}")

    def _folder(self, there: Version, first: Path, place: str) -> Path:
        if place == "beside":
            return first.parent
        if place == "version":
            return there.part("checkpoints")
        folder = self._host.lora_folder()
        if place != "host" or folder is None:
            raise ConfigError([Problem("place", place, say("must be one of {known}", known=", ".join(PLACES)))])
        return made(folder)

    def _base(self, there: Version, paths: Sequence[Path], given: Path | None) -> Path | None:
        """The base model, ``given`` or else the version's, where a file is nothing without one, such as DoRA."""
        for path in paths:
            source = opened(path)
            if any(algebra_of(name, stored).needs_weight for name, stored in source.layers.items()):
                if given is not None:
                    return given
                config = there.kept().config
                return self._host.find(config.base_model, config.vae, config.prediction_type).path
        return None

    @contextmanager
    def _held(self, there: Version, touched: Sequence[Path]) -> Iterator[None]:
        """While entered, no other tool begins, and no version whose files it reads or makes is renamed or deleted."""
        if not self._alone.acquire(blocking=False):
            raise self._busy()
        with ExitStack() as left:
            left.callback(self._alone.release)
            self._where = f"{there.project.name} {there.name}"
            found = [there, *(version for path in touched if (version := self._versions.of(path)))]
            for version in {version.folder.resolve(): version for version in found}.values():
                left.enter_context(version.filled())
            yield


def _declared(tool: str, presets: Mapping[str, str]) -> list[dict[str, Any]]:
    """The tool's settings; the weights of the blocks are drawn as sliders."""
    found = declared_tool(TOOLS[tool])
    return [one | {"blocks": _row(presets)._asdict()} if tool == "blocks" and one["name"] == "weights" else one
            for one in found]  # fmt: skip


def _row(own: Mapping[str, str]) -> BlockRow:
    names = {family: tuple(block if block in (BASE, *BLOCKS[family]) else "" for block in FULL) for family in BLOCKS}
    presets: dict[str, dict[str, Sequence[float]]] = {family: {} for family in BLOCKS}
    for family, name in product(BLOCKS, {**PRESETS, **own}):
        with suppress(ConfigError):  # a list of another family
            presets[family][name] = in_full(name, family, own)
    return BlockRow(names, presets, base="", otherwise=1.0, slider=(0, 1.5, 0.05), written=True)
