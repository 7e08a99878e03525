"""Regularisation pictures by the host's own sampler, on the base model alone: a job that can be stopped and goes on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event as Flag
from typing import Any

from lib_train.app.fits import fitted_on
from lib_train.app.kept import KeptSettings
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.app.preview_jobs import require_host
from lib_train.app.settings import declared_regularisation, read_section
from lib_train.config.preview import PreviewConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError, Problem
from lib_train.host.protocol import BaseModelRef, Host
from lib_train.jobs.listener import Listener
from lib_train.jobs.queue import Job, Put, Queue, Stopped, Task
from lib_train.jobs.regularisation import Target, made_in, make
from lib_train.jobs.running import freeing_memory, reporting_errors
from lib_train.jobs.wishes import Wishes
from lib_train.names import child, composed
from lib_train.previews.class_pictures import ClassPicture, bucket_sizes_of, class_pictures, identity_of
from lib_train.previews.variants import Wildcards
from lib_train.store.json_files import read_json, write_json
from lib_train.store.layout import checked_name
from lib_train.store.projects import Version
from lib_train.texts import joined, say

_FILE = "regularisation.json"
"""In a version's folder: what was wished last."""
_EXAMPLES = 4
_WITH_LESS = say("lower class_width and class_height, or close other programs")


@dataclass(frozen=True)
class Planned:
    """Pictures that are wanted, and those of them that are not there."""

    wanted: list[ClassPicture]
    missing: list[ClassPicture]
    target: Target
    ref: BaseModelRef


def planned(host: Host, pictures: PictureSet, run: RunConfig, config: RegularisationConfig) -> Planned:
    """What would be made; nothing is.

    Args:
        run: says base model and clip skip.

    Raises:
        TrainToolsError: the base model, the sampler, the class or a wildcard cannot be used.
    """
    known = host.samplers()
    if config.class_sampler not in known:
        remedy = say("choose one of {known}", known=", ".join(known))
        raise ConfigError([Problem("class_sampler", config.class_sampler, remedy)])
    ref = host.find(run.base_model, run.vae, run.prediction_type)
    word, home = composed(checked_name(config.class_word, "class_word")), pictures.home_of(True)
    folder = child(home, f"{config.class_repeats}_{word}")
    dataset = fitted_on(host, replace(run, dataset=pictures.dataset)).dataset
    trained = pictures.catalog.scan(pictures.dataset).pictures if pictures.dataset.train_data_dir else ()
    named = [Path(config.wildcard_folder)] if config.wildcard_folder else []
    wildcards = Wildcards([*named, *host.wildcard_folders()], "class_prompt")
    wanted = class_pictures(config, bucket_sizes_of(trained, dataset), run.training.clip_skip, wildcards)
    there = made_in([*_of_class(home, word), *_of_class(pictures.places.left_out / "reg", word)])
    missing = [one for one in wanted if identity_of(one.request, ref) not in there]
    return Planned(wanted, missing, Target(folder, pictures.dataset.caption_extension[0]), ref)


def _of_class(home: Path, word: str) -> list[Path]:
    """Folders of a class, whatever their repeats; those of taken out ones may lie in numbered folders."""
    if not home.is_dir():
        return []
    found = [one for outer in (home, *(one for one in home.iterdir() if one.name.isdecimal() and one.is_dir()))
             for one in outer.iterdir()]  # fmt: skip
    return [one for one in found if one.is_dir() and composed(one.name.partition("_")[2]) == word]


def carry_out(host: Host, pictures: PictureSet, plan: Planned, listener: Listener, stop: Flag) -> str:
    """Make what is missing, as one edit, whatever ends it; returns what was made, in words.

    Raises:
        TrainToolsError: the device is taken, the model changed, or the disk is full; what was made is kept.
    """
    made: list[Path] = []
    drawn: list[Path] = []

    def label(files: int = 0) -> str:
        folder = plan.target.folder.name
        return say("made regularisation pictures in {folder}: {count}", folder=folder, count=len(drawn))

    def add(files: Mapping[Path, str]) -> None:
        drawn.extend(path for path in files if path.suffix == ".png")
        coming.add(files)

    coming = pictures.journal().coming(label)
    try:
        with reporting_errors(str, _WITH_LESS), host.borrow(plan.ref) as model, freeing_memory():
            for path in make(host, model, plan.missing, plan.ref, plan.target, listener, stop, add):
                made.append(path)
    finally:
        drawn[:] = [path for path in made if path.suffix == ".png"]
        coming.end(made)
    return label()


class Regularisation:
    """Of all versions of one host."""

    def __init__(
        self, host: Host, sets: PictureSets, kept: KeptSettings, queue: Queue, wishes: Wishes, listener: Listener
    ) -> None:
        self._host, self._sets, self._kept = host, sets, kept
        self._queue, self._wishes, self._listener = queue, wishes, listener
        queue.kinds["regularise"] = self._making

    def described(self, project: str, version: str) -> dict[str, Any]:
        """What can be wished, with what was wished last, or else what the version's previews are made with.

        Raises:
            TrainToolsError: there is no such version, or its settings cannot be read.
        """
        there = self._kept.versions.existing(project, version)
        declared = declared_regularisation(self._host.samplers())
        known = {one["name"]: one["default"] for one in declared}
        values = {**known, **as_previews(self._kept.of(there).config.preview), **read_json(there.inside(_FILE))}
        wildcards = Wildcards(self._host.wildcard_folders(), "class_prompt").names()
        return {
            "settings": declared,
            "values": {name: value for name, value in values.items() if name in known},
            "wildcards": wildcards,
        }

    def preview(self, project: str, version: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """What the job would make, with some prompts.

        Args:
            settings: by name; what is not given is as for the version's previews, or as declared.

        Raises:
            TrainToolsError: they cannot be used.
        """
        _, _, plan = self._planned(project, version, settings)
        sizes = Counter((one.request.width, one.request.height) for one in plan.missing)
        examples = [
            {"seed": one.request.seed, "prompt": one.request.prompt, "caption": one.caption}
            for one in plan.missing[:_EXAMPLES]
        ]
        return {
            "folder": plan.target.folder.name,
            "pictures": len(plan.wanted),
            "missing": len(plan.missing),
            "sizes": [{"width": size[0], "height": size[1], "pictures": count} for size, count in sizes.most_common()],
            "examples": examples,
        }

    def start(self, project: str, version: str, settings: Mapping[str, Any], put: Put | None = None) -> None:
        """Begin to make the pictures that are missing.

        Args:
            settings: see ``preview``.
            put: what becomes of the job; None starts it at once.

        Raises:
            TrainToolsError: they cannot be used, none is missing, or a job is going on.
        """
        if put is None:
            self._queue.require_idle()
        there, _, plan = self._planned(project, version, settings)
        require_missing(plan)
        write_json(there.inside(_FILE), settings)
        job = Job(kind="regularise", project=project, version=version, config={"settings": dict(settings)})
        (put or self._queue.start)(job)

    def _making(self, job: Job) -> Task:
        def do() -> str:
            there, pictures, plan = self._planned(job.project, job.version, job.config.get("settings", {}))
            if job.again and not plan.missing:
                return say("all of them are there already")
            require_missing(plan)
            with there.filled():
                label = carry_out(self._host, pictures, plan, self._listener, self._wishes.stop)
            if self._wishes.stop.is_set():
                raise Stopped(joined("; ", (label, say("start it again to go on"))))
            return label

        return Task(do=do, ready=partial(require_host, self._host))

    def _planned(self, project: str, version: str, settings: Mapping[str, Any]) -> tuple[Version, PictureSet, Planned]:
        there, pictures = self._kept.versions.existing(project, version), self._sets.of(project, version)
        run = self._kept.of(there).config
        config = read_section(RegularisationConfig, {**as_previews(run.preview), **settings})
        if config.wildcard_folder:
            self._kept.permitted.path("wildcard_folder", config.wildcard_folder)
        return there, pictures, planned(self._host, pictures, run, config)


def as_previews(config: PreviewConfig) -> dict[str, Any]:
    """How previews are made, as settings of regularisation pictures."""
    return {
        "class_negative_prompt": config.preview_negative_prompt,
        "class_sampler": config.preview_sampler[0],
        "class_steps": config.preview_steps[0],
        "class_cfg_scale": config.preview_cfg_scale[0],
    }


def require_missing(plan: Planned) -> None:
    """Check that there is something to make.

    Raises:
        ConfigError: all pictures are there.
    """
    if not plan.missing:
        remedy = say("all of them are there already; ask for more, or begin with another seed")
        raise ConfigError([Problem("num_class_images", len(plan.wanted), remedy)])
