"""The demo: train Mochi on the embedded model, make a grid, count what was learned."""

from collections.abc import Callable

from lib_train.app.sample import OF_KINDS, SAMPLES, SMALL
from lib_train.app.service import Service
from lib_train.config.codec import config_of
from lib_train.config.run import RunConfig
from lib_train.demo.scores import score
from lib_train.demo.world import SIDE
from lib_train.texts import say


def config(kind: str = "lora") -> RunConfig:
    """Settings of the demo's run with this kind of network."""
    folders = {"train_data_dir": str(SAMPLES / "train"), "reg_data_dir": str(SAMPLES / "reg")}
    return config_of({**SMALL, **OF_KINDS[kind], **folders, "network_type": kind, "resolution": SIDE})


def run(service: Service, show: Callable[[str], None], kind: str = "lora") -> int:
    """Train, draw, count; returns the exit code.

    Args:
        show: called with each line of the result.
        kind: of network.
    """
    project = "mochi-demo" if kind == "lora" else f"mochi-demo-{kind}"
    outcome = service.train(project, "v1", config(kind))
    if not outcome.finished:
        again = f"train-tools train --project {project} --resume {outcome.run.name}"
        show(say("stopped; go on with: {command}", command=again))
        return 130
    network = outcome.checkpoints[-1]
    with service.host.borrow(service.host.find("")) as model:
        found = score(service.host, model, network)
    show("")
    for path in outcome.checkpoints:
        show(say("checkpoint  {path}", path=path))
    show(say("grid        {path}", path=outcome.grids[0]))
    show("")
    show(str(found))
    return 0
