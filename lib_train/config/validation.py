"""Which pictures are kept from training, to measure how well others than the trained ones are predicted."""

from dataclasses import dataclass

from lib_train.config.fields import SET, option, used_when
from lib_train.texts import say

VALIDATION = "validation"
_MEASURED = used_when(
    say("no pictures are held out: set validation_split or validation_data_dir"),
    {"validation_split": SET},
    {"validation_data_dir": SET},
)


@dataclass(frozen=True, kw_only=True)
class ValidationConfig:
    """Held-out pictures, and when they are measured."""

    validation_split: float = option(
        0.0,
        "Share of the training pictures that is held out: measured, and not trained on; 0.1 is usual, 0 is off.",
        low=0,
        high=0.9,
        group=VALIDATION,
        label="Share held out",
        key="ss_validation_split",
        slider=(0, 0.5, 0.05),
    )
    validation_seed: int | None = option(
        None,
        "Decides which pictures are held out, and their noise; empty takes seed.",
        low=0,
        high=2**32 - 1,
        group=VALIDATION,
        key="ss_validation_seed",
        used_when=_MEASURED,
    )
    validation_data_dir: tuple[str, ...] = option(
        (),
        "Folders of further pictures that are measured, with or without `<repeats>_` in their names.",
        separator="\n",
        group=VALIDATION,
        label="Validation folders",
        no_key="folders are the person's own; ss_num_validation_images counts their pictures",
    )
    validate_every_n_steps: int | None = option(
        None,
        "Measure every n steps.",
        low=1,
        off=0,
        group=VALIDATION,
        key="ss_validate_every_n_steps",
        used_when=_MEASURED,
    )
    validate_every_n_epochs: int | None = option(
        None,
        "Measure every n epochs; without n steps either it is each epoch.",
        low=1,
        off=0,
        group=VALIDATION,
        key="ss_validate_every_n_epochs",
        used_when=_MEASURED,
    )
    max_validation_steps: int | None = option(
        None,
        "Measure no more than so many batches each time; empty is all of them.",
        low=1,
        off=0,
        group=VALIDATION,
        label="Batches measured",
        key="ss_max_validation_steps",
        used_when=_MEASURED,
    )

    @property
    def validates(self) -> bool:
        """Whether pictures are to be held out."""
        return bool(self.validation_split or self.validation_data_dir)

    @property
    def validation_interval(self) -> tuple[int | None, int | None]:
        """Steps and epochs between two measurements."""
        found = self.validate_every_n_steps, self.validate_every_n_epochs
        return found if any(found) else (None, 1)
