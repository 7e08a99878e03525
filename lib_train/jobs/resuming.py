"""Prepare a resumed run: find what it was made from, and name what has changed since."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from lib_train.checkpoints.resume import latest_state, read_facts
from lib_train.config.codec import from_json, to_json
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.dataset.batches import Batches
from lib_train.dataset.kept import Contents
from lib_train.errors import ConfigError, ModelFileError, Problem, ProjectError, RunChanged
from lib_train.host.protocol import BaseModel, BaseModelRef, Host
from lib_train.jobs import provenance
from lib_train.jobs.changes import changes, model_changes
from lib_train.jobs.picked import picked
from lib_train.jobs.provenance import Provenance, base_of, captions_of, provenance_of, same_base
from lib_train.jobs.undrawn import undrawn
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import require_usable
from lib_train.store.projects import Version
from lib_train.store.runs import Run
from lib_train.texts import say
from lib_train.training.plan import TrainPlan

PLACES = ("base_model", "vae", "train_data_dir", "reg_data_dir", "validation_data_dir", "base_weights")
"""Settings that are paths: a resumed run may have other paths to the same content."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """A run that is ready to start or to resume."""

    run: Run
    config: RunConfig
    found: Scan
    ref: BaseModelRef
    settings: Mapping[str, Any]
    """In the form of run.json."""
    state: Path | None = None
    """None starts from step 1."""
    step: int = 0
    """The last finished step; 0 before the first."""
    before: Provenance | None = None
    """What it was made from; None for a new run, and for one of an earlier version."""
    made: Provenance | None = None
    """What it is made from now, as far as that is known without a model; None until it is asked for."""
    with_changes: bool = False
    """Whether it resumes although those two differ."""
    changes: tuple[str, ...] = ()

    def resume_notes(self) -> Iterator[str]:
        """Lines for a person on how the run is resumed."""
        yield say("resuming {run} after step {step}", run=self.run.name, step=self.step)
        if self.before is None:
            yield say(
                "note: {run} was begun by an earlier version, which did not keep what a run is made from: whether base "
                "model, pictures and captions are still the same cannot be told",
                run=self.run.name,
            )
        yield from (say("note: changed: {change}", change=change) for change in self.changes)
        if self.made and self.made.total_steps <= self.step:
            yield say(
                "note: the plan has {steps} steps and {step} are done: the last checkpoint is of the present weights",
                steps=self.made.total_steps, step=self.step,
            )  # fmt: skip


def resumed(
    host: Host,
    run: Run,
    with_folders: Callable[[RunConfig, Version], RunConfig],
    look: Callable[[DatasetConfig], Scan],
    *,
    with_changes: bool = False,
    places: Mapping[str, Any] | None = None,
) -> Start:
    """How a run is resumed. Writes nothing and loads no model.

    Args:
        look: finds the pictures.
        with_changes: whether it goes on with what is there now, where that is not what it was made from.
        places: ``PLACES`` that are others now; ``prediction_type`` too for a run of an earlier version.

    Raises:
        RunChanged: what it was made from has changed.
        TrainToolsError: it holds no state, or cannot go on with what is there.
    """
    _require_places(run, places or {}, (*PLACES, "prediction_type"))
    if run.finished():
        raise ProjectError(say("resume = {run!r}: the run is finished; {way}", run=run.name, way=_after(host, run)))
    state = latest_state(run.state_folder)
    if state is None:
        why = say("{folder} holds no whole state", folder=run.state_folder)
        if run.state_step() is None:
            why = say("ended before its first state was saved")
        raise ProjectError(say("resume = {run!r}: {why}; start it anew with the same settings", run=run.name, why=why))
    facts = read_facts(state)
    step, before = int(facts["step"]), provenance.kept(run, facts)
    settings = _settings(run, before, places or {})
    config = with_folders(from_json(settings)[0], run.version)
    ref, remedy = _base(host, config, before)
    found = picked(look(config.dataset), config, run.version)
    require_usable(found, config.dataset)
    start = Start(run=run, config=config, found=found, ref=ref, state=state, step=step, settings=settings)
    start = replace(start, before=before, made=made_now(start), with_changes=with_changes)
    if before is None or start.made is None:
        return start
    return replace(start, changes=_allowed(start, changes(before, start.made), remedy))


def _after(host: Host, run: Run) -> str:
    """The way out for a finished run, whose last previews may be missing."""
    config, version = from_json(run.settings()["config"])[0], run.version
    wanted = config.preview.preview_after_training
    missing, total = undrawn(host, version, run.checkpoints(), config) if wanted else (0, 0)
    if not missing:
        return say("start a new one")
    place = f'--output "{version.project.root}" --project "{version.project.name}" --version "{version.name}"'
    return say("{missing} of its {total} previews are missing: make them with {command}, or in the tab",
               missing=missing, total=total, command=f"train-tools preview {place}")  # fmt: skip


def made_now(start: Start) -> Provenance:
    """What the run is made from now, as far as that is known without a model."""
    contents = Contents(start.run.version.inside("cache", "latents", "contents.json"))  # the one of cached latents
    made = provenance_of(start.settings, start.found, start.ref, _plan(start), contents.hash_of)
    contents.save()
    return made


def begun(start: Start, model: BaseModel) -> Start:
    """The same, with values of the loaded model, and written into the run.

    Raises:
        RunChanged: the model predicts something else than the one that the run began with, or in another schedule.
    """
    made, run = (start.made or made_now(start)).on(model), start.run
    if start.before:
        start = replace(start, changes=_allowed(start, [*start.changes, *model_changes(start.before, made)]))
    provenance.keep(run, made, captions_of(start.found, start.config.dataset))
    if run.settings()["config"] != start.settings:
        run.keep("config", start.settings)
    if start.changes:
        earlier = run.settings().get("changes", [])
        run.keep("changes", [*earlier, {"step": start.step, "time": time.time(), "changes": list(start.changes)}])
    return replace(start, made=made)


def _allowed(start: Start, named: Sequence[str], remedy: str = "") -> tuple[str, ...]:
    if named and not start.with_changes:
        raise RunChanged(start.run.name, start.step, named, remedy)
    return tuple(named)


def _plan(start: Start) -> TrainPlan:
    training = start.config.training
    batches = Batches(start.found, start.config.dataset, batch_size=training.train_batch_size, seed=training.seed)
    return TrainPlan.of(batches.batches_per_epoch, training)


def _settings(run: Run, before: Provenance | None, places: Mapping[str, Any]) -> dict[str, Any]:
    """The run's own settings, with paths that changed."""
    settings: dict[str, Any] = run.settings()["config"]
    if before:
        _require_places(run, places, PLACES)
    return to_json(from_json(settings, places)[0]) if places else settings


def _require_places(run: Run, given: Mapping[str, Any], known: Sequence[str]) -> None:
    if strange := [name for name in given if name not in known]:
        remedy = say("a resumed run keeps its settings: leave them out, or start a new run (given: {given})",
                     given=", ".join(strange))  # fmt: skip
        raise ConfigError([Problem("resume", run.name, remedy)])


def _base(host: Host, config: RunConfig, before: Provenance | None) -> tuple[BaseModelRef, str]:
    """The base model that the run began with, or the one that would replace it and how to get the former back."""
    if before is None:
        return host.find(config.base_model, config.vae, config.prediction_type), ""
    titles = (config.base_model, before.base_model.path, before.base_model.title, "")
    vaes = (config.vae, before.vae.path if before.vae else "", "")
    others: list[BaseModelRef] = []
    errors: list[str] = []
    for name, vae in product(dict.fromkeys(titles), dict.fromkeys(vaes)):
        try:
            ref = host.find(name, vae, config.prediction_type)
        except ModelFileError as error:
            errors.append(str(error))
            continue
        if same_base(base_of(ref), (before.base_model, before.vae)):
            return ref._replace(prediction_type=before.prediction_type), ""
        if name or not config.base_model:  # the host's own choice is none for a run that names its base model
            others.append(ref)
    if not others:
        raise ModelFileError(errors[0])
    return others[0], errors[0] if errors else ""
