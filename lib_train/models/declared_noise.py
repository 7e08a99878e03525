"""The noise that a checkpoint file declares it was trained on, by empty tensors and by metadata."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from lib_train.texts import say


class DeclaredNoise(NamedTuple):
    """Values read from a checkpoint file."""

    prediction_type: str | None = None
    """"epsilon" or "v"; None where the file does not say."""
    zero_terminal_snr: bool = False

    def schedule_follows(self, prediction_type: str) -> bool:
        """Whether the schedule has zero terminal SNR. Only v: predicting noise from pure noise is trivial."""
        return self.zero_terminal_snr and prediction_type == "v"

    def notes(self, prediction_type: str) -> tuple[str, ...]:
        """Notes for a person, when the model is trained as ``prediction_type``."""
        if not self.zero_terminal_snr:
            return ()
        if self.schedule_follows(prediction_type):
            return (say("the checkpoint says zero terminal SNR (its tensor ztsnr): trained with that noise schedule"),)
        return (
            say(
                "the checkpoint says zero terminal SNR (its tensor ztsnr), but is trained as one that predicts "
                "epsilon, which has no such schedule: the ordinary one is used"
            ),
        )


def declared_noise(names: Collection[str], metadata: Mapping[str, str]) -> DeclaredNoise:
    """What tensors called ``v_pred`` and ``ztsnr``, and the metadata, say; metadata comes first."""
    declared = metadata.get("modelspec.prediction_type", "")
    kind = ("v" if declared.startswith("v") else "epsilon") if declared else ("v" if "v_pred" in names else None)
    return DeclaredNoise(kind, "ztsnr" in names)
