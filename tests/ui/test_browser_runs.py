"""A run as it goes on and what came of it: queue, samples, pauses, its curve, its pictures."""

import re

import pytest

from lib_train.smoothing import Smoothed
from tests.browsing import HAS_CHROMIUM, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


@pytest.mark.usefixtures("trained")
def test_large_view_goes_through_checkpoints_and_weights_by_keys(page):
    expect(page.locator(".tt-outcome")).to_contain_text("Finished: 3 checkpoints")
    expect(page.locator(".tt-strip img")).to_have_count(2 * 3)
    expect(page.locator(".tt-curve")).to_be_visible()  # from the run's log
    expect(page.locator('.tt-head [data-act="preview-all"]')).to_have_text("Preview all (4 pictures)")
    page.locator(".tt-row").last.locator(".tt-strip a").first.press("Enter")
    says = page.locator(".tt-large .tt-fine")
    expect(says).to_contain_text("step 8   weight 0")
    for key, step, weight in (
        ("ArrowDown", 8, 1), ("ArrowDown", 8, 1), ("ArrowRight", 16, 1), ("ArrowUp", 16, 0), ("ArrowLeft", 8, 0),
        ("ArrowLeft", 8, 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(says).to_contain_text(f"step {step}   weight {weight}")
    page.keyboard.press("Escape")
    expect(page.locator(".tt-large")).to_have_count(0)
    expect(page.locator(".tt-row", has_text="step00000008.safetensors").locator(".tt-strip a").first).to_be_focused()


def test_trainings_wait_for_their_turns_and_after_a_stop_until_they_are_told_to_go_on(training, page):
    bar, queue = page.locator(".tt-bar span"), page.locator(".tt-queue")
    rows, add = queue.locator("ol li"), page.locator('[data-act="add"]')
    expect(add).to_be_visible()
    for count in (1, 2):
        push(add)
        expect(rows).to_have_count(count)
    expect(rows.first).to_contain_text(f"{training} / v1")
    expect(rows.first).to_contain_text("20000 steps")
    push(rows.first.locator('[data-act="unqueue"]'))
    expect(rows).to_have_count(1)
    expect(rows.locator('[data-act="unqueue"]')).to_be_focused()
    page.reload()
    expect(rows).to_have_count(1)

    page.click('[data-act="stop"]')
    expect(queue).to_contain_text("The queue waits: the job before was stopped")
    expect(bar).to_contain_text("Stopped")
    push(page.locator('[data-act="go-on"]'))
    expect(bar).to_contain_text("Training")
    expect(rows).to_have_count(0)
    expect(queue).to_contain_text(f"{training} / v1: Stopped")


def test_a_sample_of_a_running_training_appears_among_the_checkpoints(training, page):
    sample = page.locator('[data-act="sample"]')
    expect(sample).to_have_attribute("aria-disabled", "false")
    push(sample)
    expect(page.locator(".tt-row")).to_have_count(1)
    expect(page.locator(".tt-row b")).to_have_text(re.compile(rf"^{training}-v1-r\d+-step\d{{8}}\.safetensors$"))
    expect(page.locator(".tt-strip img")).to_have_count(2)
    expect(page.locator(".tt-bar span")).to_contain_text("Training")
    expect(sample).to_have_text("Sample now")


def test_a_running_training_is_saved_now_and_told_to_stop_after_its_epoch(training, page, ask):
    push(page.locator('[data-act="save"]'))
    expect(page.locator(".tt-row b")).to_have_text(re.compile(rf"^{training}-v1-r\d+-step\d{{8}}\.safetensors$"))
    expect(page.locator(".tt-strip img")).to_have_count(0)
    last = page.locator('[data-act="last-epoch"]')
    with page.expect_response("**/jobs/last-epoch"):
        push(last)
    until(lambda: last.inner_text() == "Do not stop after this epoch" or not ask("jobs")["busy"])
    expect(page.locator(".tt-outcome")).to_contain_text("can be resumed")
    assert ask("jobs")["job"]["phase"] == "stopped"


@pytest.mark.usefixtures("training")
def test_a_run_is_paused_and_goes_on_by_keys(page):
    bar, outcome = page.locator(".tt-bar span"), page.locator(".tt-outcome")
    pause, again = page.locator('[data-act="pause"]'), page.locator('[data-act="continue"]')
    expect(pause).to_be_visible()
    push(pause)
    expect(bar).to_contain_text("Paused")
    expect(outcome).to_contain_text("Paused after step")
    expect(page.locator(".tt-figures")).not_to_contain_text("left")
    expect(again).to_be_focused()
    page.reload()
    expect(bar).to_contain_text("Paused")
    stood = int(re.findall(r"\d+", bar.inner_text())[0])
    push(again)
    expect(bar).to_contain_text("Training")
    expect(pause).to_be_focused()
    expect(outcome).to_be_hidden()
    expect(bar).to_have_text(re.compile(r"^Training \d+ / 20000$"))
    assert int(re.findall(r"\d+", bar.inner_text())[0]) >= stood


def test_a_run_without_prompts_says_why_it_cannot_be_sampled(page, train):
    train(preview_prompts="")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it looks at once
    page.click('[data-act="show-running"]')
    sample = page.locator('[data-act="sample"]')
    expect(sample).to_be_visible()
    expect(sample).to_contain_text("this run has no preview prompts")
    expect(sample).to_have_attribute("aria-disabled", "true")
    sample.press("Enter")  # it says why it is off
    page.click(".tt-error a")
    expect(page.locator("#tt-input-preview_prompts")).to_be_focused()


def smoothed(losses):
    smooth = Smoothed()
    return [smooth.add(loss) for loss in losses]


def test_chart_tells_step_and_numbers_at_the_pointer_and_by_keys(trained, page, ask):
    curve, says, legend = page.locator(".tt-curve"), page.locator(".tt-readout"), page.locator(".tt-line")
    expect(curve).to_be_visible()
    expect(says).to_be_hidden()
    expect(page.locator(".tt-row")).to_have_count(3)
    found = ask(f"projects/{trained}/versions/v1/runs/r001/series")["series"]
    losses, rates = [loss for _, loss in found["loss"]], found["lr unet"]
    means = smoothed(losses)
    expect(legend).to_have_text(
        [
            re.compile(f"^Loss +{losses[-1]:.4f}$"), re.compile(f"^Smoothed loss +{means[-1]:.4f}$"),
            re.compile("^U-Net rate "), re.compile("^Text encoder rate "),
        ]
    )  # fmt: skip
    width = page.locator(".u-over").bounding_box()["width"]
    for index, x in ((0, 2), (23, width - 2)):
        page.hover(".u-over", position={"x": x, "y": 60})
        numbers = f"Loss {losses[index]:.4f}, Smoothed loss {means[index]:.4f}, U-Net rate "
        expect(says).to_contain_text(f"step {index + 1}: {numbers}")
        expect(legend.nth(1)).to_contain_text(f"{means[index]:.4f}")
        shown = float(legend.nth(2).locator("b").inner_text())
        assert shown == pytest.approx(rates[index][1], rel=0.01)
    page.hover(".tt-base")
    expect(says).to_be_hidden()
    for key, step in (("ArrowLeft", 23), ("ArrowLeft", 22), ("Home", 1), ("ArrowRight", 2), ("End", 24)):
        curve.press(key)
        expect(says).to_contain_text(f"step {step}:")
    curve.press("Escape")
    expect(says).to_be_hidden()


@pytest.mark.usefixtures("trained")
def test_chart_is_zoomed_by_dragging_and_by_keys_and_goes_back(page):
    curve, back, says = page.locator(".tt-curve"), page.locator(".tt-zoom-out"), page.locator(".tt-readout")
    expect(curve).to_be_visible()
    expect(page.locator(".tt-row")).to_have_count(3)  # nothing moves it any more
    expect(back).to_be_hidden()

    def drag():
        box = page.locator(".u-over").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 50, steps=4)
        page.mouse.up()
        page.mouse.move(0, 0)
        expect(back).to_be_visible()

    for leave in (lambda: page.dblclick(".u-over"), lambda: curve.press("Escape"), lambda: push(back)):
        drag()
        curve.press("Home")
        expect(says).to_contain_text(re.compile(r"^step 10:"))
        curve.press("End")
        expect(says).to_contain_text(re.compile(r"^step 19:"))
        leave()
        expect(back).to_be_hidden()
    curve.press("Home")
    expect(says).to_contain_text("step 1:")
    curve.press("+")
    expect(back).to_be_visible()
    curve.press("End")
    expect(says).to_contain_text("step 12:")
    curve.press("-")
    expect(back).to_be_hidden()


@pytest.mark.usefixtures("trained")
def test_lines_of_the_chart_are_hidden_by_keys_and_stay_so(page):
    raw, says = page.locator(".tt-line", has_text="Loss").first, page.locator(".tt-readout")
    expect(raw).to_have_attribute("aria-pressed", "true")
    raw.press("Enter")
    expect(raw).to_have_attribute("aria-pressed", "false")
    expect(raw).to_be_focused()
    page.locator(".tt-curve").press("End")
    expect(says).to_contain_text("step 24: Smoothed loss ")
    page.reload()
    expect(raw).to_have_attribute("aria-pressed", "false")
    raw.press("Space")
    expect(raw).to_have_attribute("aria-pressed", "true")


def test_chart_of_a_running_training_grows_with_its_rates(training, page, ask):
    assert ask("now")["job"]["project"] == training
    curve, says = page.locator(".tt-curve"), page.locator(".tt-readout")
    expect(page.locator(".tt-line")).to_have_count(4)
    curve.press("End")
    expect(says).to_be_visible()
    stood = int(re.findall(r"\d+", says.inner_text())[0])
    until(lambda: ask("jobs")["job"]["step"] > stood + 20)
    expect(says).to_contain_text(f"step {stood}:")  # where the keys left it

    def newest():
        curve.press("End")
        return int(re.findall(r"\d+", says.inner_text())[0])

    until(lambda: newest() > stood + 15)
    curve.press("Home")
    curve.press("+")
    zoomed, later = newest(), ask("jobs")["job"]["step"] + 20  # the page asks twice a second, for ten steps each
    until(lambda: ask("jobs")["job"]["step"] > later)
    assert newest() == zoomed
    curve.press("Escape")
    until(lambda: newest() > zoomed)


def test_value_that_comes_after_its_step_was_told_is_drawn_too(training, page):
    expect(page.locator(".tt-line")).to_have_count(4)
    newest = []

    def late(route):
        answer = route.fetch()
        found = answer.json()
        if newest and newest[-1] > int(re.search(r"since=(\d+)", route.request.url)[1]):
            found["series"]["val_on"] = [[newest[-1], 0.5]]
        newest.extend(step for step, _ in found["series"].get("loss", [])[-1:])
        route.fulfill(response=answer, json=found)

    page.route(f"**/now?project={training}&*", late)
    expect(page.locator(".tt-line", has_text="Validation")).to_contain_text("0.5000")
    page.unroute_all(behavior="wait")


def test_series_that_nobody_knows_yet_are_drawn_under_their_names(trained, page):
    def more(route):
        answer = route.fetch()
        found = answer.json()
        found["series"] |= {"val_on": [[8, 0.2], [16, 0.15]], "grad_norm": [[step, 3.0] for step in range(1, 25)]}
        route.fulfill(response=answer, json=found)

    page.route(f"**/{trained}/versions/v1/runs/r001/series", more)
    page.reload()
    legend = page.locator(".tt-line")
    names = ("^Loss", "^Smoothed", "^Validation +0.1500$", "^U-Net", "^Text", "^grad norm +3$")
    expect(legend).to_have_text([re.compile(name) for name in names])
    page.locator(".tt-curve").press("Home")
    expect(legend.nth(2)).to_have_text(re.compile("^Validation *$"))
