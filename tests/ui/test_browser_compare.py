"""The page Compare: fading, wiping, zooming and deciding, by pointer and by keys."""

import json
from threading import Semaphore

import pytest

from lib_train.checkpoints.files import read_metadata
from tests.browsing import HAS_CHROMIUM, go_to, show_project, sync, until, until_loaded
from tests.fakes import FakeHost

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
SHOWN = """() => [...document.querySelectorAll(".tt-cmp-row:not([hidden]) .tt-cmp-inner img")]
    .map((one) => [Number(one.style.opacity), decodeURIComponent(new URL(one.src).searchParams.get("path"))])
    .filter(([opacity]) => opacity > 0).map(([opacity, path]) => [opacity, path.split("/").slice(-2)[0]]).sort()"""
"""Opacity and checkpoint of the images that are seen."""


@pytest.fixture
def compare(trained, page):
    go_to(page, "Compare")
    expect(page.locator(".tt-shot img")).to_have_count(3)
    return page


def shown(page):
    return page.evaluate(SHOWN)


def slide(page, at):
    page.locator(".tt-cmp-slider input").evaluate(
        "(one, at) => { one.value = at; one.dispatchEvent(new Event('input')); }", at
    )


def test_slider_fades_between_neighbours_and_stays_at_one_of_them(compare, trained):
    name = compare.locator(".tt-cmp-name b")
    expect(name).to_contain_text("step 24")
    stem = f"{trained}-v1-r001"
    until(lambda: shown(compare) == [[1, stem]])
    slide(compare, 0.25)
    until(lambda: shown(compare) == [[0.25, f"{stem}-step00000016"], [1, f"{stem}-step00000008"]])
    expect(name).to_contain_text("step 8")
    compare.locator(".tt-cmp-slider input").evaluate("(one) => one.dispatchEvent(new Event('change'))")
    until(lambda: shown(compare) == [[1, f"{stem}-step00000008"]])
    compare.locator(".tt-shot").nth(1).click()
    expect(name).to_contain_text("step 16")
    until(lambda: shown(compare) == [[1, f"{stem}-step00000016"]])


def test_keys_lead_through_checkpoints_and_weights_and_are_not_taken_from_who_types(compare):
    name, weight = compare.locator(".tt-cmp-name b"), compare.locator('[data-cmp-choice="variant"]')
    expect(compare.locator(".tt-cmp-slider input")).to_be_focused()
    compare.keyboard.press("ArrowLeft")
    compare.keyboard.press("ArrowLeft")
    expect(name).to_contain_text("step 8")
    compare.keyboard.press("End")
    expect(name).to_contain_text("step 24")
    compare.keyboard.press("ArrowDown")
    expect(weight).to_have_value("-1")  # the base model
    until(lambda: [one for _, one in shown(compare)] == ["base"])
    compare.keyboard.press("ArrowUp")
    expect(weight).to_have_value("0")
    compare.keyboard.press("n")
    note = compare.locator(".tt-cmp-note")
    expect(note).to_be_focused()
    compare.keyboard.type("swx? best")
    expect(note).to_have_value("swx? best")
    expect(compare.locator(".tt-cmp-keys")).to_be_hidden()
    expect(compare.locator('[data-cmp="wipe"]')).to_have_attribute("aria-pressed", "false")


def test_star_reject_and_note_are_kept_and_stand_in_the_list_of_checkpoints(compare, trained, folder, ask):
    compare.keyboard.press("s")
    expect(compare.locator('[data-cmp="star"]')).to_have_attribute("aria-pressed", "true")
    expect(compare.locator(".tt-row").first.locator(".tt-about i")).to_have_text("★")
    compare.keyboard.press("n")
    compare.keyboard.type("keeps the hat")
    compare.keyboard.press("Enter")
    expect(compare.locator(".tt-row").first).to_contain_text("keeps the hat")
    compare.locator(".tt-cmp-slider input").press("Home")
    compare.keyboard.press("x")
    expect(compare.locator(".tt-row").last).to_have_attribute("data-verdict", "rejected")
    choices = json.loads((folder / "out" / trained / "versions" / "v1" / "choices.json").read_text())
    assert choices == {
        f"{trained}-v1-r001.safetensors": {"verdict": "starred", "note": "keeps the hat"},
        f"{trained}-v1-r001-step00000008.safetensors": {"verdict": "rejected", "note": ""},
    }
    compare.locator(".tt-cmp-hides input").check()
    expect(compare.locator(".tt-shot")).to_have_count(2)
    compare.locator('[data-cmp="install-starred"]').click()
    expect(compare.locator(".tt-cmp-says")).to_contain_text("is installed")
    assert (folder / "Lora" / f"{trained}-v1-r001.safetensors").is_file()
    compare.reload()
    go_to(compare, "Compare")
    expect(compare.locator(".tt-cmp-note")).to_have_value("keeps the hat")


def test_two_pictures_are_wiped_and_zoomed_in_step(compare, trained):
    compare.keyboard.press("w")
    divider, frame = compare.locator(".tt-divider").first, compare.locator(".tt-cmp-frame").first
    until(lambda: {one for _, one in shown(compare)} == {"base", f"{trained}-v1-r001"})
    compare.keyboard.press("a")
    compare.keyboard.press("Home")
    until(lambda: {one for _, one in shown(compare)} == {f"{trained}-v1-r001-step00000008", f"{trained}-v1-r001"})
    expect(divider).to_have_attribute("aria-valuenow", "50")
    box = frame.bounding_box()
    compare.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    compare.mouse.down()
    compare.mouse.move(box["x"] + box["width"] / 4, box["y"] + 40)
    compare.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "25")
    clipped = "[...document.querySelectorAll('.tt-cmp-inner img')].map((one) => one.style.clipPath).join('')"
    assert compare.evaluate(clipped) in ("inset(0px 0px 0px 25%)", "inset(0 0 0 25%)")
    divider.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "27")
    expect(compare.locator(".tt-cmp-name b")).to_contain_text("step 8")  # this key was the divider's

    compare.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    compare.mouse.wheel(0, -600)
    expect(compare.locator('[data-cmp="zoom"]')).to_have_attribute("aria-pressed", "true")
    compare.keyboard.press("Escape")
    expect(compare.locator('[data-cmp="zoom"]')).to_have_attribute("aria-pressed", "false")
    compare.keyboard.press("w")
    until(lambda: len(shown(compare)) == 1)


def test_missing_pictures_are_made_and_come_by_themselves(compare, trained, folder, ask):
    for path in (folder / "out" / trained / "versions" / "v1" / "previews" / f"{trained}-v1-r001").iterdir():
        path.unlink()
    go_to(compare, "Pictures")
    go_to(compare, "Compare")
    button = compare.locator(".tt-cmp-missing button")
    expect(button).to_have_text("Make the missing 1")
    expect(compare.locator(".tt-cmp-none")).to_be_visible()
    button.click()
    until(lambda: not ask("jobs")["busy"])
    expect(compare.locator(".tt-cmp-missing")).to_be_hidden()
    until(lambda: shown(compare) == [[1, f"{trained}-v1-r001"]])


def test_a_second_window_shows_what_is_there_while_pictures_are_made_and_then_the_rest(
    trained, page, window, address, folder, ask, monkeypatch
):
    previews = folder / "out" / trained / "versions" / "v1" / "previews"
    stems = [f"{trained}-v1-r001{step}" for step in ("-step00000008", "-step00000016", "")]
    for stem in stems[1:]:
        for path in (previews / stem).iterdir():
            path.unlink()
    may_draw, draw, said = Semaphore(0), FakeHost.render, []

    def slowly(host, model, requests):
        for one in draw(host, model, requests):
            may_draw.acquire(timeout=60)
            yield one

    monkeypatch.setattr(FakeHost, "render", slowly)
    second = window()
    second.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    second.goto(address)
    until_loaded(second)
    show_project(second, trained)
    go_to(page, "Compare")
    page.locator(".tt-cmp-missing button").click()
    until(lambda: ask("jobs")["busy"])
    go_to(second, "Compare")
    there = second.locator(".tt-shot:not([data-none])")
    for made in (1, 2):
        expect(there).to_have_count(made)
        second.locator(".tt-shot").first.click()
        until(lambda: shown(second) == [[1, stems[0]]])
        may_draw.release()
    expect(there).to_have_count(3)
    second.locator(".tt-shot").last.click()
    until(lambda: shown(second) == [[1, stems[2]]])
    until(lambda: not ask("jobs")["busy"])
    for one in (page, second):
        expect(one.locator(".tt-cmp-missing")).to_be_hidden()
        expect(one.locator(".tt-shot:not([data-none])")).to_have_count(3)
    assert said == []


def test_a_version_without_pictures_says_what_to_do_next(train, ask, page):
    project = train(max_train_steps="2", preview_after_training=False)
    until(lambda: not ask("jobs")["busy"])
    page.reload()
    page.select_option("#train_tools_project", project)
    go_to(page, "Compare")
    empty = page.locator(".tt-cmp-empty")
    expect(empty).to_contain_text("No pictures to compare yet")
    empty.locator("button").click()
    expect(page.locator(".tt-shot img")).to_have_count(1)


def test_a_mix_of_both_sides_is_saved_and_shown_with_what_it_lacks(compare, trained, folder):
    mix = compare.locator(".tt-cmp-mix")
    compare.keyboard.press("w")
    expect(mix).to_be_hidden()  # of the base model there is none
    compare.keyboard.press("a")
    compare.keyboard.press("Home")
    compare.keyboard.press("b")
    compare.keyboard.press("End")
    expect(mix).to_be_visible()
    mix.locator("[type=range]").fill("0.25")
    expect(mix.locator("output")).to_have_text("25 %")
    mix.locator("button").click()
    file = folder / "out" / trained / "versions" / "v1" / "checkpoints" / f"{trained}-v1-mix1.safetensors"
    expect(compare.locator(".tt-cmp-name b")).to_have_text(file.name)
    expect(compare.locator(".tt-cmp-missing button")).to_have_text("Make the missing 1")
    weights = [one["weight"] for one in json.loads(read_metadata(file)["train_tools_recipe"])["files"]]
    assert sorted(weights) == [0.25, 0.75]


def test_the_weight_of_the_first_picture_is_not_kept_when_others_come(trained, page):
    def only_base(route):
        answer = route.fetch()
        found = answer.json()
        columns = [{**one, "rows": []} for one in found["columns"]]
        route.fulfill(response=answer, json={**found, "columns": columns, "variants": []})

    page.route("**/v1/projects/*/versions/*/comparison", only_base)
    go_to(page, "Compare")
    until(lambda: [one for _, one in shown(page)] == ["base"])
    page.unroute("**/v1/projects/*/versions/*/comparison")
    go_to(page, "Pictures")
    go_to(page, "Compare")
    until(lambda: shown(page) == [[1, f"{trained}-v1-r001"]])


def test_a_version_in_training_says_that_its_first_checkpoint_comes(training, page, ask):
    go_to(page, "Compare")
    comes = "Training goes on: the first checkpoint appears here as soon as it is saved."
    expect(page.locator(".tt-cmp-empty p")).to_have_text(comes)
    expect(page.locator(".tt-rows .tt-empty")).to_have_text(comes)
    ask("jobs/stop", {})
    until(lambda: not ask("jobs")["busy"])
    expect(page.locator(".tt-rows .tt-empty")).to_contain_text("No checkpoints yet")


def test_the_page_says_how_to_choose_and_its_curve_has_scales(compare):
    how = compare.locator(".tt-cmp-how")
    expect(how).to_contain_text("the earliest checkpoint that shows your subject")
    expect(how.get_by_role("button", name="Measure checkpoints")).to_be_visible()
    expect(compare.locator(".tt-cmp-axis span")).to_have_text(["step 1", "Loss of r001, smoothed", "step 24"])
    high, low = (float(words) for words in compare.locator(".tt-cmp-scale span").all_inner_texts())
    assert high > low


def test_figures_are_asked_for_where_pictures_are_compared_and_say_which_to_take(compare, trained, ask):
    compare.locator('[data-cmp="measure"]').click()
    until(lambda: ask(f"projects/{trained}/versions/v1/figures")["state"] == "done")
    judge = compare.locator(".tt-judge")
    expect(judge.locator(".tt-suggestion")).to_be_visible()
    expect(compare.locator(".tt-cmp-how button")).to_be_hidden()


def test_a_checkpoint_that_is_deleted_elsewhere_leaves_the_page(compare, trained, folder):
    (folder / "out" / trained / "versions" / "v1" / "checkpoints" / f"{trained}-v1-r001.safetensors").unlink()
    expect(compare.locator(".tt-shot img")).to_have_count(2)
    expect(compare.locator(".tt-row")).to_have_count(2)
    expect(compare.locator(".tt-cmp-name b")).to_contain_text("step 16")


def test_a_slow_answer_is_not_told_as_no_checkpoints(trained, page):
    page.evaluate(
        "() => { const asked = window.fetch; window.fetch = async (...given) => { if (String(given[0]).includes("
        "'comparison')) await new Promise((go) => window.goOn = go); return asked(...given); }; }"
    )
    go_to(page, "Compare")
    page.wait_for_function("() => Boolean(window.goOn)")
    page.wait_for_timeout(200)
    expect(page.locator(".tt-cmp-empty")).to_be_hidden()
    page.evaluate("window.goOn()")
    expect(page.locator(".tt-shot img")).to_have_count(3)
