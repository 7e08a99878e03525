"""Two sweeps of one version at the same time: neither has runs, names or pictures of the other."""

import csv
import sys
import threading

import pytest

from lib_train.app.session import Session
from lib_train.store import queue_file
from lib_train.store.sweeps import sweep_named, sweeps_of
from tests.moves import until
from tests.store.test_json_files_at_once import while_another_writes

RATES, RANKS = {"unet_lr": "1e-3, 1e-2"}, {"network_dim": "2, 4"}


def planned(session, settings, axes=RATES):
    given = {**settings, "preview_prompts": "mochi", "preview_after_training": False}
    return session.sweeps.plan("p", "v1", axes, given)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_two_processes_that_add_one_at_the_same_moment(session, settings):
    session.keep_queue_settings({"paused": True})
    plan = planned(session, settings)
    while_another_writes(queue_file, lambda: session.sweeps.add("p", "v1", plan),
                         lambda: session.sweeps.add("p", "v1", plan))  # fmt: skip
    again = Session(session.host, session.root)
    jobs, sweeps = again.queue.seen().waiting, sweeps_of(again.versions.named("p", "v1"))
    assert [job.sweep for job in jobs] == ["s001"] * 3 + ["s002"] * 3, "that of the other process came first"
    assert len({job.number for job in jobs}) == len({job.key for job in jobs}) == 6
    for sweep in sweeps:
        keys = [job.key for job in jobs if job.sweep == sweep.name and job.kind == "train"]
        assert [one["key"] for one in sweep.asked()["runs"]] == keys
        assert {job.note.partition(":")[0] for job in jobs if job.key in keys} == {sweep.name}


@pytest.mark.parametrize("axes", [RATES, RANKS], ids=["the same", "another"])
def test_one_that_is_added_while_runs_of_another_go_on(session, settings, axes):
    begun, added = threading.Event(), threading.Event()

    def between_steps(done, total):
        begun.set()
        return added.wait(60)

    session.host.between_steps = between_steps
    session.sweeps.add("p", "v1", planned(session, settings))
    assert begun.wait(60)
    session.sweeps.add("p", "v1", planned(session, settings, axes))
    added.set()
    until(lambda: not session.busy and not session.queue.seen().waiting)
    version, rows = session.versions.named("p", "v1"), {}
    for name in ("s001", "s002"):
        sweep = sweep_named(version, name)
        assert len(list((sweep.folder / "pictures").iterdir())) == 3, "of the base model and two runs"
        with (sweep.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            rows[name] = list(csv.DictReader(file))
    assert [row["run"] for name in rows for row in rows[name]] == ["r001", "r002", "r003", "r004"]
    assert {row["state"] for name in rows for row in rows[name]} == {"finished"}
    assert [row["checkpoint"] for name in rows for row in rows[name]] == [
        f"p-v1-r00{n}.safetensors" for n in range(1, 5)
    ]
    for name, setting in (("s001", "unet_lr"), ("s002", next(iter(axes)))):
        assert all(f'{setting}={row[setting]}' in note for row, note in zip(
            rows[name], sweep_named(version, name).runs(), strict=True))  # fmt: skip
