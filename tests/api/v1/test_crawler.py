"""Sends what nobody should to every route of version 1: each answers in words, and nothing leaves the root."""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from lib_train.api.v1.routes import PREFIX, router
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS
from tests.api.litter import BODIES, TEXTS, VALUES, around, quoted, session  # noqa: F401
from tests.asking import App

GOOD = {"project": "p", "version": "v1", "id": "1", "name": "x.safetensors", "run": "r001", "number": "1",
        "code": "small", "tool": "resize"}  # fmt: skip
JSON = {"Content-Type": "application/json"}
PATHS = ("..", "%2e%2e%2foutside", "a\0b", "\ud800", "x" * 300, "y/" * 3000, " ", "CON", "-1", "9" * 5000,
         "dead.safetensors", "folder.safetensors", "out.safetensors", "Lena (2)")  # fmt: skip
BODY = {"name": "n", "notes": "n", "copy_of": "v1", "changes": {}, "preset": "course", "settings": {}, "replaces": "",
        "caption": "x", "kind": "train", "project": "p", "version": "v1", "queue": True, "revision": 0, "run": "r001",
        "with_changes": False, "repeats": 10, "captions_from_prompts": False, "free": True, "sample": False,
        "checkpoints": [], "steps": [{"do": "sort"}], "filter": "", "ids": None, "all_lines": False, "trigger": "x",
        "character": [], "stays": [], "again": False, "number": 1,
        "tagged": False, "tags": [], "take_out": False, "dry_run": True, "box": [0, 0, 1, 1], "detector": "",
        "margin": 0, "share": 0.5, "held": True, "parts": ["head"], "degrees": 90, "color": "white", "factor": 0.5,
        "upscaler": "",
        "reg": False, "folder": "8_mochi", "count": 2, "source": "none", "remedy": "take_out",
        "path": "p/versions/v1/previews/x/torn.png", "tagging": {"tagger": "colours"},
        "regularisation": {"class_word": "x"},
        "files": [], "tool_settings": {}, "place": "beside", "into": "", "base": "", "cover": False,
        "tagger_folder": "", "text": "{}", "title": "n", "about": "n", "replace": False,
        "note": "n", "before": None, "tagger": "wd", "tool": "resize",
        "wish": {"files": ["x"], "name": "n"}, "paths": ["0/a.png"], "cut_out": False,
        "axes": {"seed": "1, 2"}, "prompts": "version", "language": "", "conclusion": "n", "best": "",
        "rows": "seed:1,2", "pages": "", "verdict": "starred", "columns": [], "weight": 1.0, "blocks": "",
        "versions": [], "with_model": False, "with_runs": False, "with_checkpoints": False}  # fmt: skip


_IN_FULL, _PART = 1, 8
CUT = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nx'
HOSTILE: tuple[Any, ...] = ("", "../../outside", "a\0b", "\ud800", "x" * 5000, "1e999", "-1", None, True, 1e308, 2**70,
                            float("nan"), [None], {"a": {}})  # fmt: skip
VERSION = PREFIX + "/projects/{project}/versions/{version}"


class Crawler:
    """Asks, and keeps whatever was not answered as it should."""

    def __init__(self, session):  # noqa: F811
        self.app = App(router(session))
        self.sent, self.faults = 0, []
        self.tried: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()

    async def send(self, method, path, what, **request):
        self.sent += 1
        status, kind, text = await self.app.answer(method, path, **request)
        found = json.loads(text) if kind == "application/json" else {}
        self.statuses[status] += 1
        if status >= 400 and "detail" in found:
            return  # no route of ours has such a path
        error = found.get("error", {"code": "", "message": ""}) if status >= 400 else None
        if status >= 500 or (error and (len(error["message"]) < 5 or not error["code"])):
            self.faults.append((method, path[:100], repr(what)[:100], status, text[-200:]))

    async def every_route(self):
        routes = [route for route in self.app.app.routes if isinstance(route, APIRoute)]
        ours = [route for route in routes if route.path.startswith(PREFIX)]
        # those that rename come last: the others want to find what they ask for
        for route in sorted(ours, key=lambda route: "PATCH" in route.methods and not route.path.endswith("/settings")):
            (method,) = route.methods
            await self.places(method, route.path)
            names = [field.name for field in route.dependant.query_params]
            await self.queries(method, _path(route.path), names)
            fields = route.dependant.body_params
            if fields and route.path.endswith("/pictures"):
                await self.forms(_path(route.path))
            elif fields and not hasattr(fields[0].type_, "__fields__"):
                await self.bodies(method, _path(route.path), [])
            elif fields:
                await self.bodies(method, _path(route.path), list(fields[0].type_.__fields__))

    def some(self, values, name):
        """All of them at the first routes that ask for a name; at the many that follow a part, each time another."""
        self.tried[name] += 1
        return values if self.tried[name] <= _IN_FULL else values[self.tried[name] % _PART :: _PART]

    async def places(self, method, path):
        for name in re.findall(r"{(\w+)}", path):
            for value in self.some(PATHS, f"{{{name}}}"):
                body = {"content": b"{}", "headers": JSON} if method in ("POST", "PATCH", "PUT") else {}
                await self.send(method, _path(path, **{name: quoted(value)})[:60_000], (name, value), **body)

    async def queries(self, method, path, names):
        for name in names:
            for value in self.some(TEXTS, f"?{name}"):
                await self.send(method, f"{path}?{name}={quoted(value)}"[:60_000], (name, value))

    async def bodies(self, method, path, names):
        for body in BODIES:
            await self.send(method, path, body, content=body, headers=JSON)
        base = {name: BODY[name] for name in names}
        for name in (*names, "unknown"):
            await self.send(
                method,
                path,
                f"no {name}",
                content=json.dumps({key: one for key, one in base.items() if key != name}).encode(),
                headers=JSON,
            )
            for value in self.some(VALUES, name):
                content = json.dumps({**base, name: value}).encode()
                await self.send(method, path, (name, value), content=content, headers=JSON)

    async def every_setting(self, defaults):
        for number, (name, default) in enumerate(defaults.items()):
            for value in HOSTILE[number % 2 :: 2]:  # those of a kind are read alike
                content = json.dumps({"settings": {name: value}}).encode()
                await self.send("POST", _path(VERSION + "/plan"), (name, value), content=content, headers=JSON)
                content = json.dumps({"changes": {name: value}}).encode()
                await self.send("PATCH", _path(VERSION + "/settings"), (name, value), content=content, headers=JSON)
            content = json.dumps({"changes": {name: default}}).encode()  # or drafts of all others are read each time
            await self.send("PATCH", _path(VERSION + "/settings"), (name, default), content=content, headers=JSON)

    async def forms(self, path):
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        for body in (*BODIES, b"--b\r\n", CUT):
            await self.send("POST", path, body, content=body, headers=kind)
        await self.send("POST", path, "no boundary", content=b"x", headers={"Content-Type": "multipart/form-data"})
        files = [("files", (name.encode("utf-8", "replace").decode(), b"x")) for name in (*TEXTS, "a.png", "b.txt")]
        await self.send("POST", path, "files", files=files)
        for name in ("name", "repeats", "paths"):
            for value in TEXTS:
                sent = {name: value.encode("utf-8", "surrogatepass")}
                await self.send("POST", path, (name, value), data=sent, files=files[-1:])


def _path(path, **values):
    return re.sub(r"{(\w+)}", lambda match: {**GOOD, **values}[match[1]], path)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # starlette closes no form that is cut
def test_every_route_answers_whatever_it_is_sent_in_words_and_leaves_what_is_outside_alone(session, tmp_path):  # noqa: F811
    before, crawler = around(session.root, tmp_path), Crawler(session)
    asyncio.run(crawler.every_route())
    assert not crawler.faults, "\n".join(map(str, crawler.faults[:40]))
    assert crawler.statuses.keys() >= {200, 201, 202, 404, 409, 422}
    assert crawler.sent > 1000
    loras = str(tmp_path / "loras")  # install puts files there
    assert {path: one for path, one in around(session.root, tmp_path).items() if not path.startswith(loras)} == before


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_takes_any_value_or_says_why_not(session, tmp_path, section):  # noqa: F811
    before, crawler = around(session.root, tmp_path), Crawler(session)
    defaults = {option.name: option.default for option in options_of(SECTIONS[section])}
    asyncio.run(crawler.every_setting({**defaults, "\ud800": 1, "x" * 500: 1}))
    assert not crawler.faults, "\n".join(map(str, crawler.faults[:40]))
    assert around(session.root, tmp_path) == before


def test_lists_show_what_is_there_and_leave_out_folders_and_links_to_nowhere(session):  # noqa: F811
    names = {one["name"] for one in session.checkpoints("p", "v1")}
    assert {"x.safetensors", "Lena (2).safetensors", "no\udcffutf8.safetensors"} <= names
    assert not names & {f"{name}.safetensors" for name in ("dead", "folder", "loop")}
    listed = [one for one in session.checkpoints("p", "v1") if one["name"] == "x.safetensors"]
    assert [Path(path).name for path in listed[0]["previews"]] == ["x-p1-s1-w1.png", "torn.png"]
    assert [Path(path).name for path in session.grids("p", "v1")] == ["grid-1.png"]
    found = session.gallery.listed("p", "v1")
    assert [one["name"] for one in found["pictures"] if not one["problem"]] == ["0.png"]
    assert {Path(one["value"]).name for one in found["problems"]} == {"torn.png", "dead.png"}
