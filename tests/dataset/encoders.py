"""Stand-ins of VAE and text encoders, and what they fill."""

from typing import Any

import torch

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.batches import Batches
from lib_train.dataset.latents import LatentStore
from lib_train.pictures.scan import scan


def dataset_config(pictures, **settings):
    """64 pixels in buckets of 32 to 128; every setting can be replaced."""
    sizes: dict[str, Any] = {
        "resolution": (64,),
        "min_bucket_reso": 32,
        "max_bucket_reso": 128,
        "bucket_reso_steps": 32,
    }
    return DatasetConfig(train_data_dir=(str(pictures),), **(sizes | settings))


class Encoder:
    """Stands for a VAE: latents are the mean colours of 8 x 8 blocks; counts its calls."""

    def __init__(self):
        self.sizes = []

    def __call__(self, pixels):
        self.sizes.append(tuple(pixels.shape))
        mean = torch.nn.functional.avg_pool2d(pixels, 8)
        mean = torch.cat([mean, mean[:, :1]], 1)
        return mean, torch.full_like(mean, 0.1)


def filled(pictures, folder=None, key="vae", encoder=None, **settings):
    """A store of all latents of the folder, its encoder, and its progress as (done, total)."""
    dataset = dataset_config(pictures, **settings)
    store = LatentStore(scan(dataset).pictures, dataset, key, folder)
    encoder = encoder or Encoder()
    progress = list(store.fill(encoder))
    return store, encoder, progress


def batches(pictures, store, **settings):
    """Batches of two from a filled store."""
    dataset = dataset_config(pictures, **settings)
    return Batches(scan(dataset), dataset, batch_size=2, seed=7, latents=store)


def encode_captions(captions):
    """A row for each letter of the longest caption, all of the caption's length; no pooled output."""
    longest = max(1, *(len(caption) for caption in captions))
    return torch.stack([torch.full((longest, 2), float(len(caption))) for caption in captions]), None
