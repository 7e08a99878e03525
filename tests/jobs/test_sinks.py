from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import torch
from safetensors.torch import load_file

from lib_train.app.service import Service
from lib_train.config.codec import from_json
from lib_train.jobs import sinks
from lib_train.jobs.sinks import LogWriter, StateWriter
from lib_train.jobs.wishes import Wishes
from lib_train.training.events import PictureLoss, StateReady, StepDone
from tests.fakes import FakeHost, fake_assembly


def losses(run):
    return [event["loss"] for event in run.events() if event["event"] == "StepDone"]


def test_failing_preview_is_reported_and_training_goes_on(service, config, monkeypatch):
    def failing(self, model, requests):
        raise RuntimeError("no picture today")
        yield

    monkeypatch.setattr(FakeHost, "render", failing)
    preview = replace(config.preview, preview_prompts=("a",), preview_every_n_steps=2, preview_after_training=False)
    outcome = service.train("p", "v1", replace(config, preview=preview))
    assert outcome.finished
    assert len(outcome.checkpoints) == 3  # two by epoch and steps, and the last
    assert "no preview of step 2: no picture today" in service.listener.lines


def test_log_has_every_step_once_and_the_checkpoints(service, config):
    outcome = service.train("p", "v1", config)
    events = list(outcome.run.events())
    assert [e["step"] for e in events if e["event"] == "StepDone"] == [1, 2, 3, 4]
    assert [e["file"] for e in events if e["event"] == "CheckpointSaved"] == [p.name for p in outcome.checkpoints]
    assert outcome.run.finished()


def logged(total, first=1):
    """Steps from ``first`` on, of four pictures each, that tell of their pictures, in the log of a run."""
    lines: list = []
    writer = LogWriter(SimpleNamespace(log=lines.append), total)  # type: ignore[arg-type]
    for step in range(first, total + 1):
        writer(StepDone(step, 1, 0.1, {}, tuple(PictureLoss((step * 4 + place) % 40, 500, 0.1) for place in range(4))))
    assert len(lines) == total + 1 - first
    return {line["step"]: line["pictures"] for line in lines if line["pictures"]}


def test_log_of_a_long_run_tells_no_more_losses_of_pictures_than_that_of_a_short_one(monkeypatch):
    monkeypatch.setattr(sinks, "_MOST_LOSSES", 4000)
    assert list(logged(1000)) == list(range(1, 1001))
    long = logged(20000)
    assert 3600 < sum(map(len, long.values())) < 4400
    counts = Counter(picture for told in long.values() for picture, _, _ in told)
    assert len(counts) == 40
    assert min(counts.values()) > 60
    assert logged(20000, first=7001) == {step: told for step, told in long.items() if step > 7000}  # a resumed one


def test_state_is_due_after_minutes_and_never_costs_more_than_a_hundredth_of_the_time(pictures, tmp_path, monkeypatch):
    now, cost = [0.0], 0.5

    def slow(folder, *asked):
        now[0] += cost
        return folder

    monkeypatch.setattr(sinks, "write_state", slow)
    run = SimpleNamespace(state_folder=tmp_path)
    states = StateWriter(SimpleNamespace(run=run, made=None), fake_assembly(pictures).trainer, lambda: now[0])  # type: ignore[arg-type]

    def seconds_until_due():
        begun = now[0]
        while not states.due():
            now[0] += 1
        return now[0] - begun

    assert seconds_until_due() == 180
    states.write()
    assert seconds_until_due() == 180
    cost = 7.5
    states.write()
    assert seconds_until_due() == 750
    now[0] += 100
    states(StateReady(1))  # the plan's own count too
    assert seconds_until_due() == 750


def test_states_between_those_of_the_plan_change_no_number(tmp_path, pictures, monkeypatch):
    (tmp_path / "A.safetensors").write_bytes(b"A")
    service = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out")
    settings = {"train_data_dir": [str(pictures)], "resolution": 64, "min_bucket_reso": 64, "network_dropout": 0.1,
                "max_train_steps": 12, "save_every_n_epochs": None, "save_precision": "float"}  # fmt: skip
    config, _ = from_json(settings)
    plain = service.train("p", "v1", config)
    written, write = [], sinks.write_state  # type: ignore[attr-defined]
    monkeypatch.setattr(sinks, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(sinks, "_LEAST_TIMES", 0)

    def noted(folder, step, *rest):
        written.append(step)
        return write(folder, step, *rest)

    monkeypatch.setattr(sinks, "write_state", noted)
    often = service.train("p", "v1", config)
    assert set(written) == set(range(1, 13))
    first, second = (load_file(outcome.checkpoints[-1]) for outcome in (plain, often))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert losses(plain.run) == losses(often.run)


def test_checkpoint_with_weights_beyond_fp16_is_written_in_float_and_the_run_goes_on(service, config, monkeypatch):
    write = sinks.write_network  # type: ignore[attr-defined]

    def large(path, tensors, *rest):
        first = next(name for name in tensors if name.endswith("lora_up.weight"))
        names.add(first)
        return write(path, {**tensors, first: tensors[first] + 70_000}, *rest)

    names: set[str] = set()
    monkeypatch.setattr(sinks, "write_network", large)
    outcome = service.train("p", "v1", config)
    assert outcome.finished
    (name,) = names
    for path in outcome.checkpoints:
        tensors = load_file(path)
        assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
        assert tensors[name].isfinite().all()
        beginning = f"note: {path.name} is written in float, as fp16 cannot hold weights as large as in {name}: "
        assert any(
            line.startswith(beginning + "set save_precision = bf16 or float;") for line in service.listener.lines
        )


def drawn(version):
    return sorted(path.relative_to(version.inside("previews")).as_posix() for path in
                  version.inside("previews").glob("*/*.png"))  # fmt: skip


def test_base_model_is_drawn_before_the_first_step_where_that_is_wanted(service, config):
    preview = replace(config.preview, preview_prompts=("a --d 5",), preview_at_first=True, preview_after_training=False,
                      preview_weights=(0.5, 1.0))  # fmt: skip
    plain = service.train("p", "v0", config)
    outcome = service.train("p", "v1", replace(config, preview=preview))
    assert drawn(outcome.run.version) == ["base/base-p1-s5-w0.png"]
    assert losses(outcome.run) == losses(plain.run)


def test_file_that_training_goes_on_from_is_drawn_before_the_first_step(service, config):
    file = service.train("p", "v0", config).checkpoints[-1]
    preview = replace(config.preview, preview_prompts=("a",), preview_at_first=True, preview_after_training=False)
    going_on = replace(config, preview=preview, network=replace(config.network, network_weights=str(file)))
    outcome = service.train("p", "v1", going_on)
    assert drawn(outcome.run.version) == ["base/base-p1-s1-w0.png", f"{file.stem}/{file.stem}-p1-s1-w1.png"]


def test_resumed_run_does_not_draw_what_was_before_its_first_step(service, config):
    preview = replace(config.preview, preview_prompts=("a",), preview_at_first=True, preview_after_training=False)
    stopping = Wishes()
    service.listener.trained = lambda event, plan: stopping.stop.set() if isinstance(event, StepDone) else None
    run = service.train("p", "v1", replace(config, preview=preview), stopping).run
    assert len(drawn(run.version)) == 1
    service.resume("p", "v1")
    assert len(drawn(run.version)) == 1
