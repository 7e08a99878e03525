"""ldm's autoencoder derives from ``LightningModule`` and uses nothing of it to encode or decode."""

from torch.nn import Module as LightningModule

__all__ = ["LightningModule"]
