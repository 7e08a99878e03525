"""The network in training, as the page tells of it: how prompts name it, and its card among those of the WebUI."""

import json

import pytest

from tests.browsing import HAS_CHROMIUM, PATIENCE, sync, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
TAG = "<lora:@training:0.8>"
WEBUI = """() => {
    window.switch_to_txt2img = () => { window.switched = (window.switched || 0) + 1; };
    window.updateInput = (field) => { window.updated = field.value; };
    document.addEventListener('DOMContentLoaded', () => document.body.insertAdjacentHTML('beforeend',
        `<div id="txt2img_prompt"><textarea>a cat, </textarea></div>
         <div id="txt2img_lora_cards"><div class="card" data-name="other">other</div></div>
         <div id="img2img_lora_cards"></div>`));
}"""


def test_a_run_says_how_prompts_name_its_network_and_only_while_it_goes_on(training, page, ask):
    live = page.locator(".tt-live")
    expect(live).to_be_visible()
    expect(live.locator("code")).to_have_text(TAG)
    expect(live.get_by_role("button")).to_have_text(["Copy"])  # there is no txt2img here
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    live.get_by_role("button", name="Copy").click()
    expect(live.get_by_role("button")).to_have_text(["Copied"])
    assert page.evaluate("() => navigator.clipboard.readText()") == TAG
    expect(live.get_by_role("button")).to_have_text(["Copy"])
    ask("jobs/stop", {})
    expect(live).to_be_hidden()


@pytest.fixture
def webui(browser, address):
    """A page that has what the WebUI's has around our tab."""
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(1000 * PATIENCE)
    context.add_init_script(f"({WEBUI})()")
    yield context.new_page()
    context.close()


def test_the_tag_goes_behind_the_prompt_of_txt2img_and_a_card_comes_and_goes_with_the_run(
    training, webui, address, ask
):
    asked = []

    def card(route):
        asked.append(route.request.url)
        html = f'<div class="card" data-name="@training">step {len(asked)}</div>'
        route.fulfill(body=json.dumps({"html": html}), content_type="application/json")

    webui.route("**/sd_extra_networks/get-single-card?*", card)
    webui.goto(address)
    until_loaded(webui)
    insert = webui.get_by_role("button", name="Insert into txt2img")
    insert.click()
    assert webui.evaluate("() => [window.switched, window.updated]") == [1, f"a cat, {TAG}"]
    webui.evaluate("() => { document.querySelector('#txt2img_prompt textarea').value = '<lora:@training:1> dog'; }")
    insert.click()
    assert webui.evaluate("() => document.querySelector('#txt2img_prompt textarea').value") == "<lora:@training:1> dog"
    cards = webui.locator("#txt2img_lora_cards .card")
    expect(cards).to_have_count(2)
    assert "name=%40training" in asked[0]
    assert "tabname=txt2img" in asked[0]
    assert not [url for url in asked if "img2img" in url]  # nobody has opened that page yet
    ask("jobs/stop", {})
    expect(cards).to_have_text(["other"])


def test_a_card_goes_with_the_run_while_another_tab_is_shown(training, webui, address, ask):
    webui.route("**/sd_extra_networks/get-single-card?*", lambda route: route.fulfill(
        body=json.dumps({"html": '<div class="card" data-name="@training">now</div>'}), content_type="application/json"
    ))  # fmt: skip
    webui.goto(address)
    until_loaded(webui)
    cards = webui.locator("#txt2img_lora_cards .card")
    expect(cards).to_have_count(2)
    webui.evaluate("() => { document.querySelector('#train_tools_root').style.display = 'none'; }")
    ask("jobs/stop", {})
    expect(cards).to_have_text(["other"])
