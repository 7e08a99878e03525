"""The first open: from a tab without any project to a training, by few clicks or by keys alone."""

import time

import pytest

from tests.browsing import HAS_CHROMIUM, MOCHI, answer, asking, field, go_to, has_pixels, shows, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
COUNT = "() => { window.clicks = 0; document.addEventListener('click', () => window.clicks++, true); }"
DROP = """([name, text]) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: dropped}));
}"""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Takes its time for a step, so that a training is seen while it goes on."""
    from tests.fakes import FakeHost

    def slowly(done, total):
        time.sleep(0.05)
        return True

    folder = tmp_path_factory.mktemp("first")
    (folder / "fake.safetensors").touch()
    host = FakeHost(folder / "fake.safetensors")
    host.between_steps = slowly
    return host


@pytest.fixture(scope="module")
def empty(host):
    """A server of its own, for only here there is no project at first."""
    from lib_train.app.session import Session
    from lib_train.ui import serve

    served = serve.start(Session(host, host.loaded.parent / "out"), 0)
    yield served.address
    served.stop()


@pytest.fixture(scope="module")
def ask(empty):
    """Asks that server."""
    return asking(empty)


@pytest.fixture
def card(ask, window, empty):
    """The tab without any project."""
    if ask("jobs")["busy"]:
        ask("jobs/stop", {})
        until(lambda: not ask("jobs")["busy"])
    for one in ask("projects")["projects"]:
        ask(f"projects/{one['name']}", method="DELETE")
    opened = window()
    opened.goto(empty)
    expect(opened.locator(".tt-welcome")).to_be_visible()
    return opened


def settings_of(ask, project):
    return ask(f"projects/{project}/versions/v1/settings")


def is_over(page):
    """The card has given way to the whole tab."""
    expect(page.locator(".tt-welcome")).to_be_hidden()
    expect(page.locator(".tt-places select").first).to_be_visible()


def test_six_clicks_lead_from_an_empty_tab_to_a_running_training(card, ask):
    for hidden in (".tt-places select", "[role=tablist]", ".tt-checkpoints", "#train_tools_folders"):
        expect(card.locator(hidden).first).to_be_hidden()  # no forms
    expect(card.locator("#train_tools_name")).to_have_value("lora")
    expect(card.locator('[data-act="train"]')).to_be_disabled()
    expect(card.locator(".tt-would")).to_have_count(4)  # kinds of network are no first question
    for figures in card.locator(".tt-would").all():
        expect(figures).to_contain_text("steps · ~")
    card.evaluate(COUNT)
    card.click("#train_tools_sample")
    expect(card.locator("#train_tools_name")).to_have_value("mochi")
    expect(card.locator(".tt-tile")).to_have_count(66)
    has_pixels(card.locator(".tt-tile img").first)
    card.click('[data-act="train"]')
    expect(card.locator(".tt-bar")).to_contain_text("Training")
    assert ask("jobs")["job"]["phase"] == "training"
    assert 1 + card.evaluate("() => window.clicks") <= 6  # one opens the tab in the WebUI
    is_over(card)
    shows(card, "mochi")
    card.reload()
    is_over(card)


def test_keys_alone_choose_a_preset_and_train(card, ask):
    card.focus("#train_tools_sample")
    card.keyboard.press("Enter")
    name = card.locator("#train_tools_name")
    expect(name).to_be_focused()
    expect(name).to_have_value("mochi")
    name.fill("kobito")
    card.keyboard.press("Tab")
    until(lambda: [one["name"] for one in ask("projects")["projects"]] == ["kobito"])
    shows(card, "kobito")
    expect(card.locator(".tt-welcome")).to_be_visible()  # under its new name
    card.keyboard.press("Space")
    chosen = card.locator(".tt-presets :checked")
    expect(chosen).to_have_value("course")
    card.keyboard.press("ArrowDown")
    card.keyboard.press("ArrowDown")
    expect(chosen).to_be_focused()
    until(lambda: settings_of(ask, "kobito")["preset"] == chosen.input_value() != "course")
    expect(card.locator(".tt-unchosen")).to_be_hidden()
    while not card.evaluate("() => document.activeElement.matches('[data-act=train]')"):
        card.keyboard.press("Tab")
    card.keyboard.press("Enter")
    expect(card.locator(".tt-bar")).to_contain_text("Training")
    is_over(card)


def test_a_picture_dropped_anywhere_makes_the_project_as_it_was_named_and_its_trigger_word(card, ask):
    import base64

    card.fill("#train_tools_name", "neko")
    card.check("input[value=CherryCat]", force=True)
    card.evaluate(DROP, ["a.png", base64.b64encode((MOCHI / "mochi_00.png").read_bytes()).decode()])
    expect(card.locator(".tt-tile")).to_have_count(1)
    expect(card.locator(".tt-taken > span")).to_have_text("1 added")
    expect(card.locator(".tt-plan")).to_contain_text("steps")
    expect(card.locator("input[value=CherryCat]")).to_be_checked()
    assert settings_of(ask, "neko")["preset"] == "CherryCat"
    expect(card.locator('[data-act="train"]')).to_be_enabled()

    line = card.locator(".tt-trigger")
    expect(line).to_contain_text('Pictures without a caption: 1 of 1, trained as "subject"')
    expect(line.locator("input")).to_have_value("neko")
    expect(card.locator('[data-find="problem:no_caption"]')).to_have_count(0)  # said once
    line.locator("input").fill("nekochan")
    line.locator("text=Use").click()
    expect(line).to_contain_text('1 of 1, trained as "nekochan"')
    until(lambda: settings_of(ask, "neko")["values"]["caption_prefix"] == "nekochan")
    card.click('[data-first="settings"]')
    is_over(card)
    expect(field(card, "network_dim")).to_have_value("32")
    expect(card.locator("#train_tools_preset option:checked")).to_have_text("Person (CherryCat)")


def test_a_folder_on_the_server_can_be_named(card, ask):
    card.click(".tt-ways summary")
    card.fill(".tt-line-form input", str(MOCHI.parent))
    card.press(".tt-line-form input", "Enter")
    expect(card.locator(".tt-tile")).to_have_count(16)
    assert settings_of(ask, "lora")["values"]["train_data_dir"] == [str(MOCHI.parent)]
    assert settings_of(ask, "lora")["preset"] == "course"
    expect(card.locator(".tt-trigger")).to_be_hidden()  # they have captions


def test_a_name_that_cannot_be_used_makes_nothing_and_says_why(card, ask):
    card.fill("#train_tools_name", "a/b")
    card.click("#train_tools_sample")
    expect(card.locator(".tt-error")).to_contain_text("a/b")
    assert ask("projects")["projects"] == []
    card.fill("#train_tools_name", "ab")
    card.click("#train_tools_sample")
    expect(card.locator(".tt-tile")).to_have_count(66)
    expect(card.locator(".tt-error")).to_be_hidden()


def test_an_empty_project_shows_cards_with_its_pictures_page_until_it_has_some(card, ask):
    card.click('[data-act="create-project"]:visible')
    answer(card, "plain")
    is_over(card)
    expect(card.locator(".tt-presets")).to_be_visible()
    expect(card.locator(".tt-unchosen")).to_be_visible()
    card.locator(".tt-option", has_text="Plain start").click()
    until(lambda: settings_of(ask, "plain")["preset"] == "course")
    expect(card.locator(".tt-unchosen")).to_be_hidden()
    card.set_input_files(".tt-drop input[type=file]", [str(MOCHI / "mochi_00.png"), str(MOCHI / "mochi_00.txt")])
    expect(card.locator(".tt-tile")).to_have_count(1)
    expect(card.locator(".tt-presets")).to_be_hidden()
    go_to(card, "Settings")
    expect(field(card, "network_dim")).to_be_visible()
    card.click('[data-act="delete-project"]')
    answer(card)
    expect(card.locator(".tt-welcome")).to_be_visible()
    expect(card.locator(".tt-drop")).to_be_visible()


def test_cards_follow_the_loaded_model(card, host, monkeypatch):
    figures = card.locator(".tt-would").first
    expect(figures).to_contain_text("steps · ~")
    before, size_of = figures.inner_text(), host.size_of
    other = host.loaded.with_name("other.safetensors")
    other.touch()
    monkeypatch.setattr(host, "size_of", lambda ref: size_of(ref)._replace(own_side=512))
    monkeypatch.setattr(host, "loaded", other)  # last: by this the page knows
    expect(card.locator(".tt-base")).to_contain_text("other.safetensors")
    expect(figures).not_to_have_text(before)
