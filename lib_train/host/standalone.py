"""A host without a WebUI: checkpoints are files, the device is this process's, pictures come from diffusers."""

import ctypes
import math
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from lib_train.checkpoints.files import read_network
from lib_train.errors import HostBusyError, ModelFileError
from lib_train.host.protocol import BaseModel, BaseModelRef, Conditioning, Identity, ModelSize, PictureRequest, Rendered
from lib_train.host.sampling import SAMPLERS, require_sampler, sample, starting_noise
from lib_train.host.standalone_model import StandaloneModel
from lib_train.models.embedded import CHECKPOINT, TOKENIZER_FOLDER, install_embedded
from lib_train.models.families import anatomy_of
from lib_train.models.single_file import TensorFile, build_texts, build_unet, build_vae, empty_texts, empty_unet
from lib_train.networks.network import Network
from lib_train.networks.targets import Target, targets_of

__all__ = ["StandaloneHost", "install_embedded", "weights_dtype"]
_ENDINGS = (".safetensors", ".ckpt")


class StandaloneHost:
    """See ``Host``.

    Args:
        models_folders: folders whose checkpoints ``base_models`` lists.
        device: "cuda", "mps" or "cpu"; None takes the first of these that is there.
        dtype: of all weights (but SDXL's VAE, which is float32); None is fp16 on CUDA and float32 elsewhere.
        prediction_type: "epsilon" or "v" for checkpoints that are recognised wrongly.
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
        self._folders = tuple(models_folders)
        self.device = torch.device(device or _best_device())
        self._dtype = dtype or (torch.float16 if self.device.type == "cuda" else torch.float32)
        self._prediction_type = prediction_type
        self._loras = loras
        self._taken = threading.Lock()
        if self.device.type == "cpu":
            _keep_freed_memory()

    def problem(self) -> str | None:
        return None

    def lora_folder(self) -> Path | None:
        return self._loras

    def refresh_loras(self) -> None:
        pass  # files are looked up when they are used

    def offer_lora(self, path: Path) -> None:
        pass  # nobody writes prompts here

    def base_models(self) -> list[BaseModelRef]:
        found = [BaseModelRef("embedded", CHECKPOINT)] if CHECKPOINT.exists() else []
        for folder in self._folders:
            files = (path for path in sorted(folder.rglob("*")) if path.suffix in _ENDINGS)
            found += [BaseModelRef(path.name, path) for path in files]
        return found

    def find(self, name: str, vae: str = "") -> BaseModelRef:
        vae_path = Path(vae) if vae else None
        if vae_path and not vae_path.is_file():
            raise ModelFileError(f"vae = {vae!r}: there is no such file; check the path")
        for ref in self.base_models():
            if name in (ref.title, str(ref.path)) or not name:
                return ref._replace(vae=vae_path)
        if not Path(name).is_file():
            raise ModelFileError(f"base_model = {name!r}: there is no such file; check the path")
        return BaseModelRef(Path(name).name, Path(name), vae_path)

    def size_of(self, ref: BaseModelRef) -> ModelSize:
        file = TensorFile(ref.path)
        anatomy = anatomy_of(file.shapes, str(ref.path))
        unet, texts = empty_unet(anatomy), empty_texts(anatomy)
        vae = sum(math.prod(shape) for name, shape in file.shapes.items() if name.startswith("first_stage_model."))
        plain, conv = (
            _per_rank(targets_of(anatomy.family, unet, texts, conv=conv, parts=("unet", "text_encoder")))
            for conv in (False, True)
        )
        weights = {"unet": _count([unet]), "text_encoder": _count(texts), "vae": vae}
        return ModelSize(anatomy.family, weights, plain, conv, width=anatomy.unet["block_out_channels"][0])

    @contextmanager
    def borrow(self, ref: BaseModelRef) -> Iterator[BaseModel]:
        if not self._taken.acquire(blocking=False):
            raise HostBusyError("another job of this process holds the device; wait until it ends")
        try:
            yield self._load(ref)
        finally:
            self._taken.release()
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _load(self, ref: BaseModelRef) -> StandaloneModel:
        file = TensorFile(ref.path)
        anatomy = anatomy_of(file.shapes, str(ref.path))
        own = _sibling_settings(ref.path)
        vae_file, prefix = (TensorFile(ref.vae), "") if ref.vae else (file, "first_stage_model.")
        if ref.vae and any(name.startswith("first_stage_model.") for name in vae_file.shapes):
            prefix = "first_stage_model."
        vae_dtype = torch.float32 if anatomy.family == "sdxl" else self._dtype
        from transformers.models.clip.tokenization_clip import CLIPTokenizer

        model = StandaloneModel(
            family=anatomy.family,
            prediction_type="epsilon",
            unet=_arranged(build_unet(file, anatomy, self._dtype, self.device), self.device),
            text_encoders=build_texts(file, anatomy, self._dtype, self.device),
            vae=_arranged(build_vae(vae_file, prefix, vae_dtype, self.device), self.device),
            tokenizer=CLIPTokenizer.from_pretrained(TOKENIZER_FOLDER, local_files_only=True),
            scale_factor=own.get("scale_factor", anatomy.scale_factor),
            device=self.device,
            identity=Identity(ref.path.name, ref.path, ref.vae.name if ref.vae else "", ref.vae),
        )
        model.prediction_type = self._prediction_type or own.get("parameterization") or _prediction_of(file, model)
        return model

    def samplers(self) -> Sequence[str]:
        return SAMPLERS

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        assert isinstance(model, StandaloneModel), "borrow the model from this host"
        for request in requests:
            require_sampler(request.sampler)
        kept: tuple[Path | None, Network | None] = (None, None)
        for request in requests:
            if request.network is not None and request.weight != 0 and request.network != kept[0]:
                kept = request.network, self._network(model, request.network)
            network = kept[1] if request.network is not None and request.weight != 0 else None
            if network is not None:
                network.multiplier = request.weight
            with network.attached() if network else nullcontext(), torch.no_grad():
                picture = _picture(model, request)
            yield picture, {"parameters": infotext(request, model.identity.title)}

    def _network(self, model: StandaloneModel, path: Path) -> Network:
        tensors, _ = read_network(path)
        try:
            return Network.from_tensors(tensors, model.family, model.unet, model.text_encoders)
        except ModelFileError as error:
            raise ModelFileError(f"{path}: {error}") from error


def _count(modules: Sequence[nn.Module]) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def _per_rank(targets: Sequence[Target]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for target in targets:
        shape = tuple(target.module.weight.shape)  # type: ignore[arg-type]
        key = target.part, target.kind
        found[key] = found.get(key, 0) + shape[0] + math.prod(shape[1:])
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


def weights_dtype(mixed_precision: str, device: str | None) -> torch.dtype:
    """The type that frozen weights are kept in for this setting: that of the computation, so that nothing is cast."""
    found = torch.device(device or _best_device())
    bf16 = found.type == "cuda" and torch.cuda.get_device_capability(found) >= (8, 0)  # older cards emulate it
    wanted = (
        mixed_precision if mixed_precision != "auto" else ("no" if found.type != "cuda" else "bf16" if bf16 else "fp16")
    )
    return {"no": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}[wanted]


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _arranged(module: nn.Module, device: torch.device) -> nn.Module:
    if device.type == "mps":
        return module
    arranged: nn.Module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return arranged


def _sibling_settings(path: Path) -> dict[str, Any]:
    """scale_factor and parameterization of a ``.yaml`` of the same name beside the checkpoint."""
    file = path.with_suffix(".yaml")
    if not file.is_file():
        return {}
    import yaml

    try:
        params = yaml.safe_load(file.read_text(encoding="utf-8"))["model"]["params"]
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ModelFileError(f"{file}: is no model description ({error}); mend it or move it away") from error
    found = {name: params[name] for name in ("scale_factor", "parameterization") if name in params}
    if "parameterization" in found:
        found["parameterization"] = "v" if found["parameterization"] == "v" else "epsilon"
    return found


def _prediction_of(file: TensorFile, model: StandaloneModel) -> str:
    """What the checkpoint says, or for SD2 what it does: at the noisiest step a v model subtracts its input."""
    said = file.metadata.get("modelspec.prediction_type", "")
    if said:
        return "v" if said.startswith("v") else "epsilon"
    if "v_pred" in file.shapes:
        return "v"
    if model.family != "sd2":
        return "epsilon"
    noisy = torch.full((1, 4, 8, 8), 0.5, device=model.device)
    width = model.text_encoders[0].config.hidden_size  # type: ignore[union-attr]
    context = Conditioning(torch.full((1, 2, int(width)), 0.5, device=model.device))  # type: ignore[arg-type]
    with torch.no_grad():
        output = model.predict(noisy, torch.tensor([999], device=model.device), context, torch.empty(0))
    return "v" if float((output.float() - noisy).mean()) < -1 else "epsilon"


def _picture(model: StandaloneModel, request: PictureRequest) -> Image.Image:
    both = model.encode_prompts([request.negative_prompt, request.prompt], request.clip_skip)
    sizes = torch.tensor([[request.height, request.width, 0, 0, request.height, request.width]], dtype=torch.float32)
    sizes = sizes.repeat(2, 1).to(model.device)

    def denoise(latents: Tensor, timestep: Tensor) -> Tensor:
        doubled = latents.repeat(2, 1, 1, 1).to(model.device)
        timesteps = timestep.to(model.device).reshape(1).repeat(2)
        without, wanted = model.predict(doubled, timesteps, both, sizes).float().cpu().chunk(2)
        return without + request.cfg_scale * (wanted - without)

    noise, generator = starting_noise(request.seed, request.height, request.width)
    latents = sample(denoise, noise, request.sampler, request.steps, model.prediction_type, generator)
    pixels = model.decode_latents(latents)[0].add(1).mul(127.5).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(pixels)


def infotext(request: PictureRequest, model: str) -> str:
    """The request in the WebUI's words, so that its PNG Info tab understands it."""
    prompt = request.prompt
    if request.network is not None and request.weight != 0:
        prompt += f" <lora:{request.network.stem}:{request.weight:g}>"
    lines = [prompt] + ([f"Negative prompt: {request.negative_prompt}"] if request.negative_prompt else [])
    facts = {
        "Steps": request.steps,
        "Sampler": request.sampler,
        "CFG scale": f"{request.cfg_scale:g}",
        "Seed": request.seed,
        "Size": f"{request.width}x{request.height}",
        "Model": Path(model).stem,
    }
    if request.clip_skip > 1:
        facts["Clip skip"] = request.clip_skip
    return "\n".join([*lines, ", ".join(f"{name}: {value}" for name, value in facts.items())])
