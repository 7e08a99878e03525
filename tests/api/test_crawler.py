"""Sends what nobody should to every route that there is: each answers in words, and nothing leaves the root."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

pytest.importorskip("fastapi", reason="the tab's packages are not installed")
from PIL import Image

from lib_train.api.routes import router
from lib_train.app.session import Session
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.queue import Queue
from tests.asking import App

OPTIONAL = ("run", "files", "with_changes")
"""Keys that no route tells to be missing."""
OUT = ("../../outside", "/etc/passwd", "..", "C:\\Windows\\x", "\\\\server\\share\\x", "%2e%2e%2foutside")
ODD = ("", " ", "a\0b", "\ud800", "a\udcff", "x" * 300, "字" * 90, "y/" * 3000, "\n", "\u202ex", "CON", "~",
       "$(touch x)", "<script>alert(1)</script>", "null", "NaN", "1e999", "-1", "9" * 5000, "x.safetensors",
       "dead.safetensors",
       "folder.safetensors", "torn.png", "x" * 251 + ".png")  # fmt: skip
TEXTS = OUT + ODD
DEEP: object = "bottom"
for _ in range(200):
    DEEP = [DEEP]
VALUES = (*TEXTS, None, True, 0, -1, 1.5, 1e308, 2**70, float("nan"), float("inf"), [], [None], ["a", 1], {}, DEEP,
          {"a": {"b": None}})  # fmt: skip
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
        made.projects.act("create-project", "", "", project)
    litter(made.root, tmp_path / "outside")
    for name in ("start", "add"):
        monkeypatch.setattr(Queue, name, lambda queue, job: None)
    sizes, size_of = {}, StandaloneHost.size_of
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


def good(session: Session) -> dict[str, object]:
    """A value for each name that routes read, with which they get far."""
    torn = str(session.root / "p/versions/v1/previews/x/torn.png")
    return {"project": "p", "version": "v1", "index": 0, "name": "0.png", "settings": {}, "run": "r001", "files": [],
            "number": 1, "replaces": "", "caption": "x", "path": torn, "picture": torn, "repeats": 3,
            "since": 0}  # fmt: skip


class Crawler:
    """Asks, and keeps whatever was not answered as it should."""

    def __init__(self, session: Session) -> None:
        self.app = App(router(session))
        self.good, self.projects, self.asked, self.faults = good(session), os.listdir(session.root), 0, []

    async def send(self, method: str, path: str, what: object, **request: Any) -> dict[str, object]:
        self.asked += 1
        status, kind, text = await self.app.answer(method, path, **request)
        told = json.loads(text) if kind == "application/json" else {}
        error = told.get("error", {}) if status >= 400 else {"message": "all is well"}
        if status >= 500 or len(error.get("message", "")) < 5 or error.get("ours"):
            self.faults.append((path, repr(what)[:100], status, text[-200:]))
        return told

    async def every_route(self) -> None:
        routes = [route for route in self.app.app.routes if route.path.startswith("/train-tools")]
        for route in routes:
            fields = [field.name for field in route.dependant.body_params]
            if "GET" in route.methods:
                await self.query_route(route.path, [field.name for field in route.dependant.query_params])
            elif fields == ["asked"]:
                await self.json_route(route.path)
            else:
                await self.form_route(route.path, [name for name in fields if name != "files"])

    async def query_route(self, path: str, names: list[str]) -> None:
        base = {name: self.good.get(name, "x") for name in names}
        for name in ("dead", "folder", "out", "loop", "gone"):
            await self.send("GET", path, name, params={**base, "name": f"{name}.safetensors"})
        for project in self.projects:
            await self.send("GET", f"{path}?project={_quoted(project)}&version=v1", project)
        await self.send("GET", f"{path}?{'&'.join(f'{name}=%ff%fe&{name}=2' for name in names)}", "twice, no UTF-8")
        for name in names:
            await self.send("GET", path, f"no {name}", params={key: one for key, one in base.items() if key != name})
            for value in TEXTS:
                quoted = "&".join(f"{key}={_quoted(str(one))}" for key, one in {**base, name: value}.items())
                await self.send("GET", f"{path}?{quoted[:60_000]}", (name, value))

    async def json_route(self, path: str) -> None:
        headers = {"Content-Type": "application/json"}
        for body in BODIES:
            await self.send("POST", path, body, content=body, headers=headers)
        base: dict[str, object] = {}
        for _ in range(10):  # the route itself tells what it reads
            told = await self.send("POST", path, base, content=json.dumps(base).encode(), headers=headers)
            name, lacks, _ = str((told or {}).get("error", {}).get("message", "")).partition(" is missing")
            if not lacks:
                break
            base[name] = self.good.get(name, "x")
        for name in (*base, *OPTIONAL) if base else ():
            for value in VALUES:
                content = json.dumps({**base, name: value}).encode()
                await self.send("POST", path, (name, value), content=content, headers=headers)

    async def form_route(self, path: str, names: list[str]) -> None:
        base, kind = {name: str(self.good.get(name, "x")) for name in names}, "multipart/form-data; boundary=b"
        given = (*(name.encode("utf-8", "replace").decode() for name in TEXTS), "a.png", "a.png", "b.txt")
        files = [("files", (name, b"x")) for name in given]
        await self.send("POST", path, "files", data=base, files=files)
        await self.send("POST", path, "no part", data=base, headers={"Content-Type": "multipart/form-data"})
        cut = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nx'
        for body in (*BODIES, b"--b\r\n", cut):
            await self.send("POST", path, body, content=body, headers={"Content-Type": kind})
        for name in names:
            rest = {key: one for key, one in base.items() if key != name}
            await self.send("POST", path, f"no {name}", data=rest, files=files[-1:])
            for value in TEXTS:
                sent = {**rest, name: value.encode("utf-8", "surrogatepass")}
                await self.send("POST", path, (name, value), data=sent, files=files[-1:])

    async def every_setting(self, settings: list[str]) -> None:
        for name in settings:
            for value in HOSTILE:
                asked = json.dumps({"project": "p", "version": "v1", "settings": {name: value}}).encode()
                for route in ("preset", "plan"):
                    told = await self.send("POST", f"/train-tools/{route}", (name, value), content=asked,
                                           headers={"Content-Type": "application/json"})  # fmt: skip
                    if "error" in told:
                        break  # it would say the same again


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


def around(root: Path, tmp_path: Path) -> dict[str, object]:
    """Every file beside the root, with its content."""
    found = {}
    for path in sorted(tmp_path.rglob("*")):
        if not path.is_relative_to(root):
            found[str(path)] = path.read_bytes() if path.is_file() else path.lstat().st_mode
    return found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # starlette closes no form that is cut
def test_every_route_answers_whatever_it_is_sent_in_words_and_leaves_what_is_outside_alone(session, tmp_path):
    before, crawler = around(session.root, tmp_path), Crawler(session)
    asyncio.run(crawler.every_route())
    assert not crawler.faults, "\n".join(map(str, crawler.faults[:40]))
    assert crawler.asked > 1000
    loras = str(tmp_path / "loras")  # install puts files there
    assert {path: one for path, one in around(session.root, tmp_path).items() if not path.startswith(loras)} == before


HOSTILE = ("", "../../outside", "a\0b", "\ud800", "x" * 5000, "1e999", "-1", None, True, 1e308, 2**70, float("nan"),
           [None], {"a": {}})  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_takes_any_value_or_says_why_not(session, tmp_path, section):
    before, crawler = around(session.root, tmp_path), Crawler(session)
    names = [option.name for option in options_of(SECTIONS[section])]
    asyncio.run(crawler.every_setting([*names, "\ud800", "x" * 500]))
    assert not crawler.faults, "\n".join(map(str, crawler.faults[:40]))
    assert around(session.root, tmp_path) == before


def test_lists_show_what_is_there_and_leave_out_folders_and_links_to_nowhere(session):
    names = {one["name"] for one in session.checkpoints("p", "v1")}
    assert {"x.safetensors", "Lena (2).safetensors", "no\udcffutf8.safetensors"} <= names
    assert not names & {f"{name}.safetensors" for name in ("dead", "folder", "loop")}
    listed = [one for one in session.checkpoints("p", "v1") if one["name"] == "x.safetensors"]
    assert [Path(path).name for path in listed[0]["previews"]] == ["x-p1-s1-w1.png", "torn.png"]
    assert [Path(path).name for path in session.grids("p", "v1")] == ["grid-1.png"]
    found = session.gallery.listed("p", "v1")
    assert [one["name"] for one in found["pictures"]] == ["0.png"]
    assert {Path(one["value"]).name for one in found["problems"]} == {"torn.png", "dead.png"}
