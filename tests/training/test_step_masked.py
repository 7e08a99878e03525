"""Masked loss and prior preservation in runs on a model of a few layers, against the formulas written out by hand."""

from typing import Any

import pytest
import torch
from PIL import Image

from lib_train.config.codec import config_of
from lib_train.errors import ConfigError
from lib_train.jobs.masks import with_masks
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel

SETTINGS: dict[str, Any] = {
    "network_dim": 2, "network_alpha": 2, "resolution": 64, "enable_bucket": False, "max_train_steps": 3,
    "train_batch_size": 3, "learning_rate": 0.05, "lr_scheduler": "constant", "text_encoder_lr": 0,
}  # fmt: skip


class Watched(FakeModel):
    """Keeps what it was asked to encode and what it predicted, with the strength of the network at that time."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.network: Any = None
        self.calls: list[Any] = []
        self.encoded: list[Any] = []

    def encode_captions(self, captions: Any, *reading: Any) -> Any:
        self.encoded.append((tuple(captions), None if self.network is None else self.network.multiplier))
        return super().encode_captions(captions, *reading)

    def predict(self, *given: Any) -> Any:
        found = super().predict(*given)
        self.calls.append((given[0], found.detach().clone(), self.network.multiplier, torch.is_grad_enabled()))
        return found


@pytest.fixture
def masked_pictures(pictures):
    """Two of the three pictures have masks: the left half is learned, and a little of the right."""
    folder = pictures / ".train_tools" / "masks" / "2_mochi"
    folder.mkdir(parents=True)
    for index, size in ((0, (64, 64)), (2, (192, 64))):
        mask = Image.new("L", size, 51)
        mask.paste(255, (0, 0, size[0] // 2, size[1]))
        mask.save(folder / f"{index}.png")
    return pictures


def run(folder, kind="epsilon", **more):
    """Losses of the steps, and the model that was watched."""
    model = Watched(kind)
    config = config_of({**SETTINGS, "train_data_dir": [str(folder)], **more})
    made = assemble(config, with_masks(scan(config.dataset), config, None), model, None)
    model.network = made.network
    for _ in made.prepare():
        pass
    targets = []
    objective = made.trainer._loss.objective
    draw = objective.draw
    object.__setattr__(objective, "draw", lambda *told: targets.append(draw(*told)) or targets[-1])
    batch = made.batches.batch
    batches = []
    made.batches.batch = lambda *told: batches.append(batch(*told)) or batches[-1]  # type: ignore[func-returns-value, method-assign]
    losses = [event.loss for event in made.trainer.events() if isinstance(event, StepDone)]
    return losses, model, targets, batches


def squares(one, other):
    return (one.float() - other.float()).square()


def test_masks_lie_beside_the_pictures_and_are_asked_for_where_masked_loss_is_on(masked_pictures):
    config = config_of({"train_data_dir": [str(masked_pictures)], "masked_loss": True})
    found = with_masks(scan(config.dataset), config, None).pictures
    assert [one.mask and one.mask.name for one in found] == ["0.png", None, "2.png"]
    off = config_of({"train_data_dir": [str(masked_pictures)]})
    assert {one.mask for one in with_masks(scan(off.dataset), off, None).pictures} == {None}


@pytest.mark.parametrize(("floor", "normalised"), [(0.0, False), (0.5, False), (0.0, True)])
def test_what_is_masked_does_not_count(masked_pictures, floor, normalised):
    losses, model, drawn, batches = run(
        masked_pictures, masked_loss=True, unmasked_weight=floor, normalize_masked_area_loss=normalised
    )
    for loss, (_, predicted, _, _), one, batch in zip(losses, model.calls, drawn, batches, strict=True):
        mask = batch.masks.clamp(min=floor)
        means = (squares(predicted, one.target) * mask).mean((1, 2, 3))
        areas = mask.mean((1, 2, 3)) if normalised else 1
        assert loss == pytest.approx((means / areas).mean().item(), rel=1e-5)
    assert any(batch.masks.min() < 0.3 for batch in batches)


def test_masks_change_a_run_and_pictures_without_any_do_not(masked_pictures):
    masked, plain = (run(masked_pictures, masked_loss=on)[0] for on in (True, False))
    assert masked != plain
    (masked_pictures / ".train_tools/masks/2_mochi/0.png").unlink()
    (masked_pictures / ".train_tools/masks/2_mochi/2.png").unlink()
    assert run(masked_pictures, masked_loss=True)[0] == plain
    assert run(masked_pictures, alpha_mask=True)[0] == plain  # nothing in them is transparent


@pytest.mark.parametrize("text_encoder_lr", [0.0, 0.05])
def test_what_is_masked_is_held_at_the_prediction_of_the_base_model(masked_pictures, text_encoder_lr):
    losses, model, drawn, batches = run(
        masked_pictures, masked_loss=True, masked_prior_weight=0.7, text_encoder_lr=text_encoder_lr
    )
    assert [call[2:] for call in model.calls] == [(0.0, False), (1.0, True)] * 3
    pairs = zip(model.calls[::2], model.calls[1::2], strict=True)
    for loss, (base, trained), one, batch in zip(losses, pairs, drawn, batches, strict=True):
        assert torch.equal(base[0], trained[0])  # the same noisy latents
        own = squares(trained[1], one.target) * batch.masks
        kept = squares(trained[1], base[1]) * (1 - batch.masks)
        assert loss == pytest.approx((own + 0.7 * kept).mean().item(), rel=1e-5)
    assert not torch.equal(model.calls[4][1], model.calls[5][1])
    base = {captions for captions, strength in model.encoded if strength == 0}
    assert bool(base) == bool(text_encoder_lr)  # a text encoder that is trained reads them otherwise


@pytest.mark.parametrize(("kind", "text_encoder_lr"), [("epsilon", 0.0), ("v", 0.05)])
@pytest.mark.parametrize("prior_preservation", ["class", "empty", "both"])
def test_predictions_for_the_kept_captions_are_held_at_those_of_the_base_model(
    pictures, kind, text_encoder_lr, prior_preservation
):
    losses, model, drawn, batches = run(
        pictures, kind, prior_preservation=prior_preservation, prior_preservation_weight=0.5, min_snr_gamma=5,
        prior_preservation_class="cat", prior_preservation_trigger="mochi", text_encoder_lr=text_encoder_lr,
    )  # fmt: skip
    assert [call[2:] for call in model.calls] == [(1.0, True), (0.0, False), (1.0, True)] * 3
    for place, (loss, one, batch) in enumerate(zip(losses, drawn, batches, strict=True)):
        own, base, kept = (model.calls[3 * place + part] for part in range(3))
        assert torch.equal(own[0], kept[0])
        snr = torch.tensor([b / (1 - b) for b in model.alphas_cumprod[one.timesteps].tolist()])
        weights = snr.clamp(max=5) / (snr + (kind == "v"))
        both = [squares(own[1], one.target), 0.5 * squares(kept[1], base[1])]
        expected = sum((part.mean((1, 2, 3)) * weights).mean() for part in both)
        assert loss == pytest.approx(expected.item(), rel=1e-4)  # type: ignore[union-attr]
        by_class = [text.replace("mochi", "cat") for text in batch.captions]
        assert all(kept in (text, "") for kept, text in zip(batch.kept_captions, by_class, strict=True))
    emptied = {kept == "" for batch in batches for kept in batch.kept_captions}
    assert emptied == {"class": {False}, "empty": {True}, "both": {False, True}}[prior_preservation]
    assert not torch.equal(model.calls[-1][1], model.calls[-2][1])
    if text_encoder_lr:
        assert {strength for captions, strength in model.encoded if captions == batches[0].kept_captions} == {0, 1}


def test_the_empty_prompt_is_encoded_once_by_the_base_model(pictures):
    _, model, _, _ = run(pictures, prior_preservation="empty", text_encoder_lr=0.05, max_train_steps=6)
    assert [captions for captions, strength in model.encoded if strength == 0] == [("", "", "")]


def test_other_captions_drift_less_with_prior_preservation(pictures):
    def drift(**more):
        model = FakeModel()
        config = config_of({**SETTINGS, "train_data_dir": [str(pictures)], "max_train_steps": 60, **more})
        made = assemble(config, scan(config.dataset), model, None)
        for _ in made.prepare():
            pass
        list(made.trainer.events())
        latents = torch.randn(8, 4, 8, 8, generator=torch.Generator().manual_seed(0))
        given = torch.linspace(50, 950, 8).long(), model.encode_captions([""] * 8, 1, 75), torch.zeros(8, 6)
        with torch.no_grad():
            before = model.predict(latents, *given)
            with made.network.attached():
                return squares(model.predict(latents, *given), before).mean().item()

    assert drift(prior_preservation="empty", prior_preservation_weight=3) < 0.6 * drift()


def test_the_class_needs_a_word_and_a_trigger_to_take_the_place_of(pictures):
    for kind in ("class", "both"):
        with pytest.raises(ConfigError, match="prior_preservation_class"):
            config_of({"prior_preservation": kind})
        with pytest.raises(ConfigError, match="prior_preservation_trigger"):
            run(pictures, prior_preservation=kind, prior_preservation_class="cat")
    _, _, _, batches = run(pictures, prior_preservation="class", prior_preservation_class="cat",
                           caption_prefix="mochi, ", max_train_steps=1)  # fmt: skip
    assert all("mochi" not in caption and "cat" in caption for caption in batches[0].kept_captions)
