"""One server and one browser for all tests that look at the tab in a browser.

The server is a thread of this process, on a base model of a few layers (``tests.fakes``): what is tested is the page.
Projects are made by the tests that show them, each under a name of its own, so that no test sees those of another.
"""

import itertools
import shutil
import time
from collections import Counter

import pytest

LONG = 20_000  # steps of a run that goes on for as long as it is looked at
PROMPT = "(mochi:1.2), <lora:x:1> smile\nNegative prompt: dog\nSteps: 4, Sampler: Euler a, Seed: 1"
_NUMBERS = itertools.count(1)
_TRIES = 2  # of a walk through all states, on a busy machine
_MADE = ("captioned", "trained", "training")
"""Fixtures that make a project."""


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    """Where the server has its projects, in ``out``, and installs to, in ``Lora``."""
    return tmp_path_factory.mktemp("tab")


@pytest.fixture(scope="package")
def address(folder):
    from lib_train.app.session import Session
    from lib_train.ui import serve
    from tests.fakes import FakeHost

    def leaves_the_processor_to_the_page(done, total):
        if total == LONG:
            time.sleep(0.05)
        return True

    (folder / "fake.safetensors").touch()
    host = FakeHost(folder / "fake.safetensors", loras=folder / "Lora")
    host.between_steps = leaves_the_processor_to_the_page
    served = serve.start(Session(host, folder / "out"), 0)
    yield served.address
    served.stop()


@pytest.fixture(scope="package")
def browser():
    """Of the folder, not of the session: while it is open, nothing else in its thread can run an event loop."""
    from tests.browsing import CHROMIUM, FLAGS, sync

    with sync.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def home(browser, address):
    """A page of the server that stays open, and with it the process in which our scripts are compiled already."""
    opened = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
    opened.goto(f"{address}/robots.txt")
    return opened


@pytest.fixture
def window(home):
    """Opens windows that remember nothing; faults of their scripts fail the test. Each costs a third of a new page."""
    from tests.browsing import PATIENCE

    faults, windows = [], []

    def opened():
        with home.expect_popup() as popup:
            home.evaluate("() => { localStorage.clear(); window.open('about:blank'); }")
        page = popup.value
        page.set_default_timeout(1000 * PATIENCE)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        windows.append(page)
        return page

    yield opened
    for page in windows:
        page.close()
    assert not faults


@pytest.fixture
def page(request, window, address):
    """A window with the tab, which shows the project that a fixture made last, or else the one changed last."""
    from tests.browsing import show_project, until_loaded

    made = [request.getfixturevalue(name) for name in request.fixturenames if name in _MADE]
    opened = window()
    opened.goto(address)
    until_loaded(opened)
    for project in made[-1:]:
        show_project(opened, project if isinstance(project, str) else project.parents[4].name)
    return opened


@pytest.fixture(scope="package")
def ask(address):
    """Asks a route of version 1, and gives what it answers."""
    from tests.browsing import asking

    return asking(address)


@pytest.fixture(scope="package")
def outputs(folder):
    """Pictures that the WebUI made: 71 of one day, of which the newest has a prompt."""
    from PIL import Image, PngImagePlugin

    from tests.browsing import MOCHI

    place = folder / "txt2img-images"
    place.mkdir()
    for number in range(70):
        shutil.copy(MOCHI / "mochi_00.png", place / f"{number:05}.png")
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", PROMPT)
    Image.new("RGB", (64, 64), "red").save(place / "00070.png", pnginfo=info)
    return place


@pytest.fixture(scope="package")
def seen(browser, address, ask, folder, outputs):
    """Looks at each state of the tab in a language, once however often it is asked; gives a ``Look`` for each state."""
    from tests.browsing import PATIENCE
    from tests.fakes import FakeHost
    from tests.ui.looks import look_at
    from tests.ui.states import walk

    def look(language):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale=language)
        context.set_default_timeout(1000 * PATIENCE)
        try:
            with pytest.MonkeyPatch.context() as host:
                host.setattr(FakeHost, "output_folders", lambda _: [outputs])
                return look_at(context, lambda page: walk(page, address, ask, folder, LONG), language == "en")
        except (Exception, pytest.fail.Exception) as fault:  # of each test that asks: not tried again for every one
            return fault
        finally:
            context.close()
            end_jobs(ask)

    found, tried = {}, Counter()

    def seen_in(language):
        if language not in found or (isinstance(found[language], BaseException) and tried[language] < _TRIES):
            tried[language] += 1
            found[language] = look(language)
        if isinstance(found[language], BaseException):
            raise found[language]
        return found[language]

    return seen_in


@pytest.fixture
def settings():
    """Of a long run of few numbers."""
    from tests.browsing import MOCHI

    return {
        "train_data_dir": str(MOCHI.parent), "resolution": "128", "enable_bucket": False, "network_dim": "2",
        "max_train_steps": str(LONG), "save_every_n_steps": "", "save_every_n_epochs": "", "preview_prompts": "mochi",
        "preview_steps": "1",
    }  # fmt: skip


@pytest.fixture
def train(ask, settings):
    """Starts a run with settings that differ from ``settings``; the name of its project, made last and so shown first.

    What still goes on or waits when the test is over is ended.
    """

    def started(**more):
        project = f"run{next(_NUMBERS)}"
        ask("jobs", {"kind": "train", "project": project, "version": "v1", "settings": {**settings, **more}})
        return project

    yield started
    end_jobs(ask)


def end_jobs(ask):
    from tests.browsing import until

    for job in ask("jobs")["queue"]["waiting"]:
        ask(f"jobs/queue/{job['number']}", method="DELETE")
    if ask("jobs")["busy"]:
        ask("jobs/stop", {})
    until(lambda: not ask("jobs")["busy"])


@pytest.fixture
def trained(train, ask):
    """A project with three checkpoints and their pictures; its name."""
    from tests.browsing import until

    project = train(max_train_steps="24", save_every_n_steps="8")
    until(lambda: not ask("jobs")["busy"])
    assert ask("jobs")["job"]["phase"] == "finished"
    return project


@pytest.fixture
def training(train, ask):
    """A project with a run that goes on for long; its name."""
    from tests.browsing import until

    project = train()
    until(lambda: (ask("jobs")["job"]["step"] or 0) >= 2)
    return project


@pytest.fixture
def captioned(folder):
    """The folder of a project's three pictures, of which the last has no caption file; it was changed last."""
    from tests.browsing import MOCHI

    project = folder / "out" / f"captions{next(_NUMBERS)}"
    place = project / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    place.mkdir(parents=True)
    for name in ("mochi_00", "mochi_01", "mochi_02"):
        for ending in (".png", ".txt") if name != "mochi_02" else (".png",):
            shutil.copy(MOCHI / f"{name}{ending}", place)
    return place
