"""The tab in one state after the other, in whatever language: for tests that look at everything it shows."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.browsing import MOCHI, as_text, field, sync, until, until_loaded
from tests.ui.compare_states import with_checkpoints_beside_each_other
from tests.ui.galleries import with_pictures_of_the_webui
from tests.ui.lora_files import with_tools_of_files
from tests.ui.queue_states import paused, with_options
from tests.ui.record_states import with_records
from tests.ui.travel_states import with_archives

expect = sync.expect
_FEW = {
    "resolution": "128", "enable_bucket": False, "network_dim": "2", "max_train_steps": "16", "preview_steps": "1",
    "save_every_n_steps": "8", "save_every_n_epochs": "", "preview_prompts": "mochi",
}  # fmt: skip
_WRITE = "(box, text) => { box.value = text; box.dispatchEvent(new Event('input')); }"  # wherever it is folded away
Ask = Callable[..., Any]


def walk(page: Any, address: str, ask: Ask, folder: Path, long: int) -> Iterator[str]:
    """Bring a page into each state, and give the state's name.

    Args:
        page: empty; its context's locale is its language.
        ask: asks the server, whose projects lie in ``folder``.
        long: steps of a run that goes on for as long as it is looked at.
    """
    finished, pictures = _projects(page.evaluate("navigator.language").lower(), ask, folder)
    yield from _without_projects(page, address)
    yield from _with_pictures(page, pictures, folder)
    yield from with_pictures_of_the_webui(page)
    yield from _with_sets(page)
    yield from _with_edits(page)
    yield from _with_tools_of_a_picture(page)
    yield from _with_settings(page)
    yield from _with_questions(page)
    yield from _with_checkpoints(page, finished)
    yield from with_archives(page)
    yield from with_tools_of_files(page)
    yield from _while_training(page, ask, finished, pictures, long)
    yield from _after_training(page, ask, finished, folder)


def _projects(language: str, ask: Ask, folder: Path) -> tuple[str, str]:
    """Names of a project with checkpoints, and of one with pictures of which two cannot be used as they are."""
    finished, pictures = (f"{what}-{language}-{len(ask('projects')['projects'])}" for what in ("run", "pictures"))
    _copy(folder, finished)
    train(ask, finished)
    place = _copy(folder, pictures)
    (place / "mochi_02.txt").unlink()
    (place / "broken.png").write_bytes(b"no picture")
    return finished, pictures


def _copy(folder: Path, project: str) -> Path:
    """The folder of a project's three pictures with their captions."""
    place = folder / "out" / project / "versions" / "v1" / "dataset" / "train" / "8_mochi"
    place.mkdir(parents=True)
    for path in MOCHI.glob("mochi_0[0-2].*"):
        shutil.copy(path, place)
    return place


def train(ask: Ask, project: str, **settings: Any) -> None:
    ask("jobs", {"kind": "train", "project": project, "version": "v1", "settings": {**_FEW, **settings}})
    until(lambda: not ask("jobs")["busy"])


def show(page: Any, project: str) -> None:
    page.select_option("#train_tools_project", project)
    page.wait_for_load_state("networkidle")


def look(page: Any) -> None:
    """Have the page ask at once what goes on."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def _without_projects(page: Any, address: str) -> Iterator[str]:
    page.route("**/v1/projects", lambda route: route.fulfill(json={"projects": [], "suggested": "lora"}))
    page.goto(address)
    until_loaded(page)
    yield "no project"
    page.unroute("**/v1/projects")
    page.reload()
    until_loaded(page)


def _with_pictures(page: Any, project: str, folder: Path) -> Iterator[str]:
    show(page, project)
    page.locator(".tt-pick").last.click()
    expect((drawer := page.locator(".tt-drawer")).locator(".tt-hints li")).not_to_have_count(0)
    page.locator("#train_tools_folders > summary").click()
    yield "a picture without a caption"
    drawer.locator(".tt-add").press_sequentially("l")
    expect(drawer.locator(".tt-offers li")).not_to_have_count(0)
    yield "tags that complete a caption"
    drawer.locator(".tt-add").fill("")
    caption = as_text(page)
    (next((folder / "out" / project).rglob("mochi_02.png")).with_suffix(".txt")).write_text("theirs")
    caption.fill("mine")
    caption.press("Control+Enter")
    expect(drawer.locator('[data-drawer="theirs"]')).to_be_visible()
    yield "a caption that two have written"
    drawer.locator('[data-drawer="theirs"]').click()
    page.set_input_files(".tt-drop input", [str(MOCHI / "mochi_00.png"), __file__])
    expect(page.locator(".tt-taken > span")).not_to_have_text("")
    page.wait_for_load_state("networkidle")
    yield "files that were sent"
    page.locator('[data-drawer="close"]').click()
    page.locator("#train_tools_folders > summary").click()


def _with_sets(page: Any) -> Iterator[str]:
    page.locator('[data-set="menu"]').first.click()
    expect(page.locator(".tt-set [role=menuitem]")).not_to_have_count(0)
    yield "the menu of a set"
    page.keyboard.press("Escape")
    page.click('[data-tool="regularise"]')
    page.fill("#tt-input-class_word", "cat")
    page.fill("#tt-input-class_prompt", "cat {a|a}")
    expect(page.locator(".tt-prompts li")).not_to_have_count(0)
    yield "regularisation pictures that would be made"
    page.keyboard.press("Escape")


def _with_edits(page: Any) -> Iterator[str]:
    expect(page.locator(".tt-found .tt-show")).not_to_have_count(0)
    page.click('[data-tool="edit-captions"]')
    page.select_option(".tt-step > label select", "replace")
    page.select_option(".tt-parts select", "text-regex")
    page.fill('[data-part="find"]', "(mochi)")
    page.fill('[data-part="to"]', r"\1 x")
    expect(page.locator(".tt-example")).not_to_have_count(0)
    yield "captions that are edited at once"
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator('[data-line="edit"] .tt-done button')).to_be_visible()
    page.locator('[data-line="edit"] .tt-done button').click()
    expect(page.locator('[data-line="edit"] [data-undone="true"]')).to_be_visible()
    yield "an edit of captions that was taken back"
    yield from _with_tags(page)
    page.click('[data-tool="bind"]')
    expect(page.locator(".tt-way li")).to_have_count(3)
    yield "a trigger word to bind to"
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator(".tt-common-one")).not_to_have_count(0)
    yield "tags that belong to a character"
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator(".tt-work .tt-primary")).to_be_enabled()
    yield "captions that are to be bound"
    page.keyboard.press("Escape")
    page.locator("[data-menu]").first.click()
    expect(page.locator("[role=menuitem]")).not_to_have_count(0)
    yield "the menu of a tag"
    page.keyboard.press("Escape")


def _with_tools_of_a_picture(page: Any) -> Iterator[str]:
    page.locator(".tt-pick").last.click()
    page.click('[data-retouch="crop"]')
    expect(page.locator(".tt-frame")).to_be_visible()
    yield "a picture that is cropped"
    page.keyboard.press("Escape")
    page.click('[data-retouch="mask"]')
    expect(page.locator(".tt-veil")).to_be_visible()
    yield "a mask that is painted"
    page.keyboard.press("Escape")
    page.locator('[data-drawer="close"]').click()
    page.click('[data-tool="change"]')
    page.locator(".tt-change-one").nth(1).click()
    expect(page.locator(".tt-would-change")).not_to_have_text("")
    yield "pictures that are changed"
    page.keyboard.press("Escape")


def _with_tags(page: Any) -> Iterator[str]:
    page.click('[data-tool="tag"]')
    page.select_option(".tt-how select", "append")
    page.click(".tt-fetch > summary")
    expect(page.locator(".tt-work .tt-primary")).to_be_enabled()
    yield "taggers to choose from"
    page.locator(".tt-work .tt-primary").click()
    expect(page.locator("[data-leave]")).not_to_have_count(0)
    page.locator("[data-leave]").first.click()
    page.click(".tt-otherwise > summary")
    expect(page.locator(".tt-work .tt-primary")).to_be_enabled()
    yield "tags that are proposed"
    page.keyboard.press("Escape")
    expect(page.locator('[data-tagging="proposed"]')).to_be_visible()
    yield "a proposal that waits"


def _with_settings(page: Any) -> Iterator[str]:
    page.locator("[role=tab]").nth(1).click()
    for fold in page.locator(".tt-form summary").all():
        if fold.is_visible():
            fold.click()
    for fold in page.locator(".tt-form details details summary").all():
        fold.click()
    field(page, "block_dims").fill(",".join("8" * 25))
    for name, wrong in (("network_dim", "8x"), ("max_grad_norm", "-1"), ("resolution", "12")):
        field(page, name).fill(wrong)
    expect(page.locator(".tt-wrongs li")).to_have_count(4)
    page.locator(".tt-plan summary").evaluate_all("(all) => all.forEach((one) => one.click())")
    yield "settings that cannot be used"
    page.click('[data-act="train"]')
    expect(page.locator(".tt-error")).to_be_visible()
    yield "a run that is refused"
    page.fill("#train_tools_search", "no such setting")
    expect(page.locator(".tt-none")).to_be_visible()
    yield "nothing found"
    page.fill("#train_tools_search", "")
    for name, right in (("network_dim", "8"), ("max_grad_norm", "1"), ("resolution", "128")):
        field(page, name).evaluate(_WRITE, right)
    expect(page.locator(".tt-wrongs li")).to_have_count(1)


def _with_questions(page: Any) -> Iterator[str]:
    dialog = page.locator(".tt-dialog")
    naming = "create-project", "rename-project", "create-version", "copy-version", "rename-version"
    for act in (*naming, "delete-project", "delete-version"):
        page.click(f'[data-act="{act}"]')
        yield f"the question of {act}"
        page.keyboard.press("Escape")
    for name in (page.locator("#train_tools_project").input_value(), "a/b"):
        page.click('[data-act="create-project"]')
        dialog.locator("input").fill(name)
        dialog.locator(".tt-primary").click()
        expect(dialog.locator("[role=alert]")).to_be_visible()
        yield f"the name {name!r} refused"
        page.keyboard.press("Escape")


def _with_checkpoints(page: Any, project: str) -> Iterator[str]:
    page.locator("[role=tab]").first.click()
    show(page, project)
    expect(page.locator(".tt-row")).to_have_count(2)
    expect(page.locator(".tt-curve")).to_be_visible()
    page.locator(".tt-curve").press("Home")
    yield "a run that is finished"
    page.locator(".tt-row").last.locator(".tt-strip a").first.press("Enter")
    expect(page.locator(".tt-large")).to_be_visible()
    yield "a large picture"
    page.keyboard.press("Escape")
    page.locator(".tt-row").first.locator('[data-act="install"]').click()
    expect(page.locator(".tt-row").first.locator('[data-act="install"]')).to_contain_text("✓")
    page.locator(".tt-row").first.locator('[data-act="delete"]').click()
    yield "the question of deleting a checkpoint"
    page.keyboard.press("Escape")
    yield from with_checkpoints_beside_each_other(page)
    yield from with_records(page)


def _while_training(page: Any, ask: Ask, project: str, other: str, long: int) -> Iterator[str]:
    settings = {**_FEW, "max_train_steps": str(long), "save_every_n_steps": ""}
    job = {"kind": "train", "project": project, "version": "v1", "settings": settings}
    ask("jobs", job)
    ask("jobs", {**job, "queue": True})
    until(lambda: (ask("jobs")["job"]["step"] or 0) >= 2)
    look(page)
    expect(page.locator('[data-act="pause"]')).to_be_visible()
    expect(page.locator(".tt-queue ol li")).to_have_count(1)
    yield "a training"
    yield from with_options(page, ask, look, {**job, "queue": True, "name": "another"})
    page.click('[data-act="pause"]')
    until(lambda: ask("jobs")["job"]["phase"] == "paused")
    look(page)
    expect(page.locator(".tt-outcome")).to_be_visible()
    yield "a training that is paused"
    show(page, other)
    look(page)
    expect(page.locator(".tt-other")).to_be_visible()
    yield "a training of another project"
    show(page, project)
    ask("jobs/stop", {})
    until(lambda: not ask("jobs")["busy"])
    look(page)
    expect(page.locator(".tt-held")).to_be_visible()
    yield "a training that was stopped"
    yield from paused(page, ask, look)


def _after_training(page: Any, ask: Ask, project: str, folder: Path) -> Iterator[str]:
    next((folder / "out" / project).rglob("mochi_00.txt")).write_text("another caption")
    page.click('[data-act="resume"]')
    expect(page.locator('[data-act="resume-changed"]')).to_be_visible()
    yield "a run whose pictures have changed"
    train(ask, project, learning_rate="1", network_alpha="65504", optimizer_type="SGD", max_grad_norm="0")  # diverges
    look(page)
    expect(page.locator(".tt-error")).to_be_visible()
    yield "a run that failed"
    page.route("**/v1/now?*", lambda route: route.abort())
    look(page)
    expect(page.locator(".tt-gone")).to_be_visible()
    yield "a server that is gone"
