"""What a page of another site can do to the tab: nothing, without a WebUI and inside it, in a real browser."""

import http.server
import json
import re
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from tests.browsing import HAS_CHROMIUM, PATIENCE, make_project, sync, until_loaded

# isort: split
import gradio as gr
from gradio.routes import App
from starlette.middleware.cors import CORSMiddleware

from lib_train.api.v1.routes import router
from lib_train.app.session import Session
from lib_train.host.standalone.host import StandaloneHost
from lib_train.ui import serve
from lib_train.ui.tab import build
from tests.proxy import proxied

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
P = {"project": "mine", "version": "v1"}
V1 = "train-tools/v1"
THERE = f"{V1}/projects/mine/versions/v1"


@contextmanager
def as_in_the_webui(session, origins=(), **page):
    """gradio's app as webui.py serves it: its CORS middleware taken out, the WebUI's own put in, then our routes."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        build()
    blocks.dev_mode, blocks.enable_queue, blocks.config = False, False, blocks.get_config_file()
    app = App.create_app(blocks)
    app.user_middleware = [one for one in app.user_middleware if one.cls is not CORSMiddleware]
    app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"],
                       allow_credentials=True)  # fmt: skip
    app.include_router(router(session, lambda origin: origin in origins))
    served = serve.Served(app, serve._listening(0))
    yield served.address
    served.stop()


@contextmanager
def alone(session, **more):
    served = serve.start(session, 0, **more)
    yield served.address
    served.stop()


@pytest.fixture
def session(tmp_path, pictures):
    made = Session(StandaloneHost(device="cpu", loras=tmp_path / "loras"), tmp_path / "out")
    made.projects.create("mine")
    with next(pictures.rglob("0.png")).open("rb") as png:
        made.upload(*P.values(), "cat", 3, [("0.png", png)])
    return made


@pytest.fixture(params=[alone, as_in_the_webui], ids=["standalone", "webui"])
def place(request, session):
    with request.param(session) as address:
        yield address


@pytest.fixture(scope="module")
def evil():
    """A web server of somebody else: any page, at evil.test."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>kittens</title>")

        def log_message(self, *args):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def context(browser):
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(context):
    opened = context.new_page()
    opened.set_default_timeout(1000 * PATIENCE)
    yield opened
    opened.close()


def everything(root):
    return {path: path.is_file() and path.read_bytes() for path in root.rglob("*") if "cache" not in path.parts}


# What a page may try without asking first, and with: of each order each way, or if ``once`` the most that it may say in
# each mode. Returned are the routes whose answer it can read.
TRIES = """async ({target, orders, once}) => {
    const read = [];
    const ways = (body) => [
        {mode: "no-cors", body: new Blob([body])},
        {mode: "no-cors", body, headers: {"Content-Type": "text/plain"}},
        {mode: "no-cors", body: new URLSearchParams(JSON.parse(body))},
        {mode: "no-cors", body: (() => { const f = new FormData();
            for (const [k, v] of Object.entries(JSON.parse(body))) f.append(k, v);
            f.append("files", new Blob(["evil"]), "evil.txt"); return f; })()},
        {mode: "cors", body, headers: {"Content-Type": "application/json"}},
        {mode: "cors", body, credentials: "include",
            headers: {"Content-Type": "application/json", "X-Train-Tools": "1"}},
        {mode: "no-cors", body: new Blob([body]), headers: {"X-Train-Tools": "1"}},
    ];
    const all = (body) => once ? ways(body).slice(-2) : ways(body);
    const sent = orders.flatMap(([route, asked, method = "POST"], number) => {
        const asking = all(JSON.stringify(asked)).map(async (way) => {
            const answer = await fetch(`${target}/${route}`, {method, ...way}).catch(() => null);
            if (answer && answer.type !== "opaque") read.push(route);
        });
        if (once || method !== "POST") return asking;
        navigator.sendBeacon(`${target}/${route}`, new Blob([JSON.stringify(asked)]));
        const form = document.createElement("form"), into = document.createElement("iframe");
        into.name = form.target = `into${number}`; form.method = "POST"; form.action = `${target}/${route}`;
        const start = JSON.stringify(asked).slice(0, -1);
        form.enctype = "text/plain"; form.innerHTML = `<input name='${start},"x":"' value='"}'>`;
        const loaded = new Promise((done) => { into.onload = done; setTimeout(done, 2000); });
        document.body.append(into, form); form.submit();
        return [loaded, ...asking];
    });
    await Promise.all(sent);
    return read;
}"""
READS = """async ({target, paths}) => {
    const read = [];
    for (const path of paths) {
        for (const mode of ["cors", "same-origin"]) {
            const answer = await fetch(`${target}/${path}`, {mode}).catch(() => null);
            if (answer) read.push([mode, path]);
        }
        for (const tag of ["img", "script", "video"]) {
            const node = document.createElement(tag);
            const seen = await new Promise((done) => {
                node.onload = node.onloadeddata = () => done(true);
                node.onerror = () => done(false);
                node.src = `${target}/${path}`; document.body.append(node);
            });
            if (seen && tag !== "script") read.push([tag, path]);
        }
    }
    return read;
}"""


BODIES = {
    "jobs": [{**P, "kind": kind, "settings": {}} for kind in ("train", "resume", "preview")],
    "settings": [{"changes": {"seed": 7}}], "preset": [{"preset": "course"}], "plan": [{"settings": {}}],
    "caption": [{"replaces": "cat", "caption": "import os"}], "txt2img": [{"path": "x"}],
}  # fmt: skip
"""What each route reads, by its last word; the others read a name."""


def _path(path):
    return re.sub("{(.*?)}", lambda match: {**P, "id": "1", "number": "1"}.get(match[1], "x"), path)[1:]


def orders_of(session):
    """Every writing route of the router itself."""
    routes = [
        (_path(route.path), body, method)
        for route in router(session).routes
        for method in route.methods - {"GET"}
        for body in BODIES.get(route.path.rpartition("/")[2], [{"name": "evil"}])
    ]
    assert len(routes) >= 22
    return routes


@pytest.fixture
def heard(session, monkeypatch):
    """Orders that reached the session."""
    calls = []
    for name in ("train", "resume", "preview", "stop", "plan_as_json", "upload", "install", "delete_checkpoint", "add"):
        monkeypatch.setattr(session, name, lambda *args, called=name, **kwargs: calls.append(called))
    return calls


@pytest.mark.parametrize("name", ["evil.test", "localhost", "127.0.0.1"])
def test_page_of_another_origin_changes_nothing_whatever_it_sends(place, evil, page, session, heard, name):
    before = everything(session.root)
    page.goto(f"http://{name}:{evil}/")
    orders = orders_of(session)
    if name != "evil.test":  # whose requests tell of themselves what the other names' do, whatever is asked
        assert page.evaluate(TRIES, {"target": place, "orders": orders, "once": True}) == []
        orders = [order for order in orders if order[0] in (f"{V1}/jobs/stop", f"{THERE}/pictures")]
        assert len(orders) >= 2
    assert page.evaluate(TRIES, {"target": place, "orders": orders}) == []
    assert (heard, everything(session.root)) == ([], before)


def test_page_of_ours_may_do_all_that_the_foreign_one_tried(place, page, session, heard):
    page.goto(f"{place}/")
    orders = [(f"{V1}/jobs/stop", {}), (f"{THERE}/plan", {"settings": {}})]
    read = page.evaluate(TRIES, {"target": place, "orders": orders})
    assert set(read) == {route for route, _ in orders}
    assert sorted(set(heard)) == ["plan_as_json", "stop"]


def test_page_of_another_origin_reads_nothing_of_ours(place, evil, page, session):
    session.keep_settings(*P.values(), session.settings(*P.values()))
    paths = [f"{V1}/now", f"{THERE}/pictures", f"{THERE}/pictures/1", f"{THERE}/pictures/1/image",
             f"{THERE}/settings", f"{THERE}/checkpoints"]  # fmt: skip
    page.goto(f"http://evil.test:{evil}/")
    assert page.evaluate(READS, {"target": place, "paths": paths}) == []


def test_without_a_webui_no_file_is_given_out_but_ours(session, evil, page):
    with alone(session) as address:
        page.goto(f"http://evil.test:{evil}/")
        files = [
            "file=pyproject.toml",
            "file/README.md",
            f"file={session.root}/mine/project.json",
            "config",
            "file=../x",
        ]
        assert page.evaluate(READS, {"target": address, "paths": files}) == []
        for path in (*files[:3], "file=http://evil.test/", "proxy=http://evil.test/", "queue/status", "upload"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{address}/{path}")
            assert caught.value.code == 404, path
            caught.value.close()


def test_name_that_was_made_to_point_here_is_refused_until_it_is_given_as_host(session, page):
    ask = "async (path) => (await fetch(path)).status"
    with alone(session) as address:
        port = address.rpartition(":")[2]
        page.goto(f"http://rebound.test:{port}/")
        sync.expect(page.locator("body")).to_contain_text("'rebound.test")
        assert page.evaluate(ask, "./train-tools/v1/now") == 403
        for name in ("localhost", "127.0.0.1", "x.localhost"):
            assert page.goto(f"http://{name}:{port}/", wait_until="commit").status == 200
            assert page.evaluate(ask, "./train-tools/v1/now") == 200
    with alone(session, hosts=["Rebound.test"]) as address:
        page.goto(f"http://rebound.test:{address.rpartition(':')[2]}/", wait_until="commit")
        assert page.evaluate(ask, "./train-tools/v1/now") == 200


def test_origins_that_the_webui_was_started_with_may_ask(session, evil, page, heard):
    origin = f"http://evil.test:{evil}"
    with as_in_the_webui(session, [origin]) as address:
        page.goto(origin)
        read = page.evaluate(TRIES, {"target": address, "orders": [(f"{V1}/jobs/stop", {})]})
        assert (read.count(f"{V1}/jobs/stop"), heard) == (
            2,
            ["stop"],
        )  # one without our header is refused, but told so


def test_tab_works_through_a_proxy_that_tells_another_host(session, page):
    with alone(session) as address, proxied(address, host=address.removeprefix("http://")) as outside:
        page.goto(outside.replace("127.0.0.1", "localhost"))
        until_loaded(page)
        make_project(page, "through")
        assert "through" in session.projects.names()
        page.set_input_files(".tt-drop input[type=file]", session.root / "mine/versions/v1/dataset/train/3_cat/0.png")
        sync.expect(page.locator(".tt-tile")).to_have_count(1)
    with alone(session, hosts=["tool.test"]) as address, proxied(address, host="127.0.0.1") as outside:
        page.goto(outside.replace("127.0.0.1", "tool.test"))  # no https: the browser says nothing of sites
        until_loaded(page)
        make_project(page, "named")
        assert "named" in session.projects.names()


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "inner.lan", ""])
def test_routes_in_the_webui_answer_below_a_path_and_behind_another_host(session, host):
    headers = {"Origin": "https://sd.example.org", "Sec-Fetch-Site": "same-origin", "X-Train-Tools": "1",
               "Content-Type": "application/json"}  # fmt: skip
    with as_in_the_webui(session) as address, proxied(address, "sd", host) as outside:
        body = json.dumps({"name": "below"}).encode()
        request = urllib.request.Request(f"{outside}{V1}/projects", body, headers)
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["project"] == "below"
