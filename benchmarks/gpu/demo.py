"""``python -m benchmarks.gpu.demo fp16``: the demo in this precision, with its score. Ends with JSON."""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from lib_train.app.service import Service
from lib_train.demo import run
from lib_train.demo.scores import score
from lib_train.host.standalone.host import StandaloneHost, weights_dtype


def measure(precision: str, steps: int | None, seeds: int, root: Path) -> dict[str, float]:
    """Seconds of training and scoring, and the score: pictures of ``seeds`` that show what they should.

    Args:
        steps: optimizer steps instead of the demo's epochs; None leaves them.
    """
    host, config = StandaloneHost(dtype=weights_dtype(precision, None)), run.config()
    training = replace(config.training, mixed_precision=precision)
    if steps:
        training = replace(training, max_train_epochs=None, max_train_steps=steps, save_every_n_epochs=None)
    preview = replace(config.preview, preview_after_training=False)
    begun = time.perf_counter()
    outcome = Service(host, root).train("mochi", "v1", replace(config, training=training, preview=preview))
    trained = time.perf_counter()
    with host.borrow(host.find("")) as model:
        found = score(host, model, outcome.checkpoints[-1], range(100, 100 + seeds))
    return {"train_s": trained - begun, "score_s": time.perf_counter() - trained, **asdict(found)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.demo", description=__doc__)
    parser.add_argument("precision", choices=("no", "fp16", "bf16"))
    parser.add_argument("--steps", type=int, help="train so many steps instead of the demo's epochs")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        found = measure(options.precision, options.steps, options.seeds, Path(root))
    sys.stdout.write(json.dumps({name: round(value, 2) for name, value in found.items()}) + "\n")


if __name__ == "__main__":
    main()
