"""The real WebUI as its users have it, in a process of its own, on a data folder of the tests.

Needs ``WEBUI_DIR``, a checkout of AUTOMATIC1111's stable-diffusion-webui with its repositories, and a Python that has
its packages: ``WEBUI_PYTHON``, or ``venv/bin/python`` in that folder. Extensions whose folders ``WEBUI_BESIDE`` names
(as PATH names folders) are installed beside ours.
"""

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from lib_train.models.embedded import install_embedded
from tests.webui.patience import slowness, until

REPOSITORY = Path(__file__).parents[2]


class Webui:
    """Talks to the running WebUI."""

    def __init__(self, port, process, data):
        self.address, self.process, self.data = f"http://127.0.0.1:{port}", process, data

    def ask(self, route, body=None, seconds=300, method=None):
        request = urllib.request.Request(f"{self.address}/{route}", method=method)
        request.add_header("X-Train-Tools", "1")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=seconds * slowness()) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def picture(self, prompt, seed=1, **more):
        body = {"prompt": prompt, "seed": seed, "steps": 8, "cfg_scale": 5, "width": 128, "height": 128,
                "sampler_name": "Euler a", "save_images": False, **more}  # fmt: skip
        found = self.ask("sdapi/v1/txt2img", body)
        return Image.open(io.BytesIO(base64.b64decode(found["images"][0]))).convert("RGB")

    def memory(self):
        """Resident bytes of the process."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def train(self, project, settings, version="v1"):
        asked = {"kind": "train", "project": project, "version": version, "settings": settings}
        found = self.ask("train-tools/v1/jobs", asked)
        assert "error" not in found, found

    @property
    def root(self):
        """Where the projects lie."""
        return self.data / "output" / "train_tools"

    def now(self, project="", version=""):
        """The job, what is around it, and the version's runs, in one layer."""
        found = self.ask(f"train-tools/v1/now?project={project}&version={version}")
        return {**found["job"], **found}

    def wait(self, project, version="v1", seconds=300):
        """What the status says when the job is over."""

        def over():
            seen = self.now(project, version)
            return None if seen["busy"] else seen

        return until(over, seconds, pause=0.2)

    def starts(self):
        """How often it has started, Reload UI included. Until it says so, the next time is not over.

        A request before that can end it ("Cannot add middleware after an application has started").
        """
        return (self.data / "log.txt").read_text(errors="replace").count("Startup time")

    def checkpoints(self, project, version="v1"):
        found = self.ask(f"train-tools/v1/projects/{project}/versions/{version}/checkpoints")
        folder = self.root / project / "versions" / version / "checkpoints"
        return [folder / one["name"] for one in found["checkpoints"]]


def pytest_collection_modifyitems(items):
    """Every wait here has its end by the machine's speed: a limit of fixed seconds would end slow machines' tests."""
    for item in items:
        if item.get_closest_marker("webui"):
            item.add_marker(pytest.mark.timeout(0))


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _laid_out(data):
    """A data folder with our extension, a probe, and the embedded model."""
    for folder in ("extensions", "models/Stable-diffusion", "models/Lora"):
        (data / folder).mkdir(parents=True)
    (data / "extensions" / "sd-webui-train-tools").symlink_to(REPOSITORY)
    for other in filter(None, os.environ.get("WEBUI_BESIDE", "").split(os.pathsep)):
        (data / "extensions" / Path(other).name).symlink_to(Path(other).resolve())
    probe = data / "extensions" / "probe" / "scripts"
    probe.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "probe.py", probe)
    (data / "webui.py").touch()  # what install_embedded knows a WebUI by
    install_embedded(data)


@contextmanager
def started(data, *more):
    """The WebUI with further flags, on a data folder that is laid out here where it is empty."""
    folder = os.environ.get("WEBUI_DIR")
    if not folder:
        pytest.skip("WEBUI_DIR is not set: it names a checkout of the real WebUI")
    python = os.environ.get("WEBUI_PYTHON", str(Path(folder) / "venv" / "bin" / "python"))
    port = _free_port()
    if not (data / "extensions").exists():
        _laid_out(data)
    flags = "--skip-torch-cuda-test --use-cpu all --no-half --api --do-not-download-clip --skip-prepare-environment"
    where = ["--server-name", "127.0.0.1", "--port", str(port), "--data-dir", str(data)]
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [python, "launch.py", *flags.split(), *where, *more]
    with (data / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **quiet}, stdout=log, stderr=log)
        running = Webui(port, process, data)
        try:
            _until_ready(running)
            yield running
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def webui(tmp_path_factory):
    with started(tmp_path_factory.mktemp("webui")) as running:
        yield running


@pytest.fixture(autouse=True)
def _ended(request):
    """No test leaves a job behind for the next one."""
    yield
    if "webui" in request.fixturenames:
        webui = request.getfixturevalue("webui")
        if webui.ask("train-tools/v1/jobs")["busy"]:
            webui.ask("train-tools/v1/jobs/stop", {})
            webui.wait("")


@pytest.fixture
def page():
    """A page of a headless browser that waits a minute, or longer on a busy machine, for what it is asked to find."""
    from tests.browsing import CHROMIUM, sync

    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1500, "height": 1150})
        patience = 60_000 * 2 * slowness()  # it may become busier
        opened.set_default_timeout(patience)
        sync.expect.set_options(timeout=patience)
        yield opened
        browser.close()


def _until_ready(running):
    def started():
        assert running.process.poll() is None, (running.data / "log.txt").read_text()[-3000:]
        return running.starts()

    until(started, 120)
    until(lambda: "sha256" in running.ask("probe/weights"))  # the checkpoint is loaded in a thread of its own
    running.picture("red circle", steps=1)  # waits until it is whole
