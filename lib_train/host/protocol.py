"""What Train Tools needs from the program around it. Adapters: the packages standalone and webui beside it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from lib_train.in_training import InTraining as InTraining
from lib_train.layer_shapes import LayerShape
from lib_train.picture_request import PictureRequest as PictureRequest
from lib_train.tagged import Tagged as Tagged
from lib_train.tagged import TaggerRef as TaggerRef
from lib_train.txt2img import Txt2img as Txt2img


class BaseModelRef(NamedTuple):
    """A base model that the host can open, as a person picks it from a list."""

    title: str
    path: Path
    vae: Path | None = None
    """A separate VAE file; None is the checkpoint's own."""
    prediction_type: str = ""
    """"epsilon" or "v" if set by the user; empty is recognised from the checkpoint."""
    sha256: str = ""
    """Of the checkpoint file where the host knows it without reading the file."""


class Conditioning(NamedTuple):
    """Output of the text encoders for B captions."""

    context: Tensor
    """(B, 77 * n, C): C is 768 for SD1, 1024 for SD2, 2048 for SDXL, and narrower for narrow models."""
    pooled: Tensor | None = None
    """(B, P), SDXL only: 1280 at full size."""


class Moments(NamedTuple):
    """The distribution of a picture's latents, already scaled by the model's scale factor."""

    mean: Tensor
    """(B, 4, H / 8, W / 8), float32."""
    std: Tensor
    """(B, 4, H / 8, W / 8), float32."""


class Identity(NamedTuple):
    """Where a base model comes from, for caches and for a LoRA file's metadata."""

    title: str
    """File name without folders."""
    path: Path | None
    vae_title: str
    """Name of the separate VAE file; empty when the checkpoint's own VAE is used."""
    vae_path: Path | None


_FULL_WIDTH, _SIDES = 320, {"sd1": 512, "sd2": 768, "sdxl": 1024}


class ModelSize(NamedTuple):
    """Size of a base model, found without loading it."""

    family: str
    weights: Mapping[str, int]
    """Number of weights of "unet", "text_encoder" and "vae"."""
    layers: Sequence[LayerShape]
    """All that networks can be put on, in any order."""
    width: int
    """Channels of the U-Net's first level: 320 at full size."""
    notes: tuple[str, ...] = ()
    """Notes on the model for a person, before training on it."""
    own_side: int = 0
    """Pixels of a side that it says to be trained at; 0 where it says nothing else than its family."""
    predicts: str = "epsilon"
    """"epsilon" or "v"."""
    mismatches: tuple[str, ...] = ()
    """What it says of its noise and is not drawn with, each with the way out: no run begins so."""

    @property
    def side(self) -> int:
        """Pixels of a side that it was trained at."""
        return self.own_side or _SIDES[self.family]

    @property
    def small(self) -> bool:
        """Whether it is narrower than real models: made for trying things."""
        return self.width < _FULL_WIDTH


class BaseModel(Protocol):
    """A loaded base model, lent for one run. All its weights are frozen and in eval mode while it is lent."""

    family: str
    """"sd1", "sd2" or "sdxl"."""
    prediction_type: str
    """"epsilon" or "v"."""
    unet: nn.Module
    text_encoders: Sequence[nn.Module]
    alphas_cumprod: Tensor
    """(1000,), float32: cumulative product of 1 - beta at each timestep; the last is 0 with zero terminal SNR."""
    device: torch.device
    identity: Identity

    def vae_key(self) -> str:
        """A text that changes whenever the VAE's weights do; part of the latent cache's key."""

    def text_key(self) -> str:
        """A text that changes whenever the text encoders' weights do; part of the caption cache's key."""

    def encode_images(self, pixels: Tensor) -> Moments:
        """(B, 3, H, W) in [-1, 1] -> moments of the scaled latents: float32, on the model's device, no gradient."""

    def vae_fault(self) -> str:
        """Why latents are NaN or infinite, and the way out, as the end of a sentence. Called when some are."""

    def encode_captions(
        self, captions: Sequence[str], clip_skip: int, max_token_length: int, weighted: bool = False
    ) -> Conditioning:
        """B captions -> their conditioning; gradients reach the text encoders.

        Longer ones are cut into chunks of 75 tokens, each with its own begin and end token as in the WebUI: as many
        as the longest caption needs, at most ``max_token_length`` / 75.

        Args:
            weighted: whether brackets weigh words as in prompts; else captions are plain text.
        """

    def predict(self, latents: Tensor, timesteps: Tensor, condition: Conditioning, sizes: Tensor) -> Tensor:
        """The U-Net's output for (B, 4, h, w), (B,), conditioning and (B, 6): (B, 4, h, w).

        ``sizes`` (SDXL alone reads them) are original height and width, crop top and left, target height and width.
        """

    def between_steps(self, done: int, total: int, paused: Callable[[], AbstractContextManager[None]]) -> bool:
        """Called after each step: the host shows progress and may serve others, with the trained network taken off
        while ``paused`` is entered. Returns False when it wants to stop.

        Raises:
            BaseModelChanged: the model is not the one that was lent any more.
        """

    def set_aside(self) -> AbstractContextManager[Callable[[], None]]:
        """While entered, the host has its model back and can serve other requests, for any length of time. No network
        may be attached meanwhile. Yields a check that raises if the model changed; leaving checks too.

        Raises:
            BaseModelChanged: the model is not the one that was lent.
        """

    def offering(self, network: InTraining) -> AbstractContextManager[str]:
        """While entered, prompts of the host's own pages may put on the network as it is between two steps.

        Yields how they name it, such as ``<lora:name:1>`` has it; empty where the host has no such prompts.
        """

    def checkpointed(self, on: bool) -> AbstractContextManager[None]:
        """While entered and ``on``, blocks of U-Net and text encoders compute activations twice to save memory."""


GoOn = Callable[[int, int], bool]
"""Takes how much is done, and of how much; returns False when the host wishes to stop."""
Rendered = tuple[Image.Image, Mapping[str, str]]
"""A picture with its PNG text, such as ``parameters``: the WebUI's infotext."""


class Host(Protocol):
    """The program that Train Tools runs in: its files, models and device."""

    @property
    def device(self) -> torch.device:
        """The device that it computes on."""

    def problem(self) -> str | None:
        """Why training is not possible now, as a sentence with the way out; None when it is."""

    def folders_may_be_chosen(self) -> bool:
        """Whether people at the page may name any folder of this machine to train on."""

    def idle_seconds(self) -> float | None:
        """Seconds since somebody generated a picture here, 0 while somebody does; None where nobody ever does."""

    def lora_folder(self) -> Path | None:
        """Where this host looks for LoRA files; None when it has no such place."""

    def refresh_loras(self) -> None:
        """Make the host see new files in that folder."""

    def offer_lora(self, path: Path) -> None:
        """Make a LoRA file available to this host's prompts under its stem, until the host lists its LoRAs again."""

    def forget_missing_loras(self) -> None:
        """Remove offered files that were deleted from this host's list: prompts naming them would fail."""

    def base_models(self) -> Sequence[BaseModelRef]:
        """All that it knows; ``find`` may lend fewer of them."""

    def offer_base_model(self, path: Path) -> None:
        """Make the host see a new file in a folder of its base models."""

    def find(self, name: str, vae: str = "", prediction_type: str = "") -> BaseModelRef:
        """The base model of that title or path; empty is the host's default.

        Args:
            prediction_type: "epsilon" or "v" when it is recognised wrongly.

        Raises:
            ModelFileError: there is none, its VAE is missing, or it cannot be used with that prediction type.
        """

    def size_of(self, ref: BaseModelRef) -> ModelSize:
        """How large the model is.

        Raises:
            ModelFileError: the file cannot be read.
        """

    def count_tokens(self, captions: Sequence[str]) -> list[int]:
        """Tokens of each caption, without begin and end, as ``BaseModel.encode_captions`` cuts them; loads no model."""

    def borrow(self, ref: BaseModelRef) -> AbstractContextManager[BaseModel]:
        """Hold the device and one base model; on exit the host is as it was before.

        Raises:
            HostBusyError: another job holds the device and will not finish soon.
            ModelFileError: the file cannot be read.
        """

    def txt2img(self) -> Txt2img:
        """What txt2img of the host's own page last made a picture with.

        Raises:
            ConfigError: there is none that previews can be like.
        """

    def samplers(self) -> Sequence[str]:
        """Names that ``PictureRequest.sampler`` may have."""

    def schedulers(self, sampler: str) -> Sequence[str]:
        """Names that ``PictureRequest.scheduler`` may have beside this sampler; none where samplers' names tell all."""

    def render(self, model: BaseModel, requests: Sequence[PictureRequest]) -> Iterator[Rendered]:
        """Each request's picture, in order; fewer where the host wishes to stop. The model must carry no network while
        this runs; the file of each request is put on and taken off here."""

    def computing(self) -> AbstractContextManager[GoOn]:
        """Hold the device alone, without a base model; what is yielded is called between two parts of the work: it
        shows progress and serves others who wait for the device.

        Raises:
            HostBusyError: another job of this process holds the device.
        """

    def tag_lists(self) -> Sequence[Path]:
        """Files of tags from which people of this host complete prompts, the first one first; see ``tag_lists.py``."""

    def block_presets(self) -> Path | None:
        """File, there or not, of lists of block weights by name that people of this host keep; see ``read_presets``."""

    def tagger_folders(self) -> Sequence[Path]:
        """Folders, there or not, in which people of this host keep taggers; a new one goes into the first."""

    def wildcard_folders(self) -> Sequence[Path]:
        """Folders, there or not, in which people of this host keep .txt files with a line for each alternative."""

    def taggers(self) -> Sequence[TaggerRef]:
        """The host's own taggers, whether or not their files are there."""

    def tag(self, name: str, pictures: Iterable[Image.Image]) -> Iterator[Tagged]:
        """What one of ``taggers`` says of each RGB picture, in order; fewer where the host wishes to stop. The device
        is held until the iterator ends or is closed; all is as before then. Nothing is downloaded.

        Raises:
            ConfigError: there is no such tagger.
            ModelFileError: a file of it is missing or damaged.
            HostBusyError: another job of this process holds the device.
        """

    def output_folders(self) -> Sequence[Path]:
        """Folders, there or not, in which this host keeps pictures that people may take; none where they are hidden."""

    def upscalers(self) -> Sequence[str]:
        """Names that ``enlarge`` takes: of upscalers whose files are there."""

    def enlarge(self, picture: Image.Image, name: str, scale: float) -> Image.Image:
        """The RGB or RGBA picture, ``scale`` times as wide and as high, to the nearest pixel. Nothing is downloaded.

        Raises:
            ConfigError: there is no such upscaler, or the scale is not above 1.
            ModelFileError: its file is missing.
            HostModelError: it did not enlarge the picture.
            HostBusyError: another job of this process holds the device.
        """
