"""How an entry of the tables says what its setting does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.effects.probes import Probe, Settings


class Effect(NamedTuple):
    """A setting that is changed, and what shows it."""

    value: Any
    """Another one than its default, or than it has in ``beside``."""
    seen: Probe
    """Its answer must change with the setting."""
    beside: Settings = {}
    """Settings without which it changes nothing, or nothing that these few steps show."""
    idle: Sequence[Settings] = ()
    """Of a setting that depends on others: settings beside which its answer must be the same with it and without."""
