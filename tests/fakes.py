"""A host of fake models, runs on them, and a listener that keeps what it hears."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torch import nn

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.host.protocol import (
    BaseModel,
    BaseModelRef,
    GoOn,
    Identity,
    ModelSize,
    PictureRequest,
    Rendered,
    Tagged,
    TaggerRef,
    Txt2img,
)
from lib_train.host.standalone.dataset_tools import DatasetTools
from lib_train.host.standalone.pictures import infotext
from lib_train.jobs.picked import picked
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.pictures.scan import scan
from lib_train.store.curves import Curve
from lib_train.training.assemble import Assembly, assemble
from lib_train.training.events import Event, StepDone
from lib_train.training.plan import TrainPlan
from tests.fake_model import WIDTH, FakeModel, tokens_of


def fake_assembly(
    pictures: Path, model: FakeModel | None = None, *, network: Any = None, dataset: Any = None, **training: Any
) -> Assembly:
    """A prepared run on a fake model: 64 pixels, rank 2, batches of 2, rate 1e-3; every setting can be replaced."""
    config = RunConfig(
        network=NetworkConfig(**{"network_dim": 2, "network_alpha": 2.0, **(network or {})}),
        dataset=DatasetConfig(
            **{
                "train_data_dir": (str(pictures),),
                "resolution": (64,),
                "min_bucket_reso": 64,
                "max_bucket_reso": 128,
                "bucket_reso_steps": 32,
                **(dataset or {}),
            }
        ),
        training=TrainingConfig(
            **{
                "max_train_steps": 4,
                "learning_rate": 1e-3,
                "lr_scheduler": "constant",
                "train_batch_size": 2,
                **training,
            }
        ),
    )
    assembly = assemble(config, picked(scan(config.dataset), config, None), model or FakeModel(), None)
    for _ in assembly.prepare():
        pass
    return assembly


class FakeHost(DatasetTools):
    """A host of fake models that, as the WebUI does, holds one checkpoint and one VAE at a time."""

    device = torch.device("cpu")

    def __init__(self, loaded: Path, vae: Path | None = None, loras: Path | None = None) -> None:
        super().__init__()
        self._loras = loras
        self.loaded, self.vae, self.prediction_type, self.sha256 = loaded, vae, "epsilon", ""
        self.made: Txt2img | None = None
        self.between_steps: Callable[[int, int], bool] = lambda done, total: True

    def problem(self) -> str | None:
        return None

    def folders_may_be_chosen(self) -> bool:
        return True

    def idle_seconds(self) -> float | None:
        return None

    def lora_folder(self) -> Path | None:
        return self._loras

    def refresh_loras(self) -> None: ...

    def offer_lora(self, path: Path) -> None: ...

    def forget_missing_loras(self) -> None: ...

    def base_models(self) -> list[BaseModelRef]:
        return [self.find("")]

    def offer_base_model(self, path: Path) -> None: ...

    def find(self, name: str, vae: str = "", prediction_type: str = "") -> BaseModelRef:
        ref = BaseModelRef(self.loaded.name, self.loaded, self.vae, prediction_type, self.sha256)
        if name not in ("", ref.title, str(ref.path)):
            raise ModelFileError(f"base_model = {name!r}: {ref.title!r} is loaded; choose it")
        if vae and vae not in (self.vae and self.vae.name, str(self.vae)):
            raise ModelFileError(f"vae = {vae!r}: choose it")
        return ref

    def size_of(self, ref: BaseModelRef) -> ModelSize:
        model = FakeModel()
        counts = {"unet": _count(model.unet), "text_encoder": _count(model.text_encoders[0]), "vae": 1000}
        layers = tuple(target.layer for target in targets_of("sd1", model.unet, model.text_encoders))
        return ModelSize("sd1", counts, layers, width=WIDTH, own_side=64)

    def count_tokens(self, captions: Sequence[str]) -> list[int]:
        return [len(tokens_of(caption)) for caption in captions]

    @contextmanager
    def borrow(self, ref: BaseModelRef) -> Iterator[FakeModel]:
        with self._alone():
            vae = ref.vae.name if ref.vae else ""
            model = FakeModel(self.prediction_type, identity=Identity(ref.title, ref.path, vae, ref.vae))
            model.between_steps = lambda done, total, paused: self.between_steps(done, total)  # type: ignore[method-assign]
            yield model

    @contextmanager
    def computing(self) -> Iterator[GoOn]:
        with self._alone():
            yield self.between_steps

    def taggers(self) -> tuple[TaggerRef, ...]:
        return TaggerRef("colours", "Colours", "tags"), TaggerRef("words", "Words", "sentence")

    def tag(self, name: str, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        """How red, green and blue a picture is on the whole."""
        if name not in ("colours", "words"):
            raise ConfigError([Problem("tagger", name, "choose one of colours")])
        return self._tagged(name, pictures)

    def _tagged(self, name: str, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        with self.computing() as go_on:
            for done, picture in enumerate(pictures):
                if not go_on(done, -1):
                    return
                colours = zip(("red", "green_x", "blue"), picture.resize((1, 1)).getpixel((0, 0)), strict=True)
                scores = {colour: level / 255 for colour, level in colours}
                yield (
                    Tagged(scores)
                    if name == "colours"
                    else Tagged({}, f"a picture of {max(scores, key=scores.__getitem__)}")
                )

    def txt2img(self) -> Txt2img:
        if self.made is None:
            raise ConfigError([Problem("preview_like_txt2img", True, "make a picture in txt2img first")])
        return self.made

    def samplers(self) -> list[str]:
        return ["Euler a", "DDIM"]

    def schedulers(self, sampler: str) -> list[str]:
        return ["Automatic", "Uniform"]

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        for request in requests:
            if request.sampler not in self.samplers():
                raise ConfigError([Problem("preview_sampler", request.sampler, "choose one of Euler a")])
            if request.scheduler not in ("", *self.schedulers(request.sampler)):
                raise ConfigError([Problem("scheduler", request.scheduler, "choose one of Automatic")])
        for request in requests:
            with _applied(model, request):
                drawn = _drawn(model, request)
            yield drawn, {"parameters": infotext(request, model.identity.title)}


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _applied(model: BaseModel, request: PictureRequest) -> Any:
    """The request's networks on the model; a context."""
    network: Network | None = None
    for path, weight in request.networks:
        base = "sd1", model.unet, model.text_encoders
        try:
            network = Network.from_tensors(load_file(path), *base, below=network)
        except ModelFileError as error:
            raise ModelFileError(f"{path}: {error}") from error
        network.multiplier = weight
    return network.attached() if network else nullcontext()


@torch.no_grad()
def _drawn(model: BaseModel, request: PictureRequest) -> Image.Image:
    """Euler steps from the seed's noise; a latent's first three channels are the colours of eight pixels, steeply,
    so that the least change of the model shows."""
    height, width = request.height // 8, request.width // 8
    x = torch.randn(1, 4, height, width, generator=torch.Generator().manual_seed(request.seed))
    both = model.encode_captions([request.negative_prompt, request.prompt], request.clip_skip, 225)
    for time in range(999, 0, -max(1, 999 // request.steps)):
        without, fully = model.predict(x.repeat(2, 1, 1, 1), torch.tensor([time, time]), both, torch.zeros(2, 6))
        x = x - (without + request.cfg_scale * (fully - without)) / request.steps
    pixels = F.interpolate((500 * x[:, :3]).sin(), scale_factor=8)[0].add(1).mul(127.5)
    return Image.fromarray(pixels.permute(1, 2, 0).round().byte().numpy())


class Notes:
    """A listener that keeps everything."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.works: list[tuple[str, Any, int | None]] = []
        self.events: list[Event] = []
        self.paths: list[Path] = []
        self.over = False

    def message(self, text: str) -> None:
        self.lines.append(text)

    def working(self, what: str, done: int, total: int) -> None:
        self.works.append((what, done, total))

    def trained(self, event: Event, plan: TrainPlan) -> None:
        self.events.append(event)

    def resumed(self, curves: Mapping[str, Curve]) -> None:
        self.works.append(("resume", len(curves["loss"].steps) if curves else 0, None))

    def offered(self, name: str) -> None:
        self.live = name

    def paused(self, on: bool) -> None:
        self.works.append(("pause", on, None))

    def file_written(self, path: Path) -> None:
        self.paths.append(path)

    def ended(self) -> None:
        self.over = True


def hand_over(first: Assembly, second: Assembly, folder: Path) -> None:
    """Give ``second`` the state that ``first`` has after two steps, by way of a file in ``folder``."""
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == 2):
        pass
    state = write_state(folder, 2, *first.trainer.state())
    events.close()
    second.trainer.load_state(*read_state(state))
