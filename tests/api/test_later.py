import threading

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from lib_train.api.later import include_later


def routes(answer="here"):
    made = APIRouter()

    @made.get("/tools/v1/one/{name}")
    def one(name: str, times: int = 1) -> str:
        return f"{answer} {name}" * times

    return [made]


def test_whoever_asks_before_the_routes_are_there_waits_for_them():
    app, may, made = FastAPI(), threading.Event(), []

    def make():
        assert may.wait(10)
        made.append(True)
        return routes()

    thread = include_later(app, "/tools", make)
    client, answers = TestClient(app), []
    assert client.get("/openapi.json").json()["paths"] == {}
    asking = [threading.Thread(target=lambda: answers.append(client.get("/tools/v1/one/a?times=2"))) for _ in range(4)]
    for one in asking:
        one.start()
    may.set()
    for one in [thread, *asking]:
        one.join()
    assert [answer.json() for answer in answers] == ["here ahere a"] * 4
    assert made == [True]
    assert list(client.get("/openapi.json").json()["paths"]) == ["/tools/v1/one/{name}"]


def test_what_is_not_there_is_not_found_before_and_after():
    app, may = FastAPI(), threading.Event()

    def make():
        assert may.wait(10)
        return routes()

    thread, client, answers = include_later(app, "/tools", make), TestClient(app), []
    asking = threading.Thread(target=lambda: answers.append(client.get("/tools/none")))
    asking.start()
    assert client.get("/else").status_code == 404
    may.set()
    asking.join()
    thread.join()
    answers += [client.get("/tools/none"), client.post("/tools/v1/one/a")]
    assert [answer.status_code for answer in answers] == [404, 404, 405]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_routes_that_cannot_be_made_are_tried_again_at_the_next_request():
    app, tries = FastAPI(), iter(["no memory", "no memory", ""])

    def make():
        if why := next(tries):
            raise OSError(why)
        return routes()

    include_later(app, "/tools", make).join()
    client = TestClient(app, raise_server_exceptions=False)
    refused = client.get("/tools/v1/one/a")
    assert refused.status_code == 500
    assert refused.json()["error"]["message"] == "Train Tools could not start: the log says why"
    assert client.get("/tools/v1/one/a").json() == "here a"
