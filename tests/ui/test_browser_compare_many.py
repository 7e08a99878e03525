"""The page Compare with 200 checkpoints and 13 prompts: few elements, and frames that come while somebody drags."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lib_train.picture_request import PictureRequest
from lib_train.previews.grid import save_png
from lib_train.previews.told import KEY, text_to_tell
from tests.browsing import HAS_CHROMIUM, go_to, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
CHECKPOINTS, FEW, PROMPTS, FRAMES = 200, 10, 13, 200
DRAG = """async (frames) => {
    const range = document.querySelector(".tt-cmp-slider input"), long = [], last = Number(range.max);
    const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)));
    watch.observe({entryTypes: ["longtask"]});
    for (let i = 0; i < frames; i++) {
        const at = (i * 0.3) % (2 * last);
        range.value = at > last ? 2 * last - at : at;
        range.dispatchEvent(new Event("input"));
        await new Promise((done) => requestAnimationFrame(done));
    }
    watch.disconnect();
    const count = (selector) => document.querySelectorAll(selector).length;
    return {long: long.length, all: count(".tt-cmp *"), images: count(".tt-cmp img")};
}"""
"""Drags the slider to and fro, a third of a checkpoint a frame; how often something took longer than 50 ms, and what is
on the page."""


def made(folder, project, checkpoints):
    """A project of small previews of 13 prompts."""
    there = folder / "out" / project / "versions" / "v1"
    (there / "checkpoints").mkdir(parents=True)
    base = PictureRequest(prompt="", width=64, height=64)
    pictures = [Image.new("RGB", (64, 64), (19 * prompt, 90, 120)) for prompt in range(PROMPTS)]
    for number in range(checkpoints):
        stem = f"{project}-v1-r001-{number + 1:06d}"
        file, previews = there / "checkpoints" / f"{stem}.safetensors", there / "previews" / stem
        file.write_bytes(b"x")
        os.utime(file, (number + 1, number + 1))
        previews.mkdir(parents=True)
        for prompt, picture in enumerate(pictures):
            request = replace(base, prompt=f"prompt {prompt}", network=Path(file.name))
            save_png(picture, {KEY: text_to_tell(request, "sd15", stem)}, previews / f"{stem}-p{prompt}.png")
    return project


@pytest.fixture(scope="module")
def many(folder):
    return made(folder, "compared", CHECKPOINTS)


@pytest.fixture(scope="module")
def few(folder):
    return made(folder, "few", FEW)


def test_answer_is_small_and_quick_once_the_pictures_are_known(many, ask):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = ask(f"projects/{many}/versions/v1/comparison")
        times.append(time.perf_counter() - start)
    assert (len(found["checkpoints"]), len(found["columns"])) == (CHECKPOINTS, PROMPTS)
    count = sum(number >= 0 for column in found["columns"] for number in column["rows"][0]["cells"])
    assert count == CHECKPOINTS * PROMPTS
    assert len(found["pictures"]) == 2 * count
    assert len(found["ends"]) == PROMPTS
    assert min(times[1:]) < times[0] / 2  # nothing is read again


def dragged(page, project):
    """What a drag costs on a project, once what it shows is known: also seconds of the page's thread, and layouts."""
    page.select_option("#train_tools_project", project)
    go_to(page, "Compare")
    expect(page.locator(".tt-cmp-name")).to_contain_text(f"{project}-v1-r001-")
    until(lambda: page.evaluate("document.querySelector('.tt-shot img')?.complete"))
    page.evaluate(DRAG, FRAMES)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    found = page.evaluate(DRAG, FRAMES)
    after = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    costs = {name: after[name] - before[name] for name in ("TaskDuration", "LayoutCount")}
    return {**found, **costs}


def test_dragging_costs_about_the_same_for_200_checkpoints_as_for_10(many, few, page):
    small, large = dragged(page, few), dragged(page, many)
    assert large["TaskDuration"] < 4 * small["TaskDuration"], (small, large)
    assert large["long"] <= small["long"] + 0.15 * FRAMES, (small, large)
    assert large["LayoutCount"] <= 2 * FRAMES, large  # none is forced within a frame
    assert large["images"] < 400  # of 2600
    assert large["all"] < 2500
