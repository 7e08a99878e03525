"""How much each timestep counts in the loss: tables over all timesteps, made once."""

from torch import Tensor


def unweighted(weights: Tensor, timesteps: Tensor) -> Tensor:
    """Each picture with its own weight (B,), whatever its timestep."""
    return weights


class ByTimestep:
    """Pictures weigh by their timesteps too.

    Args:
        table: (1000,), float32.
    """

    def __init__(self, table: Tensor) -> None:
        self.table = table

    def __call__(self, weights: Tensor, timesteps: Tensor) -> Tensor:
        """Weights (B,) of pictures at timesteps (B,)."""
        return weights * self.table[timesteps]
