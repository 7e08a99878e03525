"""A host without a WebUI: checkpoints are files, the device is this process's, pictures come from diffusers."""

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import torch

from lib_train.checkpoints.files import read_network
from lib_train.errors import ConfigError, ModelFileError, Problem
from lib_train.host.protocol import BaseModel, BaseModelRef, Identity, ModelSize, PictureRequest, Rendered, Txt2img
from lib_train.host.shared.sides import own_side
from lib_train.host.standalone.dataset_tools import DatasetTools
from lib_train.host.standalone.model import StandaloneModel, tokens_of
from lib_train.host.standalone.pictures import infotext, picture
from lib_train.host.standalone.sampling import SAMPLERS, sampler_of, schedulers
from lib_train.marks import Mark, mark_of
from lib_train.models.declared_noise import DeclaredNoise, declared_noise
from lib_train.models.description import Description, description_beside, predicts_v
from lib_train.models.embedded import CHECKPOINT, install_embedded
from lib_train.models.families import anatomy_of
from lib_train.models.quiet import require_libraries
from lib_train.models.single_file import blank_texts, blank_unet, blank_vae, clip_tokenizer
from lib_train.models.tensor_file import open_tensors, require_file
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of
from lib_train.texts import joined, say
from lib_train.vocabulary import CHECKPOINTS

__all__ = ["StandaloneHost", "install_embedded", "weights_dtype"]


class StandaloneHost(DatasetTools):
    """See ``Host``.

    Args:
        models_folders: folders whose checkpoints ``base_models`` lists.
        device: "cuda", "mps" or "cpu"; None takes the first of these that is there.
        dtype: of all weights (but the VAE is float32 for SDXL, and wherever this is bf16); None is fp16 on CUDA and
            float32 elsewhere.
        prediction_type: "epsilon" or "v" for checkpoints that are recognised wrongly; None asks, in this order, the
            ``.yaml`` beside the checkpoint whether it says v, the checkpoint's metadata, its tensor ``v_pred``, and
            for SD2 without a ``.yaml`` what the U-Net does.
        loras: folder that LoRA files are installed into; None is none.
    """

    def __init__(
        self,
        models_folders: Sequence[Path] = (),
        device: str | None = None,
        dtype: torch.dtype | None = None,
        prediction_type: str | None = None,
        loras: Path | None = None,
    ) -> None:
        super().__init__()
        self._folders = tuple(models_folders)
        self.device = _device(device)
        self._dtype = dtype or (torch.float16 if self.device.type == "cuda" else torch.float32)
        self._prediction_type = prediction_type
        self._loras = loras
        self._sized: tuple[object, ModelSize | None] = None, None
        if self.device.type == "cpu":
            _keep_freed_memory()

    def problem(self) -> str | None:
        return None

    def folders_may_be_chosen(self) -> bool:
        return True  # it answers on this machine alone

    def idle_seconds(self) -> float | None:
        return None

    def lora_folder(self) -> Path | None:
        return self._loras

    def refresh_loras(self) -> None:
        pass  # files are looked up when they are used

    def offer_lora(self, path: Path) -> None:
        pass  # nobody writes prompts here

    def forget_missing_loras(self) -> None:
        pass

    def base_models(self) -> list[BaseModelRef]:
        found = [BaseModelRef("embedded", CHECKPOINT)] if CHECKPOINT.exists() else []
        for folder in self._folders:
            files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in CHECKPOINTS)
            found += [BaseModelRef(path.name, path) for path in files]
        return found

    def offer_base_model(self, path: Path) -> None:
        pass  # files are looked up when they are used

    def find(self, name: str, vae: str = "", prediction_type: str = "") -> BaseModelRef:
        vae_path = require_file(vae, "vae") if vae else None
        for ref in self.base_models():
            if name in (ref.title, str(ref.path)) or not name:
                return ref._replace(vae=vae_path, prediction_type=prediction_type)
        if not name:
            raise ModelFileError(say("base_model = '': the embedded model is missing; name a checkpoint"))
        path = require_file(name, "base_model")
        return BaseModelRef(path.name, path, vae_path, prediction_type)

    def size_of(self, ref: BaseModelRef) -> ModelSize:
        now = ref, [_state_of(path) for path in (ref.path, ref.path.with_suffix(".yaml"), ref.vae) if path]
        before, size = self._sized
        if now != before or size is None:  # plans are asked for at every key, and this takes 0.2 seconds
            size = self._size_of(ref)
            self._sized = now, size
        return size

    def _size_of(self, ref: BaseModelRef) -> ModelSize:
        file, description = open_tensors(ref.path), description_beside(ref.path)
        anatomy = anatomy_of(file.shapes, str(ref.path), description)
        unet, texts = blank_unet(file, anatomy), blank_texts(file, anatomy)
        vae = blank_vae(open_tensors(ref.vae) if ref.vae else file)
        targets = targets_of(anatomy.family, unet.module, [text.module for text in texts])
        weights = {"unet": unet.size, "text_encoder": sum(text.size for text in texts), "vae": vae.size}
        noise = declared_noise(file.shapes, file.metadata)
        kind = ref.prediction_type or self._kind(description, noise) or ("v" if anatomy.family == "sd2" else "epsilon")
        width = anatomy.unet["block_out_channels"][0]
        side = own_side(anatomy.family, kind, width, description.image_size)
        layers = tuple(target.layer for target in targets)
        said = "" if ref.prediction_type or self._prediction_type else noise.prediction_type or ""
        wrong = _mismatch(ref.path, said, description.prediction_type)
        return ModelSize(anatomy.family, weights, layers, width, noise.notes(kind), side, kind, wrong)

    def count_tokens(self, captions: Sequence[str]) -> list[int]:
        return [len(tokens_of(clip_tokenizer(), caption)) for caption in captions]

    def _kind(self, description: Description, noise: DeclaredNoise) -> str | None:
        """ "epsilon" or "v", or None where nothing says. A ``.yaml`` that does not say v counts last."""
        by_yaml = description.prediction_type
        return self._prediction_type or (by_yaml if by_yaml == "v" else noise.prediction_type or by_yaml)

    @contextmanager
    def borrow(self, ref: BaseModelRef) -> Iterator[BaseModel]:
        with self._alone():
            require_libraries()
            yield self._load(ref)

    def _load(self, ref: BaseModelRef) -> StandaloneModel:
        file, description = open_tensors(ref.path), description_beside(ref.path)
        anatomy = anatomy_of(file.shapes, str(ref.path), description)
        blanks = blank_unet(file, anatomy), blank_vae(open_tensors(ref.vae) if ref.vae else file)
        unet = blanks[0].filled(self._dtype, self.device, channels_last=self.device.type != "mps")
        noise = declared_noise(file.shapes, file.metadata)
        known = ref.prediction_type or self._kind(description, noise)
        if known is None:
            known = "v" if anatomy.family == "sd2" and predicts_v(unet) else "epsilon"
        vae_dtype = _vae_dtype(anatomy.family, self._dtype)
        return StandaloneModel(
            family=anatomy.family,
            prediction_type=known,
            zero_terminal_snr=noise.schedule_follows(known),
            unet=unet,
            text_encoders=[text.filled(self._dtype, self.device) for text in blank_texts(file, anatomy)],
            vae=blanks[1].filled(vae_dtype, self.device, channels_last=self.device.type != "mps"),
            tokenizer=clip_tokenizer(),
            scale_factor=anatomy.scale_factor,
            device=self.device,
            identity=Identity(ref.path.name, ref.path, ref.vae.name if ref.vae else "", ref.vae),
        )

    def txt2img(self) -> Txt2img:
        remedy = say("there is no txt2img of a WebUI here; switch it off")
        raise ConfigError([Problem("preview_like_txt2img", True, remedy)])

    def samplers(self) -> Sequence[str]:
        return SAMPLERS

    def schedulers(self, sampler: str) -> Sequence[str]:
        return schedulers(sampler)

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        assert isinstance(model, StandaloneModel), "borrow the model from this host"
        for request in requests:
            sampler_of(request)
        kept: tuple[tuple[tuple[Path, float], ...], Network | None] = (), None
        for request in requests:
            if request.networks != kept[0]:
                kept = request.networks, _network(model, request.networks)
            with kept[1].attached() if kept[1] else nullcontext():
                drawn = picture(model, request)
            yield drawn, {"parameters": infotext(request, model.identity.title, model.zero_terminal_snr)}


def _state_of(path: Path) -> Mark | None:
    """What changes with a file; None without it."""
    try:
        return mark_of(path)
    except OSError:
        return None


def _network(model: StandaloneModel, files: Sequence[tuple[Path, float]]) -> Network | None:
    """Networks above each other; the last one, which has the others below it."""
    found: Network | None = None
    for path, weight in files:
        tensors, metadata = read_network(path)
        base = model.family, model.unet, model.text_encoders
        try:
            found = Network.from_tensors(tensors, *base, metadata=metadata, below=found)
        except ModelFileError as error:
            raise ModelFileError(joined(": ", (path, error))) from error
        found.multiplier = weight
    return found


def _keep_freed_memory() -> None:
    """Have glibc keep the memory of freed tensors for the next ones instead of giving it back to the system each time.

    Activations are tens of megabytes each: mapped, zeroed and unmapped anew they cost a fifth of a training step on a
    CPU (SD1.5 at 256 pixels: 2.66 s with the defaults, 2.07 s so).
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # another C library
        return
    trim_threshold, mmap_max = -1, -4  # names of mallopt(3)
    mallopt(mmap_max, 0)
    mallopt(trim_threshold, 2**31 - 1)


def _vae_dtype(family: str, dtype: torch.dtype) -> torch.dtype:
    """float32 where 16 bits do not serve a VAE: SDXL's overflows in fp16, and bf16 rounds latents and pixels coarsely.

    Latents of the embedded model's VAE are off by 0.4 % in bf16, ten times as much as in fp16.
    """
    return torch.float16 if dtype == torch.float16 and family != "sdxl" else torch.float32


def weights_dtype(mixed_precision: str, device: str | None) -> torch.dtype:
    """The type that frozen weights are kept in for this setting: that of the computation, so that nothing is cast."""
    found = _device(device)
    bf16 = found.type == "cuda" and torch.cuda.get_device_capability(found) >= (8, 0)  # older cards emulate it
    wanted = (
        mixed_precision if mixed_precision != "auto" else ("no" if found.type != "cuda" else "bf16" if bf16 else "fp16")
    )
    return {"no": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[wanted]


def _device(name: str | None) -> torch.device:
    """The device of this name, or the best there is.

    Raises:
        ConfigError: this machine, or this torch, has none of this name.
    """
    found = torch.device(name or _best_device())
    missing = {"cuda": not torch.cuda.is_available(), "mps": not torch.backends.mps.is_available()}
    if missing.get(found.type):
        remedy = say(
            "torch {version} finds none here; install a torch that fits it, or leave it to the machine",
            version=torch.__version__,
        )
        raise ConfigError([Problem("device", str(name), remedy)])
    return found


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _mismatch(path: Path, by_file: str, by_yaml: str | None) -> tuple[str, ...]:
    """That a checkpoint and the ``.yaml`` beside it say different things: the WebUI would draw by the latter."""
    if (by_file, by_yaml) != ("epsilon", "v"):  # a .yaml that does not say v may not have wanted to say anything
        return ()
    return (say("{name} says that it predicts epsilon, and {yaml} beside it v: mend {yaml}, or set prediction_type",
                name=path.name, yaml=path.with_suffix(".yaml").name),)  # fmt: skip
