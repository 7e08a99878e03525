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
         <div id="txt2img_extra_tabs"><div id="txt2img_lora_cards"></div></div>
         <div id="txt2img_lora_edit_user_metadata" hidden><div class="edit-user-metadata-buttons">
             <button class="lg" onclick="this.closest('[id]').hidden = true">Cancel</button>
             <button class="lg">Save</button></div></div>`));
    window.editCard = (event) => {
        event.stopPropagation();
        document.querySelector('#txt2img_lora_edit_user_metadata').hidden = false;
    };
    window.addCard = (name) => document.querySelector('#txt2img_lora_cards').insertAdjacentHTML('beforeend',
        `<div class="card" onclick="clicked++" data-name="${name}"><div class="button-row">
             <div class="edit-button card-button" title="edit" onclick="editCard(event)">edit</div></div></div>`);
}"""


def finished(train, ask, **more):
    project = train(**more)
    until(lambda: not ask("jobs")["busy"])
    return project


@pytest.fixture
def card(train, ask, folder, browser, address):
    """A page that shows another project, and project and file name of an installed checkpoint with a card in it."""
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
    yield page, project, names[-1]
    context.close()
    shutil.rmtree(folder / "Lora")


def is_shown(page, project, name):
    shows(page, project)
    expect(page.locator(f'.tt-row[data-name="{name}"]')).to_be_focused()
    assert page.evaluate("() => clicked") == 0


@pytest.mark.parametrize("how", ["click", "Enter"])
def test_the_button_of_a_card_opens_the_checkpoint_in_its_version(card, how):
    page, project, name = card
    button = page.get_by_role("button", name="Open in Train Tools")
    expect(button).to_have_count(1)
    assert button.evaluate("one => one.closest('.card').dataset.name") == name.removesuffix(".safetensors")
    if how == "click":
        button.click()
    else:
        button.press("Enter")
    is_shown(page, project, name)


def test_the_editor_of_a_card_leads_to_its_checkpoint_too_and_that_of_another_card_does_not(card):
    page, project, name = card
    stem = name.removesuffix(".safetensors")
    editor = page.locator("#txt2img_lora_edit_user_metadata")
    button = editor.get_by_role("button", name="Open in Train Tools")
    for _ in range(2):
        page.locator(f'.card[data-name="{stem}"] .edit-button').click()
        expect(button).to_have_count(1)
        expect(button).to_have_class("lg tt-open-edited")
        page.locator('.card[data-name="somebody else\'s"] .edit-button').click()
        expect(button).to_have_count(0)
        editor.get_by_role("button", name="Cancel").click()
    page.locator(f'.card[data-name="{stem}"] .edit-button').click()
    button.press("Enter")
    expect(editor).to_be_hidden()
    is_shown(page, project, name)
