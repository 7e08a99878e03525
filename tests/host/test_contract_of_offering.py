"""What every host promises of the network in training, whether its prompts can name it or not."""

from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from tests.host.inputs import hash_of


class _InTraining(NamedTuple):
    folder: Path
    step: int = 1
    label: str = "p/v1 r001 step 1"
    about: str = ""
    sample: None = None

    def write(self, path: Path) -> None:
        raise AssertionError("nobody has asked for it")


def test_the_network_in_training_is_offered_under_a_name_or_not_at_all_and_leaves_no_trace(place, tmp_path):
    host, ref = place
    with host.borrow(ref) as model:
        before = hash_of(model)
        with model.offering(_InTraining(tmp_path)) as name:
            assert name in ("", "@training")
            assert model.between_steps(1, 9, nullcontext)
            with model.set_aside():
                pass
        assert hash_of(model) == before
    assert not list(tmp_path.iterdir())
