"""Pictures a second of latent caching beside the bare VAE encoding the same pixels."""

import time

import torch

from benchmarks.subjects import Subject, pictures
from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.latents import LatentStore
from lib_train.host.standalone.host import StandaloneHost
from lib_train.pictures.scan import scan

_BATCH = 4


def measure(subject: Subject, count: int) -> dict[str, float]:
    """Pictures a second: ``cached`` from PNG files to latents in memory, ``vae`` for tensors that lie ready."""
    host = StandaloneHost()
    with pictures(subject.side, count) as folder, host.borrow(host.find(subject.file)) as model:
        config = DatasetConfig(
            train_data_dir=(str(folder),), resolution=(subject.side,), enable_bucket=False, vae_batch_size=_BATCH
        )
        store = LatentStore(scan(config).pictures, config, model.vae_key(), None)
        ready = torch.rand(_BATCH, 3, subject.side, subject.side).mul(2).sub(1).to(model.device)
        model.encode_images(ready)
        begun = time.perf_counter()
        for _ in range(count // _BATCH):
            model.encode_images(ready)
        if model.device.type == "cuda":
            torch.cuda.synchronize(model.device)
        bare = time.perf_counter() - begun
        begun = time.perf_counter()
        for _ in store.fill(model.encode_images):
            pass
        cached = time.perf_counter() - begun
    return {"vae": count // _BATCH * _BATCH / bare, "cached": count / cached}
