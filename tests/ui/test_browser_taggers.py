"""Pictures are tagged in the tab: told, followed, looked at, made otherwise, written and taken back."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lib_train.app import taggers
from lib_train.jobs import taggers as by_name
from lib_train.tagging.published import Published
from tests.browsing import HAS_CHROMIUM, PATIENCE, push, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


MODEL = bytes(range(256)) * 3 * 4096  # 3 MiB


@pytest.fixture
def hub(monkeypatch):
    """Publishes one tagger, and holds the end of its model back until the event that it gives is set."""
    goes_on = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = MODEL if self.path == "/model.onnx" else b"hat\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: 2 << 20])
            if content is MODEL:
                goes_on.wait(PATIENCE)
            self.wfile.write(content[2 << 20 :])

        def log_message(self, *args):
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.handle_error = lambda *of: None  # type: ignore[method-assign]  # who has enough hangs up
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    files = tuple((name, f"http://127.0.0.1:{served.server_port}/{name}") for name in ("model.onnx", "top_tags.txt"))
    for module in (taggers, by_name):
        monkeypatch.setattr(module, "PUBLISHED", [Published("joytag", "joytag", "a small one", 3, files)])
    yield goes_on
    goes_on.set()
    served.shutdown()
    served.server_close()


def captions(folder):
    return {path.stem: path.read_text().rstrip() for path in sorted(folder.glob("*.txt"))}


def test_pictures_are_tagged_by_keys_alone_and_the_proposal_is_found_again_after_a_reload(captioned, page):
    before = captions(captioned)
    opener, sheet, write = (
        page.locator('[data-tool="tag"]'),
        page.locator(".tt-work"),
        page.locator(".tt-work .tt-primary"),
    )
    expect(opener).to_be_visible()
    push(opener)
    expect(sheet.locator(".tt-scope :checked")).to_be_focused()
    expect(sheet.locator(".tt-would-change")).to_have_text("Pictures that would be tagged: 1 of 3.")
    page.select_option(".tt-how select", "append")
    expect(write).to_have_text("Tag 3 pictures")
    page.fill("#tt-input-trigger_word", "mochi")
    page.keyboard.press("Enter")
    head, tags = sheet.locator(".tt-would-change"), sheet.locator("[data-leave]")
    expect(head).to_contain_text("to 3 captions")
    expect(tags).not_to_have_count(0)
    assert captions(captioned) == before
    page.keyboard.press("Escape")
    page.reload()
    until_loaded(page)
    page.locator('[data-tagging="proposed"]').press("Enter")
    left = tags.first.get_attribute("data-leave")
    tags.first.press("Enter")
    expect(sheet.locator("[data-leave][aria-pressed=true]")).to_have_text(f"{left} +")
    expect(sheet.locator(".tt-example ins", has_text=left)).to_have_count(0)
    expect(write).to_be_enabled()
    push(write)
    done = page.locator('[data-line="edit"] .tt-done')
    expect(done).to_contain_text("adds")
    expect(sheet).to_have_count(0)
    written = captions(captioned)
    assert len(written) == 3
    assert all(caption.startswith("mochi") and left not in caption.split(", ") for caption in written.values())
    expect(done.locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(done).to_contain_text("Taken back")
    assert captions(captioned) == before
    expect(done.locator("button")).to_be_focused()
    expect(page.locator('[data-tagging="proposed"]')).to_have_count(0)


def test_worst_finding_leads_to_tagging_and_thresholds_change_the_proposal_without_tagging_anew(captioned, page, ask):
    page.click("[data-worst]")
    expect(page.locator("#train_tools_filter")).to_have_value("problem:no_caption")
    page.click('[data-remedy="tag"]')
    expect(page.locator(".tt-scope :checked + span")).to_have_text("Shown: problem:no_caption")
    expect(page.locator(".tt-work .tt-would-change")).to_have_text("Pictures that would be tagged: 1 of 1.")
    page.click(".tt-scope >> text=All pictures")
    page.select_option(".tt-how select", "append")
    page.locator(".tt-work .tt-primary", has_text="Tag 3 pictures").click()
    head = page.locator(".tt-work .tt-would-change")
    expect(head).to_contain_text("captions")
    job = ask("jobs")["job"]["number"]
    page.click(".tt-otherwise > summary")
    page.fill("#tt-input-general_threshold", "1")
    expect(head).to_contain_text("It would change nothing")
    expect(page.locator(".tt-work .tt-primary")).to_be_disabled()
    page.fill("#tt-input-general_threshold", "2")
    expect(head).to_contain_text("must be at most 1")
    page.fill("#tt-input-general_threshold", "0.2")
    expect(head).to_contain_text("to 3 captions")
    assert ask("jobs")["job"]["number"] == job
    page.locator(".tt-work button", has_text="Discard").click()
    page.locator(".tt-dialog:not(.tt-work) .tt-primary").click()
    expect(page.locator(".tt-how")).to_be_visible()
    until(lambda: ask(f"now?project={captioned.parents[4].name}&version=v1")["proposal"] is None)


def test_tagger_is_fetched_from_the_page_whole_or_not_at_all(captioned, page, ask, hub, tmp_path):
    page.click('[data-tool="tag"]')
    sheet, box = page.locator(".tt-work"), page.locator(".tt-fetch")
    if not box.get_attribute("open"):
        box.locator("summary").click()
    box.locator("input").fill(str(tmp_path))
    box.locator("input").press("Enter")
    expect(box.locator("input")).to_have_attribute("placeholder", str(tmp_path))
    fetch, going, place = box.locator("[data-fetch]"), box.locator(".tt-line-of"), tmp_path / "joytag"
    push(fetch)
    expect(going).to_contain_text("Fetching joytag")
    expect(going.locator("progress")).to_have_attribute("title", "2.0 MB / 3.0 MB")
    expect(fetch).to_be_disabled()
    with page.expect_response("**/jobs/stop"):
        push(going.locator("button"))
    hub.set()
    expect(sheet.locator(".tt-done")).to_contain_text("nothing half done is left")
    expect(going).to_be_hidden()
    assert [path.name for path in place.iterdir()] == ["top_tags.txt"]

    push(fetch)
    expect(sheet.locator(".tt-done")).to_contain_text("joytag is in")
    expect(box).to_contain_text("there")
    expect(fetch).to_have_count(0)
    expect(sheet.locator(".tt-tagger b").first).to_have_text("joytag")
    assert (place / "model.onnx").read_bytes() == MODEL
