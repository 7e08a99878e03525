"""The network in training, as a run gives it to its host: at each step what a checkpoint saved then holds."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from PIL import Image
from safetensors import safe_open

from lib_train.config.codec import from_json, to_json
from lib_train.errors import TrainToolsError
from tests.fake_model import FakeModel
from tests.full_disk import at_each_write
from tests.jobs.stopping import stopped

LIVE: list = []
EACH = {"save_every_n_steps": 1, "text_encoder_lr": 1e-3}
TIMES = ("ss_training_finished_at", "modelspec.date")


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    """What runs have offered, in ``LIVE``."""
    LIVE.clear()
    monkeypatch.setattr(FakeModel, "offering", lambda self, one: LIVE.append(one) or nullcontext("@training"))


def read(path):
    """Tensors as bytes, and metadata without times."""
    with safe_open(path, "pt") as file:
        tensors = {name: (file.get_tensor(name).dtype, file.get_tensor(name).numpy().tobytes()) for name in file.keys()}  # noqa: SIM118
        return tensors, {name: text for name, text in file.metadata().items() if name not in TIMES}


def with_settings(config, **more):
    return from_json(to_json(config), {**EACH, **more})[0]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"save_precision": "float", "ema": "instead", "ema_decay": 0.5},
        {"ema": "beside", "ema_decay": 0.5},
        {"optimizer_type": "AdamWScheduleFree"},
    ],
    ids=["plain", "average instead", "average beside", "schedule-free"],
)
def test_what_is_written_between_two_steps_is_the_checkpoint_of_that_step(service, config, tmp_path, settings):
    if settings.get("optimizer_type"):
        pytest.importorskip("schedulefree")
    config = with_settings(config, **settings)

    def between(done, total):
        if (done, total) == (LIVE[0].step, 4):
            LIVE[0].write(tmp_path / f"{done}.safetensors")
        return True

    service.host.between_steps = between
    outcome = service.train("p", "v1", config)
    saved = [path for path in outcome.checkpoints if not path.stem.endswith("-ema")]
    assert len(saved) == 4
    for step, path in enumerate(saved, 1):
        assert read(tmp_path / f"{step}.safetensors") == read(path), step
    service.host.between_steps = lambda done, total: True
    alone = [path for path in service.train("p", "v2", config).checkpoints if not path.stem.endswith("-ema")]
    assert [read(path)[0] for path in alone] == [read(path)[0] for path in saved]


def test_before_the_first_step_it_is_a_network_without_effect(service, config, tmp_path):
    def between(done, total):
        if LIVE[0].step == 0:  # while pictures are encoded
            LIVE[0].write(tmp_path / f"{done}of{total}.safetensors")
            assert LIVE[0].about == "training now: step 0 of 4, epoch 1"
        return True

    service.host.between_steps = between
    outcome = service.train("p", "v1", config)
    written = list(tmp_path.glob("*of*.safetensors"))
    assert written
    for path in written:
        ups = [content for name, (_, content) in read(path)[0].items() if "lora_up" in name]
        assert ups
        assert not any(any(content) for content in ups)
    assert read(written[0])[0].keys() == read(outcome.checkpoints[-1])[0].keys()


def test_it_says_where_the_run_is_and_which_picture_is_its_newest(service, config):
    said, samples = [], []

    def between(done, total):
        if total == 4 and LIVE[0].step:
            said.append((LIVE[0].label, LIVE[0].about))
            samples.append(LIVE[0].sample)
        return True

    service.host.between_steps = between
    preview = replace(config.preview, preview_prompts=("a",), preview_every_n_steps=2, preview_at_first=False)
    service.train("p", "v1", replace(config, preview=preview))
    assert said == [(f"p/v1 r001 step {step}", f"training now: step {step} of 4, epoch {(step + 2) // 3}")
                    for step in range(1, 5)]  # fmt: skip
    assert samples[:2] == [None, None]
    assert samples[2] == samples[3] != None  # noqa: E711
    with Image.open(samples[2]) as picture:
        assert "Steps:" in picture.text["parameters"]  # type: ignore[attr-defined]
    assert service.listener.live == "@training"
    assert LIVE[0].sample != samples[2]  # the sheet's are newer


def test_a_resumed_run_offers_the_weights_of_its_state_under_its_own_name(service, data, tmp_path):
    stopped(service, data, 2, **EACH)
    labels = []

    def between(done, total):
        labels.append(LIVE[-1].label)
        if LIVE[-1].step == 3:
            LIVE[-1].write(tmp_path / "3.safetensors")
        return True

    service.host.between_steps = between
    outcome = service.resume("p", "v1")
    assert labels[-2:] == ["p/v1 r001 step 11", "p/v1 r001 step 12"]
    assert read(tmp_path / "3.safetensors") == read(
        next(path for path in outcome.checkpoints if path.stem.endswith("-000001"))
    )


def test_on_a_full_disk_its_file_is_whole_or_not_there_and_the_run_goes_on(service, config, tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    written: list[object] = []

    def between(done, total):
        if (done, total) == (2, 4) and LIVE[0].step == 2:
            for root, answer in at_each_write(monkeypatch, tmp_path / "full", lambda root: None,
                                              lambda root: LIVE[0].write(root / "live.safetensors")):  # fmt: skip
                names = [path.name for path in root.iterdir()]
                if isinstance(answer, TrainToolsError):
                    assert "live.safetensors: the disk is full" in str(answer)
                    assert names in ([], ["live.safetensors"])
                assert isinstance(answer, TrainToolsError) or names == ["live.safetensors"]
                written.extend(read(root / name) for name in names)
        return True

    service.host.between_steps = between
    saved = service.train("p", "v1", with_settings(config)).checkpoints
    assert len(saved) == 4
    assert written
    assert all(one == read(saved[1]) for one in written)
