"""What a checkpoint file itself says of the noise that it was trained on: empty tensors and metadata."""

from collections.abc import Collection, Mapping
from typing import NamedTuple


class NoiseSaid(NamedTuple):
    """The sayings of a checkpoint file."""

    prediction_type: str | None = None
    """"epsilon" or "v"; None is nothing said."""
    zero_terminal_snr: bool = False

    def schedule_follows(self, prediction_type: str) -> bool:
        """Whether the schedule is the one with zero terminal SNR: without signal a noise tells nothing, only v does."""
        return self.zero_terminal_snr and prediction_type == "v"

    def notes(self, prediction_type: str) -> tuple[str, ...]:
        """What a person wants to know when the model is trained as ``prediction_type``."""
        if not self.zero_terminal_snr:
            return ()
        if self.schedule_follows(prediction_type):
            return ("the checkpoint says zero terminal SNR (its tensor ztsnr): trained with that noise schedule",)
        return (
            "the checkpoint says zero terminal SNR (its tensor ztsnr), but is trained as one that predicts epsilon, "
            "which has no such schedule: the ordinary one is used",
        )


def noise_said(names: Collection[str], metadata: Mapping[str, str]) -> NoiseSaid:
    """What tensors called ``v_pred`` and ``ztsnr``, and the metadata, say; metadata comes first."""
    said = metadata.get("modelspec.prediction_type", "")
    kind = ("v" if said.startswith("v") else "epsilon") if said else ("v" if "v_pred" in names else None)
    return NoiseSaid(kind, "ztsnr" in names)
