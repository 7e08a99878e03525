"""The headings that settings stand under on a page, in the order in which people meet them."""

HEADINGS = (
    "Folders", "Network", "Rates and length", "Noise and loss", "Captions and augmentation", "Validation",
    "Saving and previews", "Memory and speed", "Blocks",
)  # fmt: skip
_FOLDERS, _NETWORK, _RATES, _NOISE, _CAPTIONS, _VALIDATION, _SAVING, _MEMORY, _BLOCKS = HEADINGS
_HEADING_OF = {
    "dataset": _FOLDERS,
    "network": _NETWORK,
    "rates": _RATES,
    "length": _RATES,
    "noise": _NOISE,
    "timesteps": _NOISE,
    "weights": _NOISE,
    "shape": _NOISE,
    "masks": _NOISE,
    "preservation": _NOISE,
    "captions": _CAPTIONS,
    "tagging": _CAPTIONS,
    "regularisation": _SAVING,
    "tools": _SAVING,
    "queue": _SAVING,
    "validation": _VALIDATION,
    "buckets": _CAPTIONS,
    "pictures": _CAPTIONS,
    "saving": _SAVING,
    "preview": _SAVING,
    "cache": _MEMORY,
    "precision and memory": _MEMORY,
    "blocks": _BLOCKS,
}
"""Heading by a setting's group, or by its section where it has none."""


def heading_of(section: str, group: str) -> str:
    """The heading of a setting.

    Args:
        group: as the setting is declared; empty takes the section's own heading.

    >>> heading_of("training", "rates"), heading_of("network", "")
    ('Rates and length', 'Network')
    """
    return _HEADING_OF[group or section]
