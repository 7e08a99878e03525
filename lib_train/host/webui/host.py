"""The WebUI around us: its loaded checkpoint, its queue, its pictures. The only room that imports ``modules``."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import torch
from modules import call_queue, devices, sd_models, sd_vae, shared

from lib_train.errors import HostBusyError, HostModelError, ModelFileError
from lib_train.host.protocol import BaseModel, BaseModelRef, Identity, ModelSize, PictureRequest, Rendered, Txt2img
from lib_train.host.webui.dataset_tools import DatasetTools
from lib_train.host.webui.held import Held, held_in, moved, require_same
from lib_train.host.webui.idle import Idle
from lib_train.host.webui.loras import Loras
from lib_train.host.webui.model import WebuiModel, family_of, size_of
from lib_train.host.webui.noise import noise_of
from lib_train.host.webui.pictures import picture_of, require_sampler, sampler_names, scheduler_names
from lib_train.host.webui.queue import let_others_first, others_wait
from lib_train.host.webui.ready import Readied, lora_extension
from lib_train.host.webui.reload import Scripts
from lib_train.host.webui.remembered import REMEMBERED
from lib_train.texts import say


class WebuiHost(DatasetTools):
    """See ``Host``. ``borrow`` must be entered in a thread that does not hold the WebUI's queue lock."""

    def __init__(self) -> None:
        super().__init__()
        self._loan: _Loan | None = None
        self._loras = Loras()
        self._sound: Held | None = None  # the checkpoint whose weights were looked through last

    @property
    def device(self) -> torch.device:
        return torch.device(devices.device)

    def problem(self) -> str | None:
        """Why nothing can be trained on what the WebUI holds now; None when something can."""
        try:
            self._usable()
        except (HostBusyError, HostModelError) as error:
            return str(error)
        return None

    def _usable(self, *, look: bool = False) -> Any:
        """The loaded model.

        Args:
            look: go through its weights again. It takes milliseconds, and a page asks all the time.

        Raises:
            HostBusyError: none is loaded.
            HostModelError: it cannot be trained.
        """
        if getattr(shared.cmd_opts, "lowvram", False):
            raise HostModelError(
                say("the WebUI runs with --lowvram, which tears a model apart: start it with --medvram")
            )
        model = sd_models.model_data.sd_model
        if model is None or not hasattr(model, "cond_stage_model_empty_prompt"):
            raise HostBusyError(
                say("no checkpoint is loaded: choose one at the top of the WebUI and wait until it is there")
            )
        family_of(model)
        held = held_in(model)
        if (look or held != self._sound) and any(parameter.is_inference() for parameter in model.parameters()):
            raise HostModelError(
                say("the checkpoint was loaded in inference mode (a fork of the WebUI): it has no gradients")
            )
        self._sound = held
        return model

    def folders_may_be_chosen(self) -> bool:
        return not getattr(shared.cmd_opts, "hide_ui_dir_config", False)

    def lora_folder(self) -> Path | None:
        folder = getattr(shared.cmd_opts, "lora_dir", None)  # declared by the built-in Lora extension
        return Path(folder) if folder and lora_extension() is not None else None

    def refresh_loras(self) -> None:
        networks = lora_extension()
        if networks is not None:
            networks.list_available_networks()

    def offer_lora(self, path: Path) -> None:
        self._loras.offer(path)

    def forget_missing_loras(self) -> None:
        self._loras.forget_missing()

    def base_models(self) -> list[BaseModelRef]:
        model = sd_models.model_data.sd_model
        loaded = [] if model is None else [_ref(model)]
        files = {info.name: Path(info.filename) for info in list(sd_models.checkpoints_list.values())}
        others = [BaseModelRef(name, path) for name, path in files.items() if path not in [ref.path for ref in loaded]]
        return [*loaded, *others]

    def offer_base_model(self, path: Path) -> None:
        sd_models.CheckpointInfo(str(path)).register()

    def find(self, name: str, vae: str = "", prediction_type: str = "") -> BaseModelRef:
        sd_model = self._usable()
        ref = _ref(sd_model)
        if name not in ("", ref.title, str(ref.path)):
            raise ModelFileError(
                say(
                    "base_model = {name!r}: the WebUI has {title!r} loaded; choose it at its top",
                    name=name,
                    title=ref.title,
                )
            )
        if vae and (ref.vae is None or vae not in (ref.vae.name, str(ref.vae))):
            raise ModelFileError(
                say("vae = {vae!r}: inside the WebUI its own choice counts; set SD VAE in its settings", vae=vae)
            )
        if prediction_type and (known := noise_of(sd_model).prediction_type) != prediction_type:
            raise ModelFileError(
                say("prediction_type = {wanted!r}: the WebUI has {title!r} loaded as {known}; put a .yaml that says "
                    "otherwise beside it and load it again", wanted=prediction_type, title=ref.title, known=known)
            )  # fmt: skip
        return ref

    def size_of(self, ref: BaseModelRef) -> ModelSize:
        sd_model = self._usable()
        model = WebuiModel(sd_model, self.device, _identity(sd_model), _never, _never)
        return size_of(model, sd_model.first_stage_model, getattr(sd_model, "image_size", None))

    def count_tokens(self, captions: Sequence[str]) -> list[int]:
        sd_model = self._usable()
        model = WebuiModel(sd_model, self.device, _identity(sd_model), _never, _never)
        return [len(model.tokens_of(caption)) for caption in captions]

    @contextmanager
    def borrow(self, ref: BaseModelRef) -> Iterator[BaseModel]:
        with self._alone(), call_queue.queue_lock, self._lent(ref) as model:
            yield model

    @contextmanager
    def _lent(self, ref: BaseModelRef) -> Iterator[BaseModel]:
        try:
            _ = shared.sd_model  # loads it if nothing did so yet
            sd_model = self._usable(look=True)
            if _ref(sd_model)[:3] != ref[:3]:
                raise HostBusyError(
                    say(
                        "the WebUI has {now!r} loaded now, not {wanted!r}: start again",
                        now=_ref(sd_model).title,
                        wanted=ref.title,
                    )
                )
            self._loan = _Loan(sd_model, self.scripts, self.idle)
            with self._loan.running():
                loan = self._loan
                yield WebuiModel(sd_model, self.device, _identity(sd_model), loan.between_steps, loan.set_aside)
        finally:
            self._loan = None
            devices.torch_gc()

    def txt2img(self) -> Txt2img:
        return REMEMBERED.last()

    def samplers(self) -> Sequence[str]:
        return sampler_names()

    def schedulers(self, sampler: str) -> Sequence[str]:
        return scheduler_names()

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        assert isinstance(model, WebuiModel), "borrow the model from this host"
        assert self._loan is not None, "the model was given back"
        for request in requests:
            require_sampler(request.sampler, request.scheduler)
        for request in requests:
            with self._loan.given_back():
                rendered = picture_of(model.sd_model, request, self._loras)
                while rendered is None and self.scripts.go_on():
                    rendered = picture_of(model.sd_model, request, self._loras)
                if others_wait():
                    self._loan.serve_others()
            if rendered is None:
                return
            yield rendered


class _Loan:
    """One borrowed model: readied while it is trained, given back for pictures and for others in the queue."""

    def __init__(self, sd_model: Any, scripts: Scripts, idle: Idle) -> None:
        self._model, self._scripts, self._idle = sd_model, scripts, idle
        self._held, self._device = held_in(sd_model), ""
        self._ready = Readied(sd_model)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._idle.begin()
        self._scripts.lent(True)
        try:
            with self._ready:
                self._device = _device_of(self._model)  # with --medvram another one than before
                yield
        finally:
            self._scripts.lent(False)
            shared.state.end()

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """While entered, the model is as the WebUI generates with it."""
        self._ready.__exit__()
        try:
            yield
        finally:
            require_same(self._held)
            self._ready.__enter__()
            self._require_in_place()

    def between_steps(self, done: int, total: int, paused: Callable[[], AbstractContextManager[None]]) -> bool:
        """Show progress and let others in the queue go first. Returns False when Interrupt was pressed.

        Raises:
            BaseModelChanged: the model is not the one that was borrowed any more.
        """
        if not self._scripts.go_on():
            return False
        state = shared.state
        require_same(self._held)
        self._require_in_place()
        state.job_count, state.job_no = total, done
        if others_wait():
            with paused(), self.given_back():
                self.serve_others()
            state.job_count, state.job_no = total, done
        return True

    def serve_others(self) -> None:
        """Let waiting users of the queue go first; the model must be given back during that."""
        with self._off_duty():
            let_others_first()

    @contextmanager
    def set_aside(self) -> Iterator[Callable[[], None]]:
        """See ``BaseModel``."""
        with self.given_back(), self._off_duty():
            call_queue.queue_lock.release()
            try:
                devices.torch_gc()
                yield self._look
            finally:
                call_queue.queue_lock.acquire()

    @contextmanager
    def _off_duty(self) -> Iterator[None]:
        shared.state.end()
        self._scripts.lent(False)  # a reload meanwhile need not wait for us
        try:
            yield
        finally:
            self._scripts.lent(True)
            self._idle.begin()

    def _look(self) -> None:
        """Whether it is still the same model; not decided while another user of the queue may be changing it."""
        if call_queue.queue_lock.acquire(blocking=False):
            try:
                require_same(self._held)
            finally:
                call_queue.queue_lock.release()

    def _require_in_place(self) -> None:
        if _device_of(self._model) != self._device:
            raise moved(self._held)


def _device_of(sd_model: Any) -> str:
    return str(next(sd_model.model.diffusion_model.parameters()).device)


def _ref(sd_model: Any) -> BaseModelRef:
    info, vae = sd_model.sd_checkpoint_info, sd_vae.loaded_vae_file
    path = Path(info.filename)
    return BaseModelRef(path.name, path, Path(vae) if vae else None, sha256=getattr(info, "sha256", None) or "")


def _identity(sd_model: Any) -> Identity:
    ref = _ref(sd_model)
    return Identity(ref.title, ref.path, ref.vae.name if ref.vae else "", ref.vae)


def _never(*asked: object) -> Any:
    raise AssertionError("this model is only looked at")
