"""What nobody should send, and files as people, crashes and other programs leave them."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from PIL import Image

from lib_train.app.session import Session
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.queue import Queue

OUT = ("../../outside", "/etc/passwd", "..", "C:\\Windows\\x", "\\\\server\\share\\x", "%2e%2e%2foutside")
ODD = ("", " ", "a\0b", "\ud800", "a\udcff", "x" * 300, "字" * 90, "y/" * 3000, "\n", "\u202ex", "CON", "~",
       "$(touch x)", "<script>alert(1)</script>", "null", "NaN", "1e999", "-1", "9" * 5000, "x.safetensors",
       "dead.safetensors",
       "folder.safetensors", "torn.png", "x" * 251 + ".png")  # fmt: skip
TEXTS = OUT + ODD
DEEP: object = "bottom"
for _ in range(200):
    DEEP = [DEEP]
VALUES: tuple[Any, ...] = (*TEXTS, None, True, 0, -1, 1.5, 1e308, 2**70, float("nan"), float("inf"), [], [None],
                           ["a", 1], {}, DEEP, {"a": {"b": None}})  # fmt: skip
BODIES = (b"", b"{", b"[1]", b"null", b"3", b'"x"', b"\xff\xfe{}", b'{"project": NaN}', b"[" * 50_000, b"1" * 5000,
          b'{"a":"\\ud800"}', b'{"project":"p","project":3}', b"\0" * 100)  # fmt: skip


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session over files as people, crashes and other programs leave them; nothing is trained."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")  # what is relative would appear there
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.safetensors").write_bytes(b"secret")
    made = Session(StandaloneHost(device="cpu", loras=tmp_path / "loras"), tmp_path / "out")
    for project in ("p", "q"):
        made.projects.create(project)
    litter(made.root, tmp_path / "outside")
    for name in ("start", "add"):
        monkeypatch.setattr(Queue, name, lambda queue, job: None)
    sizes: dict[Any, Any] = {}
    size_of = StandaloneHost.size_of
    monkeypatch.setattr(
        StandaloneHost, "size_of", lambda host, ref: sizes.get(ref) or sizes.setdefault(ref, size_of(host, ref))
    )
    return made


def litter(root: Path, outside: Path) -> None:
    version = root / "p" / "versions" / "v1"
    folders = ("dataset/train/3_cat", "checkpoints/folder.safetensors", "previews/x", "previews/folder",
               "runs/r001/state", "runs/r002/run.json", "runs/r003", "runs/r004/events.jsonl")  # fmt: skip
    for folder in folders:
        (version / folder).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64)).save(version / "dataset/train/3_cat/0.png")
    Image.new("RGB", (64, 64)).save(version / "previews/x/x-p1-s1-w1.png")
    torn = (version / "previews/x/x-p1-s1-w1.png").read_bytes()[:60]
    for path in ("dataset/train/3_cat/torn.png", "previews/x/torn.png", "previews/grid-1.png"):
        (version / path).write_bytes(torn)
    (version / "dataset/train/3_cat/torn.txt").write_bytes(b"\xff\xfe\xff")
    (version / "checkpoints/x.safetensors").write_bytes(b"no network")
    links = (
        "checkpoints/dead.safetensors",
        "previews/x/dead.png",
        "previews/grid-dead.png",
        "dataset/train/3_cat/dead.png",
    )
    for path in links:
        (version / path).symlink_to("nowhere")
    (version / "checkpoints/loop.safetensors").symlink_to("loop.safetensors")
    (version / "checkpoints/out.safetensors").symlink_to(outside / "secret.safetensors")
    (version / "previews/x/folder.png").mkdir()
    for run in ("r001", "r003"):
        (version / "runs" / run / "run.json").write_text('{"config": 3}' if run == "r001" else '{"x": 1}')
        lines = ['{"event": "StepDone", "step": "x", "loss": null}', '{"event": "StepDone"}',
                 '{"event": "CheckpointSaved"}',
                 '{"event": "CheckpointSaved", "file": "../../x", "step": 1, "epoch": 1}',
                 '{"event": 3, "step": []}',
                 '{"event": "StepDone", "step": 2, "loss": NaN}', "[", '{"event": "RunFinished", "step": 1e999}',
                 '{"event": "CheckpointSaved", "file": 5, "step": {}, "epoch": null}']  # fmt: skip
        (version / "runs" / run / "events.jsonl").write_text("\n".join(lines))
    (version / "runs/r001/state/step-x").mkdir()
    (version / "runs/r001/error.txt").mkdir()
    (root / "q" / "versions" / "v1" / "version.json").write_text('{"dataset": [1], "schema": "x"}')
    (root / "q" / "project.json").write_text("[")
    for name in (b"no\xffutf8", b"Lena (2)", b"my#proj"):
        (root / os.fsdecode(name) / "versions" / "v\udcfe").mkdir(parents=True)
        (version / "checkpoints" / (os.fsdecode(name) + ".safetensors")).touch()
        (version / "runs" / os.fsdecode(name)).mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").write_text("no project")
    (version / "runs" / "link").symlink_to(outside)


def quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def around(root: Path, tmp_path: Path) -> dict[str, object]:
    """Every file beside the root, with its content."""
    found: dict[str, object] = {}
    for path in sorted(tmp_path.rglob("*")):
        if not path.is_relative_to(root):
            found[str(path)] = path.read_bytes() if path.is_file() else path.lstat().st_mode
    return found
