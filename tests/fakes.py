"""A base model of a few layers in plain torch, for tests of training: no diffusers, ready in milliseconds."""

import re
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.errors import ConfigError, HostBusyError, ModelFileError, Problem
from lib_train.host.protocol import (
    BaseModel,
    BaseModelRef,
    Conditioning,
    Identity,
    ModelSize,
    Moments,
    PictureRequest,
    Rendered,
)
from lib_train.host.standalone.pictures import infotext
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.pictures.scan import scan
from lib_train.store.curves import Curve
from lib_train.training.assemble import Assembly, assemble
from lib_train.training.events import Event
from lib_train.training.plan import TrainPlan

_WIDTH, _CHUNK = 8, 75


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj_in = nn.Conv2d(_WIDTH, _WIDTH, 1)
        self.to_q, self.to_k, self.to_v = (nn.Linear(_WIDTH, _WIDTH) for _ in range(3))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        rows = self.proj_in(x).flatten(2).transpose(1, 2)
        seen = F.scaled_dot_product_attention(self.to_q(rows), self.to_k(context), self.to_v(context))
        return x + seen.transpose(1, 2).view(x.shape)


class _Resnet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.silu(self.conv1(x))


class _Level(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.resnets, self.attentions = nn.ModuleList([_Resnet()]), nn.ModuleList([_Attention()])


class FakeUnet(nn.Module):
    """Layers under diffusers' names, so that they are found as those of a real U-Net are."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_in, self.conv_out = nn.Conv2d(4, _WIDTH, 3, padding=1), nn.Conv2d(_WIDTH, 4, 3, padding=1)
        self.down_blocks = nn.ModuleList([_Level()])
        self.checkpointed = False

    def forward(self, latents: Tensor, timesteps: Tensor, context: Tensor) -> Tensor:
        waves = timesteps[:, None] / 1000 * torch.arange(1, _WIDTH + 1, device=latents.device)
        x = self.conv_in(latents) + waves.sin().to(latents.dtype)[:, :, None, None]
        level = self.down_blocks[0]
        for block, more in ((level.resnets[0], ()), (level.attentions[0], (context,))):
            x = checkpoint(block, x, *more, use_reentrant=False) if self.checkpointed else block(x, *more)
        return self.conv_out(F.silu(x))


class _TextLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(_WIDTH, _WIDTH)})

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tanh(self.mlp["fc1"](x))


class FakeText(nn.Module):
    """Words and marks for tokens, 75 to a chunk between a begin and ends, as CLIP's."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(128, _WIDTH)
        self.encoder = nn.ModuleDict({"layers": nn.ModuleList([_TextLayer()])})

    def forward(self, ids: Tensor, *, skip: int = 1) -> Tensor:
        plain = self.words(ids)
        return plain if skip > 1 else self.encoder["layers"][0](plain)


def _tokens(caption: str) -> list[int]:
    return [2 + zlib.crc32(word.encode()) % 126 for word in re.findall(r"\w+|[^\w\s]", caption)]


class FakeModel:
    """A ``BaseModel`` on the CPU; its weights depend on ``seed`` alone."""

    family, device = "sd1", torch.device("cpu")
    unet: Any
    text_encoders: Any

    def __init__(self, prediction_type: str = "epsilon", seed: int = 0, identity: Identity | None = None) -> None:
        self.identity = identity or Identity("fake", None, "", None)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.unet, self.text_encoders = FakeUnet(), [FakeText()]
        for module in (self.unet, *self.text_encoders):
            module.requires_grad_(False).eval()
        self.prediction_type, self.alphas_cumprod = prediction_type, alphas_cumprod()
        self.captions_encoded = 0

    def vae_key(self) -> str:
        return "fake"

    def text_key(self) -> str:
        return "fake"

    @torch.no_grad()
    def encode_images(self, pixels: Tensor) -> Moments:
        colours = F.avg_pool2d(pixels, 8)
        mean = torch.cat([colours, colours.mean(1, keepdim=True)], 1)
        return Moments(mean, torch.full_like(mean, 0.1))

    def vae_fault(self) -> str:
        return f"the VAE in {self.identity.title} is broken: take another copy, or choose another VAE"

    def encode_captions(self, captions: Sequence[str], clip_skip: int, max_token_length: int) -> Conditioning:
        self.captions_encoded += len(captions)
        ids = [_tokens(caption)[:max_token_length] for caption in captions]
        places = range(0, max(1, *map(len, ids)), _CHUNK)
        chunks = [one[place : place + _CHUNK] for one in ids for place in places]
        rows = [[0, *chunk] + [1] * (_CHUNK + 1 - len(chunk)) for chunk in chunks]
        states = self.text_encoders[0](torch.tensor(rows), skip=clip_skip)
        return Conditioning(states.reshape(len(captions), -1, _WIDTH))

    def predict(self, latents: Tensor, timesteps: Tensor, condition: Conditioning, sizes: Tensor) -> Tensor:
        return self.unet(latents, timesteps, condition.context)

    def between_steps(self, done: int, total: int, paused: Any) -> bool:
        return True

    def set_aside(self) -> Any:
        return nullcontext(lambda: None)

    @contextmanager
    def checkpointed(self, on: bool) -> Iterator[None]:
        self.unet.checkpointed = on
        try:
            yield
        finally:
            self.unet.checkpointed = False


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
    assembly = assemble(config, scan(config.dataset), model or FakeModel(), None)
    for _ in assembly.prepare():
        pass
    return assembly


class FakeHost:
    """A host of fake models that, as the WebUI does, holds one checkpoint and one VAE at a time."""

    device = torch.device("cpu")

    def __init__(self, loaded: Path, vae: Path | None = None, loras: Path | None = None) -> None:
        self._loras = loras
        self.loaded, self.vae, self.prediction_type, self.sha256 = loaded, vae, "epsilon", ""
        self.between_steps: Callable[[int, int], bool] = lambda done, total: True
        self._taken = threading.Lock()

    def problem(self) -> str | None:
        return None

    def folders_may_be_chosen(self) -> bool:
        return True

    def lora_folder(self) -> Path | None:
        return self._loras

    def refresh_loras(self) -> None: ...

    def offer_lora(self, path: Path) -> None: ...

    def forget_missing_loras(self) -> None: ...

    def base_models(self) -> list[BaseModelRef]:
        return [self.find("")]

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
        plain, conv = (_per_rank(model, conv) for conv in (False, True))
        return ModelSize("sd1", counts, plain, conv, width=_WIDTH, own_side=64)

    def count_tokens(self, captions: Sequence[str]) -> list[int]:
        return [len(_tokens(caption)) for caption in captions]

    @contextmanager
    def borrow(self, ref: BaseModelRef) -> Iterator[FakeModel]:
        if not self._taken.acquire(blocking=False):
            raise HostBusyError("another job holds the model; wait until it ends")
        try:
            vae = ref.vae.name if ref.vae else ""
            model = FakeModel(self.prediction_type, identity=Identity(ref.title, ref.path, vae, ref.vae))
            model.between_steps = lambda done, total, paused: self.between_steps(done, total)  # type: ignore[method-assign]
            yield model
        finally:
            self._taken.release()

    def samplers(self) -> list[str]:
        return ["Euler a", "DDIM"]

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        for request in requests:
            if request.sampler not in self.samplers():
                raise ConfigError([Problem("preview_sampler", request.sampler, "choose one of Euler a")])
        for request in requests:
            with _applied(model, request):
                drawn = _drawn(model, request)
            yield drawn, {"parameters": infotext(request, model.identity.title)}


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _per_rank(model: FakeModel, conv: bool) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for target in targets_of("sd1", model.unet, model.text_encoders, conv=conv, parts=("unet", "text_encoder")):
        key = target.part, target.kind
        found[key] = found.get(key, 0) + target.weight.shape[0] + target.weight[0].numel()
    return found


def _applied(model: BaseModel, request: PictureRequest) -> Any:
    """The request's network on the model; a context."""
    if request.network is None or request.weight == 0:
        return nullcontext()
    try:
        network = Network.from_tensors(load_file(request.network), "sd1", model.unet, model.text_encoders)
    except ModelFileError as error:
        raise ModelFileError(f"{request.network}: {error}") from error
    network.multiplier = request.weight
    return network.attached()


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

    def paused(self, on: bool) -> None:
        self.works.append(("pause", on, None))

    def file_written(self, path: Path) -> None:
        self.paths.append(path)

    def ended(self) -> None:
        self.over = True
