import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib_train import locks
from lib_train.errors import HostBusyError, ProjectError
from lib_train.locks import held, holder_of
from tests.other_process import other_process


def pid_of_holder(path):
    found = holder_of(path)
    return found and found.pid


def test_second_holder_is_told_who_the_first_is_until_that_one_is_gone(tmp_path):
    path = tmp_path / "lock"
    process = other_process(path)
    message = (
        rf"r001 is held by process {process.pid} on .+, since 20..-.*: stop it there first; if it is gone or delete"
    )
    assert process.stdout
    with process.stdout:
        with pytest.raises(HostBusyError, match=message), held(path, "r001"):
            pass
        assert pid_of_holder(path) == process.pid
        process.kill()  # and nobody has asked how it ended: a zombie holds nothing
        time.sleep(0.1)
        with held(path, "r001"):
            assert pid_of_holder(path) == os.getpid()
        process.wait()
    assert list(tmp_path.iterdir()) == []


def test_one_process_holds_a_file_once(tmp_path):
    with held(tmp_path / "lock", "r001"):
        with pytest.raises(HostBusyError, match="r001 is held by this process on "), held(tmp_path / "lock", "r001"):
            pass
        assert holder_of(tmp_path / "lock")
    assert holder_of(tmp_path / "lock") is None


def test_file_is_left_alone_when_it_is_another_holders_by_now(tmp_path):
    with held(tmp_path / "lock", "r001"):
        (tmp_path / "lock").write_text("somebody deleted ours and took it")
    assert (tmp_path / "lock").exists()


def test_error_inside_gives_the_file_back(tmp_path):
    with pytest.raises(ZeroDivisionError), held(tmp_path / "lock", "r001"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change", [{"started": 1}, {"pid": 2**22 + 1}, {"pid": 10**30}, {"pid": "x"}, {"pid": None}, None],
    ids=["another process of that number", "no process", "no number", "text", "nothing", "half a file"],
)  # fmt: skip
def test_file_of_a_process_that_is_gone_is_broken(tmp_path, change):
    with held(tmp_path / "lock", "r001"):
        holder_json = json.loads((tmp_path / "lock").read_bytes())
    text = json.dumps({**holder_json, **change}) if change else '{"pid": '
    (tmp_path / "lock").write_text(text)
    assert holder_of(tmp_path / "lock") is None
    with held(tmp_path / "lock", "r001"):
        assert pid_of_holder(tmp_path / "lock") == os.getpid()


@pytest.mark.parametrize(("silent", "gone"), [(200, False), (400, True)])
def test_holder_on_another_machine_is_gone_when_it_was_silent_for_long(tmp_path, silent, gone):
    path = tmp_path / "lock"
    with held(path, "r001"):
        holder_json = json.loads(path.read_bytes())
    path.write_text(json.dumps({**holder_json, "machine": "elsewhere", "host": "cloud-7", "pid": 5}))
    os.utime(path, (time.time() - silent,) * 2)
    if gone:
        with held(path, "r001"):
            pass
    else:
        message = (
            r"held by process 5 on cloud-7, .*: stop it there first; if it is gone, wait 5 minutes or delete .*lock"
        )
        with pytest.raises(HostBusyError, match=message), held(path, "r001"):
            pass
    assert [file.name for file in tmp_path.iterdir()] == ([] if gone else ["lock"])


def test_holder_shows_that_it_lives(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_BEAT_SECONDS", 0.01)
    path = tmp_path / "lock"
    with held(path, "r001"):
        os.utime(path, (1, 1))
        end = time.monotonic() + 10
        while path.stat().st_mtime == 1 and time.monotonic() < end:
            time.sleep(0.01)
        assert path.stat().st_mtime > 1


def test_stale_file_is_broken_by_one_of_many(tmp_path):
    path, inside = tmp_path / "lock", []
    both = threading.Barrier(8)
    path.write_text("left behind")

    def enter(number):
        both.wait(10)
        try:
            with held(path, "r001"):
                inside.append(number)
                both.wait(10)
        except HostBusyError:
            both.wait(10)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(enter, range(8)))
    assert len(inside) == 1


def test_folder_that_cannot_be_written_to_is_named(tmp_path):
    with (
        pytest.raises(ProjectError, match=r"nowhere/lock: cannot be written"),
        held(tmp_path / "nowhere" / "lock", "r"),
    ):
        pass


def test_holder_that_soon_ends_is_waited_for(tmp_path):
    path, order = tmp_path / "lock", []
    entered = threading.Event()

    def first():
        with held(path, "r001"):
            entered.set()
            time.sleep(0.1)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(5)
    with held(path, "r001", wait=5):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_waiting_ends_when_the_holder_does_not(tmp_path):
    path, start = tmp_path / "lock", time.monotonic()
    with held(path, "r001"):
        with pytest.raises(HostBusyError), held(path, "r001", wait=0.1):
            pass
        assert 0.1 <= time.monotonic() - start < 5
