"""The training loop. It takes tensors and yields events; it knows no file and no screen."""

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.chance import seed_of
from lib_train.config.training import TrainingConfig
from lib_train.dataset.batches import Batches
from lib_train.dataset.records import Use
from lib_train.diffusion.noise import generator_of
from lib_train.errors import TrainingDiverged
from lib_train.host.protocol import BaseModel
from lib_train.host.shared.transfer import Arriving
from lib_train.networks.network import Network
from lib_train.networks.norms import Norms, limit_norms
from lib_train.optim.average import MovingAverage, OwnAverage
from lib_train.optim.optimizers import KINDS, create, rates_of
from lib_train.optim.state import load_state, state_tensors
from lib_train.texts import say
from lib_train.training.events import (
    CheckpointReady,
    EpochStarted,
    Event,
    PictureLoss,
    RunFinished,
    RunStarted,
    StateReady,
    StepDone,
    Validated,
)
from lib_train.training.faults import advice, base_fault
from lib_train.training.fixed_batch import FixedBatch
from lib_train.training.pending import Pending, parts_of
from lib_train.training.plan import TrainPlan
from lib_train.training.precision import Precision, types_of
from lib_train.training.rates import freeze, groups_of, schedule_of
from lib_train.training.step import Loss
from lib_train.training.validation import Validation


class Trainer:
    """One run on a borrowed model. All chance depends on seed and position, so a resumed run is the same run."""

    def __init__(
        self,
        plan: TrainPlan,
        model: BaseModel,
        network: Network,
        batches: Batches,
        config: TrainingConfig,
        text_frozen: Callable[[], None] = lambda: None,
        held_out: Batches | None = None,
        fixed: Batches | None = None,
    ) -> None:
        """``text_frozen`` is called before the first step of a text encoder that stays; the last two are measured."""
        self.plan, self.network, self._text_frozen = plan, network, text_frozen
        self._model, self._batches, self._config = model, batches, config
        groups = groups_of(network, config, model.family)
        parameters = {name: group.parameters for name, group in groups.items()}
        rates = {name: group.rate for name, group in groups.items()}
        self.optimizer = create(config.optimizer_type, parameters, rates, config.optimizer_options)
        self._gradients = self._all_gradients()
        self._average = self._average_of(config)
        self._schedule = schedule_of(config, plan.total_steps)
        self.precision = Precision(config.mixed_precision, model.device, types_of(model.unet))
        self._loss = Loss(model, config, self.precision, network, trains_text="text_encoder" in config.rates)
        self._validation = Validation(held_out, self._loss, config) if held_out else None
        self.fixed = FixedBatch(fixed, self._loss, config) if fixed else None
        self._step = self._validated = 0
        self._pending: deque[Pending] = deque()
        # The loss of a step on a GPU is read when the next step has been sent there: reading it at once would wait.
        self._lag = 1 if model.device.type == "cuda" else 0

    def events(self) -> Generator[Event, None, None]:
        """Train and yield events, from the start or from a loaded state.

        The loop stands still while the caller handles an event. Closing the generator ends the run; however it ends,
        the model is then as it was before.

        Raises:
            TrainingDiverged: the loss or a weight became NaN or infinite; that step gives no event.
            HostModelError: the loss is NaN or infinite at the first step already; names what of the base model is.
        """
        plan = self.plan
        with self.network.attached(), self._model.checkpointed(self._config.gradient_checkpointing):
            yield RunStarted(plan.total_steps, self._step + 1)
            if self._step >= plan.total_steps:  # nothing is left to do, but to see its last weights kept
                yield self.present()
            yield from self._validate()  # where it was stopped between the step and its measurement
            order: list[tuple[Use, ...]] = []
            begun = 0
            for step in range(self._step + 1, plan.total_steps + 1):
                epoch = plan.epoch_of(step)
                if epoch != begun:
                    order, begun = self._batches.epoch(epoch), epoch
                    yield EpochStarted(epoch)
                self._advance(step, epoch, order)
                if self.fixed:
                    yield from self.fixed.after(step, epoch)
                yield from self._finished(self._lag)
                yield from self._validate()
                if plan.keeps_state_after(step):
                    yield from self._finished(0)
                    self._check_weights(step)
                if plan.saves_after(step):
                    yield self.present()
                if plan.keeps_state_after(step):
                    yield StateReady(step)
            yield from self._finished(0)
            yield RunFinished(plan.total_steps)

    def _validate(self) -> Iterator[Event]:
        """Measure the held-out pictures if that is due after the present step and was not done."""
        if self._validation and self._validated < (step := self._step) and self.plan.validates_after(step):
            yield from self._finished(0)
            saved = nullcontext() if self._average is None or self._config.ema == "beside" else self._average.shown()
            with torch.inference_mode(False), saved:
                measured, self._validated = self._validation.measured(), step
            yield Validated(step, self.plan.epoch_of(step), *measured)

    def settle(self) -> Iterator[Event]:
        """StepDone events of losses that had not been read when the run was stopped.

        Raises:
            TrainingDiverged: a loss or a weight is NaN or infinite: the state is not worth keeping.
        """
        yield from self._finished(0)
        self._check_weights(self._step)

    @property
    def step(self) -> int:
        """The last step that was computed; its loss may not have been read yet."""
        return self._step

    def save_now(self) -> Iterator[Event]:
        """CheckpointReady of the present weights, whatever the plan says. Call between two events.

        Raises:
            TrainingDiverged: a loss or a weight is NaN or infinite: the checkpoint would be worth nothing.
        """
        yield from self.settle()
        yield self.present()

    def keep_now(self) -> Iterator[Event]:
        """StateReady for the present step, whatever the plan says. Call between two events.

        Raises:
            TrainingDiverged: as for ``save_now``.
        """
        yield from self.settle()
        yield StateReady(self._step)

    def paused(self) -> AbstractContextManager[None]:
        """While entered, between two events, the base model computes without the trained network."""
        return self.network.paused()

    @torch.inference_mode(False)
    @torch.enable_grad()
    def _advance(self, step: int, epoch: int, order: Sequence[tuple[Use, ...]]) -> None:
        """One optimizer step on the mean loss of its pictures, however they fall into batches."""
        each = self._config.gradient_accumulation_steps
        start = (step - 1) % self.plan.steps_per_epoch * each
        parts = order[start : start + each]
        pictures = sum(len(uses) for uses in parts)
        if self._loss.trains_text and step > self.plan.text_steps:
            self._freeze_text()
        self._set_rates(step)
        loss: Tensor | None = None
        losses: list[Tensor] = []
        seen: list[tuple[int, int]] = []
        for place, uses in enumerate(parts):
            batch = self._batches.batch(uses, epoch)
            begin = partial(self.network.begin_step, seed_of(self._config.seed, "dropout", step, place))
            told = self._loss.told(batch, generator_of(self._config.seed, "noise", step, place), begin)
            losses.append(told.each)
            seen += zip((use.index for use in uses), told.timesteps.tolist(), strict=True)
            part = self._backward(told.total / pictures)
            if told.preserved is not None:
                part = part + self._backward(told.preserved() / pictures)
            loss = part if loss is None else loss + part
        self.precision.update(self.optimizer, self._gradients, self._config.max_grad_norm)
        assert loss is not None
        self._step = step
        if longest := self._config.scale_weight_norms:
            losses.append(limit_norms(self.network, longest).to(loss.device))
        if self._average:
            self._average.update(step)
        self._pending.append(Pending(step, Arriving(torch.cat([loss.reshape(1), *losses])), self._rates(), tuple(seen)))

    def _backward(self, part: Tensor) -> Tensor:
        self.precision.backward(part)
        return part.detach()

    def _freeze_text(self) -> None:
        self._loss.trains_text = False
        freeze("text_encoder", self.network, self.optimizer)
        self._gradients = [gradient for gradient in self._all_gradients() if gradient is not None]
        self._text_frozen()

    def _all_gradients(self) -> list[Any]:
        return [parameter.grad for parameter in self._parameters()]

    def _parameters(self) -> list[nn.Parameter]:
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def _average_of(self, config: TrainingConfig) -> MovingAverage | OwnAverage | None:
        if KINDS[config.optimizer_type].averages:
            return OwnAverage(self.optimizer)
        if not config.is_averaged:
            return None
        return MovingAverage(self._parameters(), config.ema_decay, config.ema_update_step_interval)

    def present(self) -> CheckpointReady:
        """The weights of now, or their average, or both, as the settings have it. Between two events, in any thread."""
        step, epoch, averaged = self._step, self.plan.epoch_of(self._step), self._averaged()
        if averaged is None or self._config.ema == "beside":
            return CheckpointReady(step, epoch, self.network.tensors(), averaged)
        return CheckpointReady(step, epoch, averaged)

    @torch.inference_mode(False)
    def _averaged(self) -> dict[str, Tensor] | None:
        if self._average is None:
            return None
        with self._average.shown():
            return {name: tensor.to("cpu", copy=True) for name, tensor in self.network.tensors().items()}

    def _set_rates(self, step: int) -> None:
        factor = self._schedule(step - 1)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor

    def _rates(self) -> dict[str, float]:
        """Each part's rate of now: the highest, where it has several."""
        return rates_of(self.optimizer, self._config.rates)

    def _finished(self, keep: int) -> Iterator[StepDone]:
        """Events of the oldest steps whose losses have not been read yet, all but ``keep`` of them."""
        while len(self._pending) > keep:
            step, arriving, rates, seen = self._pending.popleft()
            loss, *each = arriving.numbers()
            if not math.isfinite(loss):
                fault = say("the loss became {loss} at step {step}", loss=loss, step=step)
                raise base_fault(fault, self._model, self.precision.name) if step == 1 else self._diverged(fault, rates)
            pictures = tuple(PictureLoss(*one, part) for one, part in zip(seen, each, strict=False))
            told = each[len(seen) :]
            norms = Norms(int(told[0]), *told[1:]) if told else None
            yield StepDone(step, self.plan.epoch_of(step), loss, rates, pictures, norms)

    def _check_weights(self, step: int) -> None:
        if not all(bool(torch.isfinite(parameter).all()) for parameter in self._parameters()):
            fault = say("weights became NaN or infinite by step {step}", step=step)
            raise self._diverged(fault, self._rates())

    def _diverged(self, fault: str, rates: Mapping[str, float]) -> TrainingDiverged:
        return TrainingDiverged(advice(fault, rates, self.precision.name))

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything that a resumed run needs: live tensors, and JSON values. Call between two events.

        Waits for a loss that has not been read yet; the resumed run yields it.
        """
        moments, facts = state_tensors(self.optimizer)
        tensors = {f"network.{name}": tensor for name, tensor in self.network.tensors().items()}
        tensors |= {f"optimizer.{name}": tensor for name, tensor in moments.items()}
        if self._average:
            tensors |= {f"ema.{name}": tensor for name, tensor in self._average.tensors().items()}
        pending = [one.to_json() for one in self._pending]
        facts = {"step": self._step, "optimizer": facts, "precision": self.precision.facts(), "pending": pending}
        facts |= {"validated": self._validated} if self._validation else {}
        facts |= {"fixed": self.fixed.facts()} if self.fixed else {}
        return tensors, facts

    def load_state(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Continue from ``state()`` of a run with the same settings and data.

        Raises:
            ModelFileError: the state's network has other layers or sizes.
        """
        parts = parts_of(tensors)
        self.network.load(parts["network"])
        load_state(self.optimizer, parts["optimizer"], facts["optimizer"])
        if self._average:
            self._average.load(parts["ema"])
        self.precision.load(facts["precision"])
        self._step = int(facts["step"])
        self._validated = int(facts.get("validated", self._step))
        if self.fixed:
            self.fixed.load(facts.get("fixed", {}))
        self._pending = deque(Pending.from_json(*one) for one in facts["pending"])
