"""Whoever asks while the WebUI makes its page anew gets an answer later, and ends nothing."""

import threading
import time
import urllib.error

import pytest

from tests.webui.conftest import started
from tests.webui.test_real_webui import reload_ui

pytestmark = pytest.mark.webui


class Impatient(threading.Thread):
    """An open page that asks again at once, whatever it gets."""

    def __init__(self, webui):
        super().__init__(daemon=True)
        self.webui, self.over, self.early = webui, threading.Event(), 0

    def run(self):
        while not self.over.is_set():
            try:
                self.early += "detail" in self.webui.ask("train-tools/v1/now")  # Not Found: our routes come last
            except (urllib.error.URLError, ConnectionError, ValueError):
                time.sleep(0.005)


def test_a_page_that_asks_all_the_while_does_not_end_a_reload_ui(tmp_path_factory):
    with started(tmp_path_factory.mktemp("start")) as webui:
        page = Impatient(webui)
        page.start()
        reload_ui(webui)
        page.over.set()
        page.join()
        assert webui.process.poll() is None
        assert page.early, "it did not ask at that moment"
        assert webui.ask("sdapi/v1/samplers")
        assert webui.now()["phase"] == "idle"
