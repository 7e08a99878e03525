"""Thirteen prompts that are always the same: what is compared with them can be compared with all that was before."""

from collections.abc import Sequence

_SCENES = (
    "close-up, face", "portrait, looking at viewer", "upper body, smiling", "full body, standing", "from side",
    "from behind", "from above", "sitting on a chair", "lying on the grass", "running, outdoors", "crying", "angry",
)  # fmt: skip
_ANOTHER = "portrait of an old man with a white beard"
"""Without the trigger word: what a network changes that it should leave alone."""


def fixed_prompts(trigger: str) -> tuple[str, ...]:
    """Poses and faces around a trigger word, and somebody else.

    >>> len(fixed_prompts("mochi")), fixed_prompts("mochi")[0]
    (13, 'mochi, close-up, face')
    """
    return (*(", ".join(filter(None, (trigger.strip(), scene))) for scene in _SCENES), _ANOTHER)


def trigger_in(prefix: str, captions: Sequence[str], folders: Sequence[str]) -> str:
    """The word that calls what is trained.

    Args:
        prefix: that settings put before each caption; its first tag is the word.
        captions: the tag that most of them begin with is the word otherwise.
        folders: names such as "10_mochi", which say it where captions do not.

    >>> trigger_in("", ["mochi, smile", "mochi, hat", "cat"], []), trigger_in("sks cat, ", [], []), trigger_in(
    ...     "", ["a", "b"], ["10_mochi"])
    ('mochi', 'sks cat', 'mochi')
    """
    if word := prefix.split(",")[0].strip():
        return word
    firsts = [caption.split(",")[0].strip() for caption in captions]
    often = max(firsts, key=firsts.count, default="")
    if often and 2 * firsts.count(often) > len(firsts):
        return often
    names = [name.partition("_")[2].strip() or name for name in folders]
    return names[0] if names else ""
