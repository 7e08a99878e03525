"""What pictures of the drawn world show of a network: the truth that figures of checkpoints are tried on."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from benchmarks.objective import shows_backdrop
from lib_train.checkpoints.files import read_network
from lib_train.demo.reader import is_mochi, read
from lib_train.demo.scores import OTHER_PROMPTS
from lib_train.demo.world import SIDE
from lib_train.host.standalone.model import StandaloneModel
from lib_train.host.standalone.sampling import sample, starting_noise
from lib_train.networks.network import Network

SUBJECT = "mochi, large, center"
GROUNDS = ("black", "white", "gray", "blue", "yellow", "purple")
SAMPLER, STEPS, CFG_SCALE = "DPM++ 2M Karras", 8, 5.0


def truth(
    model: StandaloneModel, checkpoint: Path, count: int, before: Sequence[Image.Image], output: Path
) -> dict[str, float]:
    """Shares of pictures: the character is shown; the background that the prompt names is shown; a trained backdrop is
    shown; another prompt shows the same as without the network; and the first two together.

    Args:
        count: of pictures of the character.
        before: pictures of the first of ``OTHER_PROMPTS`` without a network, whose seeds follow those of the character.
        output: where the pictures are kept, side by side.
    """
    named = [GROUNDS[place % len(GROUNDS)] for place in range(count)]
    prompts = [*(f"{SUBJECT}, {colour} background" for colour in named), *OTHER_PROMPTS[: len(before)]]
    pictures = drawn(model, checkpoint, prompts)
    own, after = pictures[:count], pictures[count:]
    _keep(pictures, output)
    shown = [is_mochi(picture) for picture in own]
    obeyed = [read(picture).background == colour for picture, colour in zip(own, named, strict=True)]
    return {
        "recognised": _share(shown),
        "obeyed": _share(obeyed),
        "backdrop": _share([shows_backdrop(picture) for picture in own]),
        "unchanged": _share([read(old) == read(new) for old, new in zip(before, after, strict=True)]),
        "right": _share([a and b for a, b in zip(shown, obeyed, strict=True)]),
    }


def _keep(pictures: Sequence[Image.Image], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.new("RGB", (SIDE * len(pictures), SIDE))
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (SIDE * place, 0))
    sheet.save(path)


def _share(found: Sequence[bool]) -> float:
    return round(sum(found) / len(found), 4)


@torch.no_grad()
def drawn(model: StandaloneModel, checkpoint: Path | None, prompts: Sequence[str], first: int = 0) -> list[Image.Image]:
    """Pictures of the prompts by the host's own sampler, all at once, each with a seed of its own."""
    asked = [*[""] * len(prompts), *prompts]
    noise = torch.cat([starting_noise(100 + first + place, SIDE, SIDE)[0] for place in range(len(prompts))])
    sizes = torch.full((len(asked), 6), float(SIDE))

    def denoise(latents: Tensor, timestep: Tensor) -> Tensor:
        timesteps = timestep.reshape(1).repeat(len(asked))
        without, wanted = model.predict(latents.repeat(2, 1, 1, 1), timesteps, condition, sizes).float().chunk(2)
        return without + CFG_SCALE * (wanted - without)

    with ExitStack() as on:
        if checkpoint is not None:
            on.enter_context(_network(model, checkpoint).attached())
        condition = model.encode_captions(asked, 1, 75)
        latents = sample(denoise, noise, SAMPLER, STEPS, model.prediction_type, torch.Generator())
    pixels = model.decode_latents(latents).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy()
    return [Image.fromarray(one) for one in pixels]


def _network(model: StandaloneModel, checkpoint: Path) -> Network:
    tensors, metadata = read_network(checkpoint)
    return Network.from_tensors(tensors, model.family, model.unet, model.text_encoders, metadata)
