"""What a host is asked to draw."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILES = ("network", "background", "others")


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """One preview picture. ``network`` None or ``weight`` 0 shows the base model, with its background and others."""

    prompt: str
    negative_prompt: str = ""
    seed: int = 1
    sampler: str = "Euler a"
    scheduler: str = ""
    """Schedule of the noise, such as "Karras"; empty is as the sampler's name says."""
    steps: int = 20
    cfg_scale: float = 7.0
    width: int = 512
    height: int = 512
    clip_skip: int = 1
    network: Path | None = None
    weight: float = 1.0
    like: str = ""
    """A request of the host's txt2img whose further settings count, too, by its key; see ``Txt2img``."""
    background: tuple[tuple[Path, float], ...] = ()
    """Networks that are on too, as though they were merged into the base model, with their strengths."""
    others: tuple[tuple[Path, float], ...] = ()
    """Networks that are on beside ``network``, with their weights."""

    @property
    def networks(self) -> tuple[tuple[Path, float], ...]:
        """All that are on with their strengths, the lowest first, as prompts name them."""
        own = () if self.network is None else ((self.network, self.weight),)
        return tuple(one for one in (*self.background, *own, *self.others) if one[1])

    def facts(self) -> dict[str, Any]:
        """What is asked for beside files, by name; schedule and likeness where they are, so that older marks stay."""
        empty = [name for name in ("scheduler", "like") if not getattr(self, name)]
        return {name: value for name, value in vars(self).items() if name not in (*_FILES, *empty)}
