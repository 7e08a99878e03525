"""What each figure that is shown is called, and what it tells."""

from typing import NamedTuple

from lib_train.texts import say


class Told(NamedTuple):
    """Of one figure."""

    title: str
    help: str
    higher_is_better: bool
    percent: bool = True
    """Whether it is shown as a share of a hundred."""


SHOWN: dict[str, Told] = {
    "gain": Told(
        say("Learned"),
        say("How much better than the base model it predicts the training pictures. It rises and then stays: more "
            "steps teach nothing new from there on."),
        True,
    ),
    "gap": Told(
        say("Learned by heart"),
        say("How much better it predicts the training pictures than pictures that it has not seen: their mirror "
            "images, or those held out. It grows where poses and backgrounds are memorised."),
        False,
    ),
    "reaction": Told(
        say("Obeys words"),
        say("How much of what a word changes in the base model it still changes, at the noise where a picture begins. "
            "It falls where the LoRA says what the prompt should say."),
        True,
    ),
}  # fmt: skip
"""By name, in the order in which they are shown. doc/choosing.md says how each of them was tried, and which were not
kept."""
