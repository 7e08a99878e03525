import pytest

pytest.importorskip("starlette", reason="the tab's packages are not installed")
from lib_train.ui.guard import Guard


def answer(headers, names=(), method="GET", path="/", kind="http"):
    """Status that the guard before an app of 200 gives, or the message that ends a websocket."""
    sent = messages(headers, names, method, path, kind)
    return sent[0].get("status", sent[0]["type"])


def messages(headers, names=(), method="GET", path="/", kind="http"):
    """What the guard sends."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": method, "path": path, "headers": raw}
    with pytest.raises(StopIteration):  # nothing here waits, so it needs no loop, which another test's browser may run
        Guard(app, names, apart="/ours/")(scope, None, send).send(None)
    return sent


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:7861",
        "127.0.0.1",
        "localhost:1",
        "LOCALHOST",
        "localhost.",
        "a.localhost:80",
        "[::1]:7861",
        "127.9.8.7",
    ],
)
def test_names_of_this_machine_are_answered(host):
    assert answer({"Host": host}) == 200


@pytest.mark.parametrize(
    "host",
    ["", "evil.test", "evil.test:7861", "127.0.0.1.evil.test", "localhost.evil.test", "127.0.0.1@evil.test",
     "evillocalhost", "127.0.0.1:7861:1", "127.0.0.1/x", "0.0.0.0", "192.168.1.5", "[::]",
     "[::ffff:7f00:1].evil.test", "2130706433", "localhost evil.test", "127.0.0.1:x", "0x7f.1", "[evil.test]"],
)  # fmt: skip
def test_every_other_name_is_refused(host):
    assert answer({"Host": host}) == 403
    assert answer({}) == 403


@pytest.mark.parametrize(
    ("name", "host"),
    [("lab.example.org", "LAB.example.org:443"), ("192.168.1.5", "192.168.1.5:80"), ("[fe80::1]", "[fe80::1]:7861"),
     ("Lab.", "lab")],
)  # fmt: skip
def test_named_hosts_are_answered_too_but_none_below_them(name, host):
    assert answer({"Host": host}, [name]) == 200
    assert answer({"Host": f"x.{host}"}, [name]) == 403
    assert answer({"Host": "127.0.0.1"}, [name]) == 200


OWN = {"Host": "127.0.0.1:7861"}


@pytest.mark.parametrize(
    ("headers", "method", "status"),
    [
        ({}, "POST", 200),  # a program
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://lab.example.org"}, "POST", 200),  # through a proxy
        ({"Sec-Fetch-Site": "none"}, "GET", 200),  # typed
        (
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
            "GET",
            200,
        ),  # link
        (
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
            "POST",
            403,
        ),  # form
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "GET", 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "GET", 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, "GET", 403),  # another port of this machine
        ({"Sec-Fetch-Site": "new-word"}, "POST", 403),
        ({"Origin": "http://127.0.0.1:7861"}, "POST", 200),
        ({"Origin": "https://evil.test"}, "POST", 403),
        ({"Origin": "null"}, "POST", 403),
        ({"Origin": "https://[bad"}, "POST", 403),
        ({"Origin": "https://lab.example.org", "X-Forwarded-Host": "lab.example.org"}, "POST", 200),
        ({"Origin": "https://evil.test", "X-Forwarded-Host": "lab.example.org"}, "POST", 403),
    ],
)
def test_pages_of_other_origins_are_refused_and_programs_and_proxies_not(headers, method, status):
    assert answer(OWN | headers, method=method) == status


def test_paths_that_look_after_themselves_are_left_to_it_where_the_browser_tells_no_site():
    assert answer(OWN | {"Origin": "http://lab.lan"}, method="POST", path="/ours/x") == 200
    assert answer(OWN | {"Origin": "http://lab.lan"}, method="POST", path="/run/predict") == 403
    assert answer(OWN | {"Sec-Fetch-Site": "cross-site"}, method="POST", path="/ours/x") == 403


def test_websocket_of_a_foreign_page_is_closed():
    assert answer(OWN | {"Origin": "https://evil.test"}, kind="websocket") == "websocket.close"


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("ja,en;q=0.8", "このマシンの名前ではありません"),
        ("zh-TW", "不是本机的名称"),
        ("de", "is no name of this machine"),
    ],
)
def test_refusal_is_in_the_first_language_of_the_browser(language, wanted):
    shown = messages({"Host": "evil.test", "Accept-Language": language})[1]["body"].decode()
    assert shown.startswith("'evil.test'")
    assert wanted in shown
