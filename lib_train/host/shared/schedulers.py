"""What is said of schedules of noise that a host does not have."""

from collections.abc import Sequence

from lib_train.texts import Text, say


def unknown_scheduler(known: Sequence[str], sampler: str = "") -> Text:
    """The way out for somebody who named another one, beside a sampler."""
    if known and sampler:
        return say("{sampler} has {known}; choose one of these", sampler=sampler, known=", ".join(known))
    if known:
        return say("choose one of {known}", known=", ".join(known))
    return say("choose a sampler that has a schedule in its name, such as {example}", example="DPM++ 2M Karras")
