"""What a plan says of held-out pictures."""

from collections.abc import Iterator

from lib_train.config.run import RunConfig
from lib_train.errors import Problem
from lib_train.pictures.records import Scan
from lib_train.texts import say
from lib_train.training.plan import TrainPlan
from lib_train.training.validation import BANDS

_FORWARD = 1 / 3
"""Of the time that a step takes: it goes backward too, which takes twice as long."""


def problems_with_validation(config: RunConfig, scan: Scan) -> list[Problem]:
    """A folder that was named and gives nothing to measure."""
    named = config.training.validation_data_dir
    told = any(problem.setting == "validation_data_dir" for problem in scan.problems)
    if not named or scan.held_out or told:
        return []
    return [Problem("validation_data_dir", named, say("no picture can be used there; name a folder of pictures"))]


def notes_on_validation(scan: Scan, plan: TrainPlan) -> Iterator[str]:
    """How much is measured how often."""
    if scan.held_out and any(plan.validation_interval):
        yield say("validation: pictures held out: {count}, measured {times} times", count=len(scan.held_out),
                  times=plan.validations)  # fmt: skip


def steps_of_validation(config: RunConfig, scan: Scan, plan: TrainPlan) -> float:
    """How many steps take as long as all measurements together."""
    training = config.training
    if not scan.held_out:
        return 0.0
    batches = -(-len(scan.held_out) // training.train_batch_size)
    batches = min(batches, training.max_validation_steps or batches)
    passes = BANDS * batches * (plan.validations + 1)  # one more for the base model
    return passes * _FORWARD / training.gradient_accumulation_steps
