"""Runs on real models, for tests of what trains them."""

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble


def run_config(pictures, *, network=None, dataset=None, **training):
    """Four steps at 64 pixels, rank 2, batches of 2, rate 1e-3; every setting can be replaced."""
    settings = {"max_train_steps": 4, "learning_rate": 1e-3, "lr_scheduler": "constant", "train_batch_size": 2}
    return RunConfig(
        network=NetworkConfig(**{"network_dim": 2, **(network or {})}),
        dataset=DatasetConfig(
            train_data_dir=(str(pictures),),
            resolution=(64,),
            min_bucket_reso=64,
            max_bucket_reso=128,
            bucket_reso_steps=32,
            cache_latents_to_disk=False,
            **(dataset or {}),
        ),
        training=TrainingConfig(**{**settings, **training}),
    )


def assembled(config, model):
    """A prepared run: what is kept of pictures and captions is there."""
    assembly = assemble(config, scan(config.dataset), model, None)
    for _ in assembly.prepare():
        pass
    return assembly
