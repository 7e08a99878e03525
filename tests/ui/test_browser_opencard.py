"""Cards of the WebUI's page of LoRAs: those of checkpoints of ours have a button that leads to them."""

import shutil

import pytest

from tests.browsing import HAS_CHROMIUM, PATIENCE, shows, sync, until, until_loaded

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
WEBUI = """() => {
    window.clicked = 0;
    document.addEventListener('DOMContentLoaded', () => document.body.insertAdjacentHTML('beforeend',
        `<div id="tabs"><div class="tab-nav"></div></div>
         <div id="txt2img_extra_tabs"><div id="txt2img_lora_cards"></div></div>`));
    window.addCard = (name) => document.querySelector('#txt2img_lora_cards').insertAdjacentHTML('beforeend',
        `<div class="card" onclick="clicked++" data-name="${name}"><div class="button-row"></div></div>`);
}"""


def finished(train, ask, **more):
    project = train(**more)
    until(lambda: not ask("jobs")["busy"])
    return project


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_the_button_of_a_card_opens_the_checkpoint_in_its_version(train, ask, folder, browser, address, how):
    steps = {"max_train_steps": "4", "save_every_n_steps": "2", "preview_prompts": ""}
    project, other = finished(train, ask, **steps), finished(train, ask, **steps)
    there = f"projects/{project}/versions/v1/checkpoints"
    names = [one["name"] for one in ask(there)["checkpoints"]]
    ask(f"{there}/{names[-1]}/install", {})
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(1000 * PATIENCE)
    context.add_init_script(f"({WEBUI})()")
    page = context.new_page()
    page.goto(address)
    until_loaded(page)
    shows(page, other)
    stem = names[-1].removesuffix(".safetensors")
    page.evaluate("(names) => names.forEach(addCard)", [stem, "somebody else's"])
    button = page.get_by_role("button", name="Open in Train Tools")
    expect(button).to_have_count(1)
    assert button.evaluate("one => one.closest('.card').dataset.name") == stem
    if how == "click":
        button.click()
    else:
        button.press("Enter")
    shows(page, project)
    row = page.locator(f'.tt-row[data-name="{names[-1]}"]')
    expect(row).to_be_focused()
    assert page.evaluate("() => clicked") == 0
    context.close()
    shutil.rmtree(folder / "Lora")
