"""The losses of twenty steps, which a refactoring must keep: tests/golden/loss_curve.json.

After a change that is meant to move them: ``python -m tests.training.test_loss_curve`` writes the file anew.
"""

import json
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly

GOLDEN = Path(__file__).parents[1] / "golden" / "loss_curve.json"


def curve(folder: Path, prediction_type: str) -> list[float]:
    """Both parts, three kinds of dropout, accumulation, warm-up, mirrored pictures and varied captions at once."""
    inner = folder / "2_shape"
    inner.mkdir(parents=True)
    for index in range(4):
        picture = Image.new("RGB", (64, 64 + 32 * (index % 2)), (60 * index, 120, 200 - 60 * index))
        picture.paste((255, 255, 255), (8 * index, 16, 8 * index + 24, 40))
        picture.save(inner / f"{index}.png")
        (inner / f"{index}.txt").write_text(f"shape, number {index}, flat, white")
    run = fake_assembly(
        folder,
        FakeModel(prediction_type),
        network={"network_dropout": 0.1, "rank_dropout": 0.1, "module_dropout": 0.1, "conv_dim": 2},
        dataset={"flip_aug": True, "shuffle_caption": True, "caption_dropout_rate": 0.2},
        max_train_steps=20,
        gradient_accumulation_steps=2,
        unet_lr=2e-3,
        text_encoder_lr=1e-3,
        lr_scheduler="cosine",
        lr_warmup_steps=3,
        noise_offset=0.05,
        min_snr_gamma=5,
        max_grad_norm=0.05,
    )
    return [event.loss for event in run.trainer.events() if isinstance(event, StepDone)]


@pytest.mark.parametrize("prediction_type", ["epsilon", "v"])
def test_losses_of_twenty_steps_stay_as_they_are(tmp_path, prediction_type):
    golden = json.loads(GOLDEN.read_text())[prediction_type]
    losses = curve(tmp_path / "data", prediction_type)
    assert losses == pytest.approx(golden, rel=1e-5)  # the same on every machine but for float32 rounding
    assert losses == curve(tmp_path / "again", prediction_type)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        curves = {kind: curve(Path(folder) / kind, kind) for kind in ("epsilon", "v")}
    GOLDEN.write_text(json.dumps(curves, indent=1) + "\n")
