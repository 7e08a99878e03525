"""The demo: train Mochi on the embedded model, make a grid, count what was learned."""

import sys

from lib_train.app.sample import SAMPLES, SMALL
from lib_train.app.service import Service
from lib_train.config.codec import config_of
from lib_train.config.run import RunConfig
from lib_train.demo.scores import score
from lib_train.demo.world import SIDE


def config() -> RunConfig:
    """Settings of the demo's run."""
    folders = {"train_data_dir": str(SAMPLES / "train"), "reg_data_dir": str(SAMPLES / "reg")}
    return config_of({**SMALL, **folders, "resolution": SIDE})


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
