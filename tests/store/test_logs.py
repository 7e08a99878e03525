import json
from pathlib import Path

import pytest

from lib_train.store import logs
from lib_train.store.logs import Newest, Saved, newest_in, saved_in


@pytest.fixture
def log(tmp_path):
    return tmp_path / "events.jsonl"


def steps(*numbers):
    return "".join(f'{{"event": "StepDone", "step": {n}, "epoch": 1, "loss": {n}.0}}\n' for n in numbers)


def saved(step):
    return json.dumps({"event": "CheckpointSaved", "step": step, "epoch": 1, "file": f"{step}.safetensors"}) + "\n"


END = '{"event": "RunFinished", "step": 9}\n'


@pytest.mark.parametrize(
    ("text", "newest"),
    [
        ("", (0, False)),
        (steps(1, 2), (2, False)),
        (steps(1, 2) + END, (2, True)),
        (steps(1, 2) + '{"event": "Step', (2, False)),
        (steps(3) + "[]\n\xe9\n" + '{"event": "StepDone"}\n' * 3, (3, False)),
        (steps(7) + '{"event": "Said", "text": "' + "x" * 50_000 + '"}\n' + END, (7, True)),
        (END, (0, True)),
    ],
)
def test_newest_step_is_read_from_the_end(log, text, newest):
    assert newest_in(log) == (0, False)
    log.write_text(text, encoding="latin-1")
    assert newest_in(log) == Newest(*newest)


def test_log_that_grows_is_read_from_where_reading_ended(log, monkeypatch):
    parsed, parse = [], logs.event_in  # type: ignore[attr-defined]
    monkeypatch.setattr(logs, "event_in", lambda line: parsed.append(line) or parse(line))
    log.write_text(steps(*range(1, 301)) + saved(300))
    assert saved_in(log) == [Saved("300.safetensors", 300, 1, 250.5)]
    assert len(parsed) == 101, "steps far from a checkpoint are not parsed"
    assert newest_in(log).step == 300
    parsed.clear()
    assert saved_in(log)[0].step == 300
    assert newest_in(log).step == 300
    assert not parsed, "nothing is read twice"
    with log.open("a") as file:
        file.write(steps(301) + saved(301))
    assert [one.loss for one in saved_in(log)] == [250.5, 251.5]
    assert newest_in(log).step == 301


def test_loss_that_is_told_after_its_checkpoint_counts(log):
    log.write_text(steps(1) + saved(2) + steps(2, 3))
    assert saved_in(log) == [Saved("2.safetensors", 2, 1, 1.5)]


def test_line_that_is_being_written_is_read_when_it_is_whole(log):
    text = steps(1) + saved(1)
    log.write_text(text[:-20])
    assert saved_in(log) == []
    log.write_text(text.rstrip("\n"))
    assert [one.step for one in saved_in(log)] == [1]
    log.write_text(text + steps(2) + saved(2))
    assert [one.step for one in saved_in(log)] == [1, 2]


def test_log_that_is_written_anew_or_gone_is_not_mixed_with_the_old_one(log, tmp_path):
    log.write_text(steps(1) + saved(1) + steps(2) + saved(2))
    assert len(saved_in(log)) == 2
    other = tmp_path / "other"
    other.write_text(steps(1) + saved(1) + steps(5) * 9)
    other.replace(log)
    assert [one.step for one in saved_in(log)] == [1]
    log.unlink()
    assert saved_in(log) == []
    assert saved_in(Path("none")) == []


def test_lines_of_another_shape_do_no_harm(log):
    odd = ['{"event": "CheckpointSaved"}', '{"event": "StepDone", "step": "x", "loss": []}', '"CheckpointSaved"', "7"]
    log.write_text("\n".join(odd) + "\n" + steps(4) + saved(4))
    assert saved_in(log) == [Saved("None", 0, 0, None), Saved("4.safetensors", 4, 1, 4.0)]
