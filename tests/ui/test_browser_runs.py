"""A run as it goes on and what came of it: queue, samples, pauses, its curve, its pictures."""

import re

import pytest

from tests.browsing import HAS_CHROMIUM, push, sync

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
    push(rows.first.locator("button"))
    expect(rows).to_have_count(1)
    expect(rows.locator("button")).to_be_focused()
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
    expect(page.locator("#train_tools_preview_prompts textarea")).to_be_focused()


def test_curve_tells_step_and_losses_at_the_pointer_and_by_keys(trained, page, ask):
    curve, says = page.locator(".tt-curve"), page.locator(".tt-readout")
    expect(curve).to_be_visible()
    expect(says).to_be_hidden()
    expect(page.locator(".tt-row")).to_have_count(3)
    found = ask(f"projects/{trained}/versions/v1/runs/r001/series")["series"]["loss"]
    means = [found[0][1]]
    for _, loss in found[1:]:
        means.append(0.95 * means[-1] + 0.05 * loss)
    width = curve.bounding_box()["width"]
    for index, x in ((0, 10), (23, width - 2)):
        curve.hover(position={"x": x, "y": 60})
        said = f"step {index + 1}   loss {means[index]:.4f} smoothed, {found[index][1]:.4f} this step"
        expect(says).to_have_text(said)
    page.hover(".tt-base")
    expect(says).to_be_hidden()
    for key, step in (("ArrowLeft", 23), ("ArrowLeft", 22), ("Home", 1), ("ArrowRight", 2), ("End", 24)):
        curve.press(key)
        expect(says).to_contain_text(f"step {step} ")
    curve.press("Escape")
    expect(says).to_be_hidden()
