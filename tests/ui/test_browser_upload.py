"""Pictures as people bring them: files, the same again, others of the same name, folders."""

import base64
from threading import Event

import pytest
from PIL import Image

from lib_train.pictures.imports import _Taking
from tests.browsing import HAS_CHROMIUM, MOCHI, PATIENCE, make_project, push, sync

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect
DROP = """async ([tree, files]) => {
    const blobs = Object.fromEntries(files.map(([path, text]) => [path, 
        new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], path.split("/").pop())]));
    const entry = (path, inner) => inner === null ? {isFile: true, fullPath: path, file: (done) => done(blobs[path])}
        : {isFile: false, fullPath: path, createReader: () => {
            let left = Object.entries(inner).map(([name, deeper]) => entry(`${path}/${name}`, deeper));
            return {readEntries: (done) => { done(left.splice(0, 2)); }};
        }};
    const items = Object.entries(tree).map(([name, inner]) => ({webkitGetAsEntry: () => entry(`/${name}`, inner)}));
    const drop = new Event("drop", {bubbles: true, cancelable: true});
    drop.dataTransfer = {items, files: []};
    document.querySelector(".tt-drop").dispatchEvent(drop);
}"""


def test_files_and_folders_arrive_with_their_repeats_and_twice_is_no_harm(page, tmp_path, folder):
    make_project(page, "pics")
    said = page.locator(".tt-taken > span")
    files = sorted(str(path) for path in MOCHI.iterdir())[:4]
    for text in ("4 added", "4 were there already"):
        page.set_input_files(".tt-drop input[type=file]", files)
        expect(said).to_have_text(text)
    other = tmp_path / "mochi_00.png"
    Image.new("RGB", (64, 64), "red").save(other)
    page.set_input_files(".tt-drop input[type=file]", [str(other)])
    expect(said).to_have_text("1 added, 1 got a number: others had their names")
    expect(page.locator(".tt-tile")).to_have_count(3)

    png = base64.b64encode(other.read_bytes()).decode()
    tree = {"set": {"5_cat": {"a.png": None, "b.png": None, "a.txt": None, ".DS_Store": None}, "notes.md": None},
            "__MACOSX": {"x.png": None}}  # fmt: skip
    sent = [[f"/set/5_cat/{name}", png] for name in ("a.png", "b.png")] + [["/set/5_cat/a.txt", "Y2F0"]]
    page.evaluate(DROP, [tree, sent])
    expect(said).to_have_text("3 added, 3 left out: hidden, or neither picture nor caption")
    expect(page.locator(".tt-tile")).to_have_count(5)
    expect(page.locator(".tt-badge", has_text="×5")).to_have_count(2)
    train = folder / "out" / "pics" / "versions" / "v1" / "dataset" / "train"
    assert sorted(path.name for path in (train / "5_cat").iterdir()) == ["a.png", "a.txt", "b.png"]
    assert "mochi_00-2.png" in [path.name for path in (train / "10_subject").iterdir()]
    expect(page.locator(".tt-error")).to_be_hidden()


def test_what_came_in_stays_told_while_the_pictures_are_looked_at(page):
    make_project(page, "looked")
    page.set_input_files(".tt-drop input[type=file]", str(MOCHI / "mochi_00.png"))
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")

    def hardly_begun(route):
        answer = route.fetch()
        found = answer.json()
        found["counts"] |= {"measured": 1, "files": 200}
        route.fulfill(response=answer, json=found)

    page.route("**/v1/projects/looked/**/pictures?**", hardly_begun)
    page.fill("#train_tools_filter", "-hat")
    expect(page.locator('[data-line="measuring"]')).to_contain_text("Looking at the pictures")
    expect(page.locator(".tt-taken > span")).to_have_text("1 added")


def test_upload_that_is_cancelled_in_its_second_part_leaves_nothing_and_says_so(page, tmp_path, folder, monkeypatch):
    make_project(page, "cancelled")
    for number in range(60):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(tmp_path / f"{number:02}.png")
    taken, goes_on = [], Event()
    take = _Taking.take

    def takes_most(taking, *group):
        if len(taken) >= 50:
            goes_on.wait(PATIENCE)
        taken.append(group)
        take(taking, *group)

    monkeypatch.setattr(_Taking, "take", takes_most)
    page.set_input_files(".tt-drop input[type=file]", sorted(map(str, tmp_path.iterdir())))
    line, home = page.locator('[data-line="upload"]'), folder / "out" / "cancelled" / "versions" / "v1" / "dataset"
    expect(line.locator(".tt-far")).to_have_text("50 of 60")
    assert len(list(home.rglob("*.png"))) == 50
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        push(line.locator("button"))
    goes_on.set()
    expect(line).to_contain_text("Cancelled: nothing was added.")
    expect(line.locator("button")).to_have_count(1)  # nothing that could be undone
    assert [path for path in (home / "train").rglob("*") if path.is_file()] == []
    expect(page.locator(".tt-count")).to_contain_text("No pictures yet")
    expect(page.locator(".tt-error")).to_be_hidden()
