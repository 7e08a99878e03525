"""One run on a borrowed model, from the first encoded picture to the last sheet."""

from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from lib_train.checkpoints.metadata import RunFacts, network_metadata
from lib_train.checkpoints.resume import read_state
from lib_train.config.run import RunConfig
from lib_train.errors import BaseModelChanged, ConfigError
from lib_train.host.protocol import BaseModel, Host
from lib_train.jobs.asking import Asking
from lib_train.jobs.axis_drawing import draw_lines_of
from lib_train.jobs.drawing import BASE, draw
from lib_train.jobs.file_facts import run_facts
from lib_train.jobs.given import given_for
from lib_train.jobs.liking import as_txt2img, txt2img_of
from lib_train.jobs.listener import Listener
from lib_train.jobs.live import Live
from lib_train.jobs.outcome import Outcome
from lib_train.jobs.records import RecordWriter, records_of
from lib_train.jobs.resuming import Start, begun
from lib_train.jobs.running import Loop, Sink, freeing_memory, reporting_errors, stopping_on_signals
from lib_train.jobs.sinks import CheckpointWriter, LogWriter, Previews, StateWriter
from lib_train.jobs.wishes import Wishes
from lib_train.store.learned import passed_step
from lib_train.texts import say
from lib_train.training.assemble import assemble
from lib_train.training.events import CheckpointSaved, Event


def run_to_end(host: Host, start: Start, listener: Listener, wishes: Wishes, signals: bool = False) -> Outcome:
    """Borrow the host's model and run a training to its end.

    Args:
        signals: whether Ctrl-C stops it between two steps; only in the main thread.

    Raises:
        TrainToolsError: it ended early; what was saved before is kept.
    """
    try:
        with reporting_errors(start.run.keep_error), host.borrow(start.ref) as model, freeing_memory():
            return TrainingRun(host, model, start, listener, wishes, signals).run()
    finally:
        listener.ended()


class TrainingRun:
    """See ``run_to_end``."""

    def __init__(
        self, host: Host, model: BaseModel, start: Start, listener: Listener, wishes: Wishes, signals: bool
    ) -> None:
        self._host, self._model, self._listener, self._wishes, self._signals = host, model, listener, wishes, signals
        self._run, self._config = start.run, start.config
        cache = start.run.version.part("cache")
        given = given_for(start.config, model.family, start.state)
        self._assembly = assemble(start.config, start.found, model, cache, start.step, given)
        self._trainer = self._assembly.trainer
        self._learned = False
        self._start = begun(start, model)
        self._like = ""
        self._drawing = self._as_drawn()
        plan, precision = self._assembly.plan, self._config.training.save_precision
        self._checkpoints = CheckpointWriter(self._run, plan, self._metadata, precision, listener.message)

    def run(self) -> Outcome:
        """Encode, load the state if there is one, train, and draw the sheets."""
        with self._model.offering(Live(self._run, self._trainer, self._checkpoints)) as name:
            self._listener.offered(name)
            return self._to_end()

    def _as_drawn(self) -> RunConfig:
        """The settings that previews go by from the run's begin to its end."""
        version = self._run.version
        try:
            found = txt2img_of(self._host, self._config)
        except ConfigError as error:  # a run that goes on by itself after a restart
            self._listener.message(say("no previews: {why}", why=error))
            return replace(self._config, preview=replace(self._config.preview, preview_prompts=()))
        self._like = found.key if found else ""
        return as_txt2img(self._config, found, f"{version.project.name}-{version.name}-")

    def _to_end(self) -> Outcome:
        self._encode()
        if self._start.state is not None:
            self._load(self._start.state)
        states = StateWriter(self._start, self._trainer)
        finished = not self._wishes.stop.is_set() and self._train(states)
        if not finished:
            states.write()
        if self._learned:
            self._listener.message(self._told_learned())
        written, preview = self._run.checkpoints(), self._drawing.preview
        drawn = (finished or self._learned) and preview.preview_after_training and preview.preview_prompts
        sheets = self._compared(*written) if drawn and written else ()
        return Outcome(self._run, finished, written, sheets, self._learned)

    def _told_learned(self) -> str:
        step, plan = self._trainer.step, self._assembly.plan
        return say(
            "{run}: has learned what it can, the loss of a fixed batch has come to rest: ended with epoch {epoch} of "
            "{epochs}; resume it to go on all the same",
            run=self._run.name, epoch=plan.epoch_of(step), epochs=plan.epochs,
        )  # fmt: skip

    def _encode(self) -> None:
        asking = self._asking()
        for what, done, total in self._assembly.prepare():
            self._listener.working(what, done, total)
            if not self._model.between_steps(done, total, nullcontext):
                self._wishes.stop.set()
            asking.look(("stop",))  # the others stay for the first step
            if self._wishes.stop.is_set():
                break

    def _asking(self) -> Asking:
        return Asking(self._run, self._wishes, self._listener.message)

    def _load(self, state: Path) -> None:
        self._trainer.load_state(*read_state(state))
        self._run.go_on_after(self._start.step)
        self._listener.resumed(self._run.curves())
        for line in self._start.resume_notes():
            self._listener.message(line)

    def _train(self, states: StateWriter) -> bool:
        preview = self._drawing.preview
        made = records_of(self._run, self._config, self._start.found, self._assembly.plan)
        records = [RecordWriter(self._run, record, self._listener.message) for record in made]
        loop = Loop(
            self._trainer,
            self._model,
            [*self._sinks(states), *records],
            self._wishes,
            self._listener,
            states.due,
            self._asking().look,
            passed_step(self._run),
        )
        try:
            with (
                stopping_on_signals(self._wishes.stop) if self._signals else nullcontext(),
                self._wishes.training(bool(preview.preview_prompts)),
                ExitStack() as open_files,
            ):
                for record in records:
                    open_files.callback(record.close)
                finished = loop.run_to_end()
                self._learned = loop.learned
                return finished
        except BaseModelChanged:
            states.write()
            raise

    def _sinks(self, states: StateWriter) -> list[Sink]:
        plan, listener, config = self._assembly.plan, self._listener, self._drawing
        return [
            self._checkpoints,
            states,
            LogWriter(self._run, plan.total_steps),
            self._notify,
            Previews(config.preview, plan, self._trainer, self._sampled, listener.message, self._wishes.sample),  # slow
        ]

    def _notify(self, event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            if not event.again:
                for path in event.paths:
                    self._listener.file_written(path)
        else:
            self._listener.trained(event, self._assembly.plan)

    @cached_property
    def _facts(self) -> RunFacts:  # at the first checkpoint: hashing a base model takes seconds
        return run_facts(self._run, self._assembly.config, self._start.found, self._model, self._assembly)

    def _metadata(self, stem: str, step: int, epoch: int) -> dict[str, str]:
        return network_metadata(self._assembly.config, self._facts, stem=stem, step=step, epoch=epoch)

    def _sampled(self, *networks: Path) -> None:
        """Draw files of now; before there are any the one that training goes on from, or else the base model alone."""
        config = self._drawing
        if networks or config.network.network_weights:
            self._draw(*(networks or [Path(config.network.network_weights)]))
            return
        preview = replace(config.preview, preview_weights=(0.0,), preview_block_weights=())
        self._draw(Path(BASE), config=replace(config, preview=preview))

    def _compared(self, *networks: Path) -> tuple[Path, ...]:
        """The sheets of all checkpoints, with those by axes."""
        found, stop = self._draw(*networks, reuses=True), self._wishes.stop
        if stop.is_set():
            return found
        given = self._host, self._model, self._listener, self._run.version, networks, self._drawing, stop, self._like
        return (*found, *draw_lines_of(*given))

    def _draw(self, *networks: Path, config: RunConfig | None = None, reuses: bool = False) -> tuple[Path, ...]:
        version, taken, stop, like = self._run.version, config or self._drawing, self._wishes.stop, self._like
        return tuple(draw(self._host, self._model, self._listener, version, networks, taken, stop, reuses, like))
