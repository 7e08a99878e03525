"""What a host's txt2img last made a picture with, for previews that are made alike."""

from typing import NamedTuple


class Txt2img(NamedTuple):
    """One request of txt2img. Its plain values; whatever else there is the host keeps under ``key``."""

    key: str
    """Another one for each request that differs in anything; see ``PictureRequest.like``."""
    made_at: float
    """Seconds since 1970."""
    prompt: str
    negative_prompt: str
    sampler: str
    """As ``Host.samplers`` has it."""
    steps: int
    cfg_scale: float
    width: int
    height: int
    clip_skip: int
    styles: tuple[str, ...] = ()
    hires: float = 0.0
    """How many times as wide and high hires fix makes a picture; 0 is off."""
