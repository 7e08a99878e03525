import pytest

from lib_train.config.codec import config_of
from lib_train.host.protocol import ModelSize
from lib_train.planning.work import work_of

SD1 = ModelSize("sd1", {"unet": 860e6, "text_encoder": 123e6, "vae": 84e6}, (), 320)  # type: ignore[dict-item]
SDXL = ModelSize("sdxl", {"unet": 2567e6, "text_encoder": 817e6, "vae": 84e6}, (), 320)  # type: ignore[dict-item]


def work(size, side, **settings):
    return work_of(config_of({"text_encoder_lr": 0, **settings}), size, {(side, side): 20})


@pytest.mark.parametrize(
    ("size", "side", "tera", "checkpointed"),
    [(SD1, 512, 1.75, 2.55), (SD1, 768, 4.96, 7.1), (SD1, 1024, 11.4, 16.1), (SDXL, 768, 7.54, 11.2),
     (SDXL, 1024, 14.35, 21.1), (SDXL, 1536, 38.6, 55.8)],
)  # fmt: skip
def test_operations_are_those_counted_on_the_real_networks(size, side, tera, checkpointed):
    assert work(size, side).flop / 1e12 == pytest.approx(tera, rel=0.04)
    assert work(size, side, gradient_checkpointing=True).flop / 1e12 == pytest.approx(checkpointed, rel=0.04)


def test_pictures_of_a_step_count_and_buckets_by_their_uses():
    one = work(SD1, 512)
    both = work(SD1, 512, train_batch_size=3, gradient_accumulation_steps=2)
    assert both == pytest.approx((6 * one.flop, 6 * one.numbers))
    mixed = work_of(config_of({"text_encoder_lr": 0}), SD1, {(512, 512): 30, (256, 256): 10})
    assert mixed.flop == pytest.approx(0.75 * one.flop + 0.25 * work(SD1, 256).flop)
    assert work_of(config_of({}), SD1, {}).numbers == 0


@pytest.mark.parametrize(
    ("settings", "more"),
    [({"text_encoder_lr": 1e-5}, 3 * 2 * 123e6 * 77), ({"shuffle_caption": True}, 2 * 123e6 * 77),
     ({"cache_latents": False}, 270e6 * 4096), ({"color_aug": True}, 270e6 * 4096)],
)  # fmt: skip
def test_what_is_not_cached_is_computed_at_each_use(settings, more):
    assert work(SD1, 512, **settings).flop - work(SD1, 512).flop == pytest.approx(more)


def test_passes_for_the_base_model_and_for_kept_captions_count():
    plain, forward = work(SD1, 512), 0.80e12
    masked = work(SD1, 512, masked_loss=True, masked_prior_weight=0.5)
    assert masked.flop - plain.flop == pytest.approx(forward, rel=0.03)
    kept = work(SD1, 512, prior_preservation="empty")
    assert kept.flop - plain.flop == pytest.approx(forward + 1.75e12, rel=0.03)
    assert kept.numbers > 2 * plain.numbers
    trained = [work(SD1, 512, text_encoder_lr=1e-5, **more).flop for more in ({}, {"prior_preservation": "empty"})]
    assert trained[1] - trained[0] - (kept.flop - plain.flop) == pytest.approx(4 * 2 * 123e6 * 77)
    assert work(SD1, 512, masked_prior_weight=0.5) == plain  # nothing is masked


def test_narrow_model_has_a_small_part_of_the_work():
    embedded = ModelSize("sd1", {"unet": 4_307_396}, (), 64, own_side=128)
    assert 0.01 < work(embedded, 512).flop / work(SD1, 512).flop < 0.1
    assert work(embedded, 512).numbers == pytest.approx(work(SD1, 512).numbers / 5)
