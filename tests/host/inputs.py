"""What tests give to a host, and what they compare of its model."""

import hashlib
from typing import Any

import torch
from torch import Tensor

from lib_train.config.network import NetworkConfig
from lib_train.host.protocol import BaseModel, PictureRequest
from lib_train.networks.network import Network
from lib_train.networks.targets import targets_of


def noisy(count: int, seed: int = 1, side: int = 8) -> Tensor:
    return torch.randn(count, 4, side, side, generator=torch.Generator().manual_seed(seed))


def sizes(count: int) -> Tensor:
    return torch.tensor([[64.0, 64, 0, 0, 64, 64]]).repeat(count, 1)


def hash_of(model: BaseModel) -> str:
    """Of all weights, of what modules carry on themselves, and of what the VAE does."""
    digest = hashlib.sha256(model.vae_key().encode())
    for module in (model.unet, *model.text_encoders):
        for name, tensor in module.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().numpy())
        for name, inner in module.named_modules():
            digest.update(f"{name}{inner.training}{'forward' in inner.__dict__}".encode())
        assert not any(p.requires_grad or p.grad is not None for p in module.parameters())
    digest.update(model.encode_images(torch.zeros(1, 3, 64, 64)).mean.cpu().numpy().tobytes())
    return digest.hexdigest()


def network_of(model: BaseModel, parts: tuple[str, ...] = ("unet", "text_encoder")) -> Network:
    """A network on all layers that changes the model's output plainly."""
    targets = targets_of(model.family, model.unet, model.text_encoders, parts=parts)
    network = Network(targets, NetworkConfig(network_dim=2, network_alpha=2.0, conv_dim=2, conv_alpha=2.0), seed=1)
    for part in parts:
        for matrix in network.parameters(part):
            matrix.data.normal_(0, 0.1, generator=torch.Generator().manual_seed(matrix.numel()))
    return network


def picture_request(**changes: Any) -> PictureRequest:
    return PictureRequest(**{"prompt": "a red circle", "seed": 5, "steps": 2, "width": 64, "height": 64, **changes})
