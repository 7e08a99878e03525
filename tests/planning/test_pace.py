import json
import os

import pytest

from lib_train.config.codec import config_of
from lib_train.host.protocol import ModelSize
from lib_train.planning import pace
from lib_train.planning.pace import Pace, kind_of

SD1 = ModelSize("sd1", {"unet": 860}, (), width=320)


def kind(size=SD1, device="cuda", **settings):
    return kind_of(config_of(settings), size, device)


def write(root, name, of, times, age=0):
    """A run with one step at each of ``times``, ``age`` seconds old."""
    run = root / "p" / "versions" / "v1" / "runs" / name
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"kind": of}))
    lines = [json.dumps({"event": "StepDone", "step": i, "time": t}) for i, t in enumerate(times, start=1)]
    (run / "events.jsonl").write_text("\n".join(lines))
    os.utime(run / "events.jsonl", (1_700_000_000 - age,) * 2)
    return run


def test_newest_run_of_the_same_kind_tells_how_long_a_step_takes(tmp_path):
    write(tmp_path, "r001", kind(), [2.0 * i for i in range(10)], age=9)
    write(tmp_path, "r002", kind(), [0.5 * i for i in range(10)], age=5)
    write(tmp_path, "r003", kind(train_batch_size=4), [9.0 * i for i in range(10)])
    known = Pace(tmp_path)
    assert known.of(kind()) == pytest.approx(0.5)
    assert known.of(kind(train_batch_size=4)) == pytest.approx(9)


@pytest.mark.parametrize(
    "other",
    [
        kind(train_batch_size=2), kind(resolution="512,768"), kind(text_encoder_lr=0), kind(device="cpu"),
        kind(gradient_checkpointing=True), kind(ModelSize("sdxl", {"unet": 860}, (), width=320)),
        kind(ModelSize("sd1", {"unet": 9}, (), width=32)),
    ],
)  # fmt: skip
def test_run_of_another_kind_tells_nothing(tmp_path, other):
    write(tmp_path, "r001", other, [2.0 * i for i in range(10)])
    assert Pace(tmp_path).of(kind()) is None


def test_settings_that_do_not_change_the_speed_make_no_other_kind():
    assert kind(network_dim=64, learning_rate=1e-3, seed=7, resolution="512") == kind()


def test_previews_and_pauses_do_not_count_and_few_steps_tell_nothing(tmp_path):
    write(tmp_path, "r001", kind(), [0, 1, 2, 3, 600, 601, 602, 603], age=9)
    write(tmp_path, "r002", kind(), [0, 7, 14], age=5)
    assert Pace(tmp_path).of(kind()) == pytest.approx(1)


def test_a_damaged_run_is_passed_over(tmp_path):
    write(tmp_path, "r001", kind(), range(10), age=9)
    torn = write(tmp_path, "r002", kind(), range(10), age=5)
    (torn / "run.json").write_text("[")
    log = write(tmp_path, "r003", kind(), range(3)) / "events.jsonl"
    log.write_bytes(b'{"event": "StepDone"}\n[1]\n\xff\n' + log.read_bytes()[:-9])
    assert Pace(tmp_path).of(kind()) == pytest.approx(1)


def test_logs_are_read_once_and_only_their_ends(tmp_path, monkeypatch):
    run, read = write(tmp_path, "r001", kind(), range(100_000)), []
    times = pace._times
    monkeypatch.setattr(pace, "_times", lambda log: read.append(found := times(log)) or found)
    known = Pace(tmp_path)
    for _ in range(3):
        assert known.of(kind()) == pytest.approx(1)
    assert len(read) == 1
    assert 500 < len(read[0]) < 2000
    with (run / "events.jsonl").open("a") as file:
        file.write("\n")
    known.of(kind())
    assert len(read) == 2
