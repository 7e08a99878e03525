import subprocess
import sys
import threading
import time
from types import SimpleNamespace

from lib_train.api.later import later


def test_session_is_made_once_by_whoever_asks_first(tmp_path):
    made = []

    def make():
        time.sleep(0.02)
        made.append(SimpleNamespace(busy=False))
        return made[-1]

    session = later(tmp_path, make)  # type: ignore[arg-type]
    assert session.root == tmp_path
    assert made == []
    asking = [threading.Thread(target=lambda: session.busy) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(made) == 1
    assert session.busy is False


def test_a_session_that_cannot_be_made_is_tried_again(tmp_path):
    made = iter([OSError("no memory"), SimpleNamespace(busy=True)])

    def make():
        one = next(made)
        if isinstance(one, OSError):
            raise one
        return one

    session = later(tmp_path, make)  # type: ignore[arg-type]
    answers: list[object] = []
    for _ in range(2):
        try:
            answers.append(session.busy)
        except OSError as error:
            answers.append(str(error))
    assert answers == ["no memory", True]


def test_the_routes_load_nothing_that_only_a_session_needs():
    code = """if True:
        import pathlib, sys
        from lib_train.api.later import later
        from lib_train.api.v1.routes import router

        def make():
            raise AssertionError("the session was asked for something")

        router(later(pathlib.Path("."), make))
        print(*(name for name in sys.modules if name.startswith("lib_train")))
    """
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    rooms = {name.split(".")[1] for name in loaded if "." in name}
    assert not rooms & {
        "jobs",
        "planning",
        "training",
        "networks",
        "checkpoints",
        "optim",
        "previews",
        "dataset",
        "host",
    }
