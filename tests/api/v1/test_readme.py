"""The README's own commands, from a new project to its LoRA file, by curl."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="the tab's packages are not installed", exc_type=ImportError)

from lib_train.api.v1.routes import PREFIX
from lib_train.ui.serve import start

HOME = Path(__file__).parents[3]
CHAPTER = (HOME / "README.md").read_text(encoding="utf-8").partition("## From other programs")[2].partition("\n## ")[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.filterwarnings("ignore")
def test_commands_of_the_readme_go_from_a_project_to_its_file(session, tmp_path):
    served = start(session, 0)
    try:
        found = re.search(r"```sh\n(.*?)```", CHAPTER, re.DOTALL)
        assert found
        script = found[1]
        swaps = {
            "http://127.0.0.1:7860": served.address,
            '"max_train_steps": 640': '"max_train_steps": 4',
            "lib_train/assets": f"{HOME}/lib_train/assets",
            "sleep 1": "sleep 0.1",
        }
        for given, here in swaps.items():
            assert given in script
            script = script.replace(given, here)
        ran = subprocess.run(["bash", "-euc", "FILES=; " + script], cwd=tmp_path, env={"PATH": os.environ["PATH"]},
                             capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    finally:
        served.stop()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert '{"error":' not in ran.stdout
    assert (tmp_path / "mochi.safetensors").read_bytes() == (
        tmp_path / "loras" / "mochi-v1-r001.safetensors"
    ).read_bytes()


def test_table_names_every_route(app):
    named = re.findall(r"`([^`]*)`", CHAPTER)
    words = {word for text in named for word in re.findall(r"[\w-]+|{\w+}", text)}
    for route in app.routes:
        if route.path.startswith(PREFIX):
            (method,) = route.methods
            parts = set(route.path.removeprefix(PREFIX).strip("/").split("/"))
            assert parts | {method} <= words, route.path
