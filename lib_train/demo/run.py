"""The demo: train Mochi on the embedded model, make a grid, count what was learned."""

import sys
from pathlib import Path

from lib_train.app.service import Service
from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.demo.scores import PROMPT, score
from lib_train.demo.world import SIDE

SAMPLES = Path(__file__).parents[1] / "assets" / "mochi"
"""Pictures and captions of the character, and regularisation pictures of plain things."""


def config() -> RunConfig:
    """Settings of the demo's run."""
    return RunConfig(
        network=NetworkConfig(network_dim=32, network_alpha=32, conv_dim=16, conv_alpha=16),
        dataset=DatasetConfig(
            train_data_dir=(str(SAMPLES / "train"),),
            reg_data_dir=(str(SAMPLES / "reg"),),
            resolution=(SIDE,),
            enable_bucket=False,
        ),
        training=TrainingConfig(
            max_train_epochs=16,
            train_batch_size=8,
            learning_rate=1e-3,
            text_encoder_lr=1e-3,
            lr_scheduler="cosine",
            lr_warmup_steps=0.05,
            min_snr_gamma=5.0,
            save_every_n_epochs=8,
        ),
        preview=PreviewConfig(
            preview_prompts=(PROMPT,),
            preview_weights=(0.0, 0.5, 0.75, 1.0),
            preview_seeds=(1,),
            preview_cfg_scale=(5.0,),
        ),
    )


def run(service: Service) -> int:
    """Train, draw, count; returns the exit code."""
    outcome = service.train("mochi-demo", "v1", config())
    if not outcome.finished:
        sys.stdout.write(f"stopped; go on with: train-tools train --project mochi-demo --resume {outcome.run.name}\n")
        return 130
    network = outcome.checkpoints[-1]
    with service.host.borrow(service.host.find("")) as model:
        found = score(service.host, model, network)
    lines = [
        "",
        *(f"checkpoint  {path}" for path in outcome.checkpoints),
        f"grid        {outcome.grids[0]}",
        "",
        str(found),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
