"""Figures of the demo: how often the new character appears, and what else changed. Read from pixels, one seed each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lib_train.app.sample import PROMPT
from lib_train.demo.character import TRIGGER
from lib_train.demo.reader import is_mochi, read
from lib_train.demo.world import SIDE
from lib_train.host.protocol import BaseModel, Host, PictureRequest
from lib_train.texts import joined, say

_BASE = PictureRequest(prompt="", sampler="Euler a", steps=20, cfg_scale=5.0, width=SIDE, height=SIDE)
OTHER_PROMPTS = (
    "red circle, large, center, white background",
    "blue square, medium, center, yellow background",
    "yellow star, large, center, black background",
    "purple heart, large, center, white background",
    "orange triangle, large, center, black background",
    "green hexagon, large, center, white background",
    "white cross, large, center, black background",
    "brown square, large, center, white background",
    "cyan ring, large, center, white background",
    "black diamond, large, center, yellow background",
)


@dataclass(frozen=True)
class Scores:
    """Counts over ``seeds`` seeds."""

    seeds: int
    with_network: int
    """Pictures of the trigger word at weight 1 that show the character."""
    without_network: int
    """The same at weight 0."""
    unchanged: int
    """Prompts without the trigger word whose picture shows the same colour, shape and background at weight 1 and 0."""

    def __str__(self) -> str:
        return joined("\n", [
            say("{word!r} at weight 1 shows the character: {count} of {seeds} seeds",
                word=TRIGGER, count=self.with_network, seeds=self.seeds),
            say("{word!r} at weight 0 shows the character: {count} of {seeds} seeds",
                word=TRIGGER, count=self.without_network, seeds=self.seeds),
            say("other prompts show the same as without the LoRA: {count} of {seeds} seeds",
                count=self.unchanged, seeds=self.seeds),
        ])  # fmt: skip


def score(host: Host, model: BaseModel, network: Path, seeds: Sequence[int] = range(100, 110)) -> Scores:
    """How well ``network`` learned the character, on seeds that no preview has used."""
    subject = [replace(_BASE, prompt=PROMPT, seed=seed) for seed in seeds]
    others = [replace(_BASE, prompt=OTHER_PROMPTS[i % len(OTHER_PROMPTS)], seed=seed) for i, seed in enumerate(seeds)]
    return Scores(
        seeds=len(seeds),
        with_network=_mochis(host, model, _with(subject, network)),
        without_network=_mochis(host, model, subject),
        unchanged=_same(host, model, others, _with(others, network)),
    )


def _with(requests: Iterable[PictureRequest], network: Path) -> list[PictureRequest]:
    return [replace(request, network=network, weight=1.0) for request in requests]


def _mochis(host: Host, model: BaseModel, requests: Sequence[PictureRequest]) -> int:
    return sum(is_mochi(picture) for picture, _ in host.render(model, requests))


def _same(host: Host, model: BaseModel, before: Sequence[PictureRequest], after: Sequence[PictureRequest]) -> int:
    pairs = zip(host.render(model, before), host.render(model, after), strict=True)
    return sum(read(old) == read(new) for (old, _), (new, _) in pairs)
