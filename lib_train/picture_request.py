"""What a host is asked to draw."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PictureRequest:
    """One preview picture. ``network`` None or ``weight`` 0 shows the base model with its background alone."""

    prompt: str
    negative_prompt: str = ""
    seed: int = 1
    sampler: str = "Euler a"
    steps: int = 20
    cfg_scale: float = 7.0
    width: int = 512
    height: int = 512
    clip_skip: int = 1
    network: Path | None = None
    weight: float = 1.0
    background: tuple[tuple[Path, float], ...] = ()
    """Networks that are on too, as though they were merged into the base model, with their strengths."""

    @property
    def networks(self) -> tuple[tuple[Path, float], ...]:
        """All that are on with their strengths, the lowest first."""
        own = () if self.network is None else ((self.network, self.weight),)
        return tuple(one for one in (*self.background, *own) if one[1])
