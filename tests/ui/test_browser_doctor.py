"""What is wrong with pictures, shown above them: a click shows them, a button helps, and all of it is taken back."""

import shutil

import pytest

from tests.browsing import HAS_CHROMIUM, push, sync, until

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), HAS_CHROMIUM]
expect = sync.expect


def anew(page):
    page.evaluate("() => window.trainTools.plan()")


def finding(page, code):
    return page.locator(f'.tt-found li:has([data-find="problem:{code}"])')


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def wrong(captioned, page):
    """The same three pictures, with one that is no picture and one that is there twice."""
    (captioned / "broken.png").write_bytes(b"no picture")
    for ending in (".png", ".txt"):
        shutil.copy(captioned / f"mochi_00{ending}", captioned / f"twin{ending}")
    anew(page)
    expect(finding(page, "unreadable")).to_be_visible()
    return captioned


def test_finding_shows_its_pictures_by_a_click_and_all_of_them_by_another(wrong, page):
    line = finding(page, "unreadable").locator(".tt-show")
    expect(line).to_have_text("pictures that cannot be used: 1, such as broken.png")
    push(line)
    expect(line).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#train_tools_filter")).to_have_value("problem:unreadable")
    expect(page.locator(".tt-tile")).to_have_count(1)
    expect(line).to_be_focused()
    line.click()
    expect(page.locator(".tt-tile")).to_have_count(5)
    expect(line).to_have_attribute("aria-pressed", "false")


def test_remedy_takes_out_all_but_one_of_the_same_and_is_taken_back(wrong, page):
    before, done = names(wrong), page.locator(".tt-findings .tt-done")
    finding(page, "duplicate").locator("[data-remedy]").click()
    expect(done).to_contain_text("took out pictures: 1")
    expect(done.locator("button")).to_be_focused()  # its own button is gone
    expect(finding(page, "duplicate")).to_have_count(0)
    assert len(before) - len(names(wrong)) == 2  # with its caption
    push(done.locator("button"))
    expect(done).to_have_text("Taken back: took out pictures: 1Redo")
    expect(done.locator("button")).to_be_focused()
    expect(finding(page, "duplicate")).to_be_visible()
    assert names(wrong) == before


def test_remedy_mends_captions(wrong, page):
    (wrong / "mochi_01.txt").write_text("mochi, smile, mochi")
    anew(page)
    for _ in page.locator(".tt-found [data-all=true]").all():
        page.click(".tt-found [data-all=true]")
    finding(page, "tag_twice").locator("[data-remedy=dedupe]").click()
    expect(finding(page, "tag_twice")).to_have_count(0)
    assert (wrong / "mochi_01.txt").read_text().rstrip() == "mochi, smile"


def test_findings_follow_what_other_programs_do_with_the_files(wrong, page):
    (wrong / "broken.png").unlink()
    anew(page)
    expect(finding(page, "unreadable")).to_have_count(0)


@pytest.mark.usefixtures("captioned")
def test_findings_fold_to_one_line_and_stay_folded(captioned, page):
    expect(page.locator(".tt-found li")).not_to_have_count(0)
    push(page.locator(".tt-findings summary"))
    expect(page.locator(".tt-found")).to_be_hidden()
    (captioned / "broken.png").write_bytes(b"no picture")
    anew(page)
    expect(page.locator(".tt-sum")).to_contain_text("1 error")
    expect(page.locator(".tt-found")).to_be_hidden()


def test_nothing_that_is_wrong_is_one_line(captioned, page, ask):
    project = captioned.parents[4].name
    for picture in captioned.glob("*.png"):
        if picture.name != "mochi_01.png":
            picture.unlink()
    until(lambda: ask(f"projects/{project}/versions/v1/doctor")["files"] == 1)
    page.route("**/doctor", lambda route: route.fulfill(json={"files": 1, "measured": 1, "findings": []}))
    anew(page)
    expect(page.locator(".tt-well")).to_have_text("✓ Nothing is wrong with these pictures: 1")
    expect(page.locator(".tt-findings details")).to_be_hidden()


def test_what_is_said_of_an_edit_follows_when_it_is_taken_back_or_done_again_elsewhere(wrong, page):
    done = page.locator(".tt-findings .tt-done")
    finding(page, "duplicate").locator("[data-remedy]").click()
    expect(done).to_contain_text("took out pictures: 1")
    page.click("#train_tools_undo_edit")
    expect(done).to_have_text("Taken back: took out pictures: 1Redo")
    expect(finding(page, "duplicate")).to_be_visible()
    page.click("#train_tools_redo_edit")
    expect(done).to_have_text("Done again: took out pictures: 1Undo")
    expect(finding(page, "duplicate")).to_have_count(0)


def test_plan_names_the_worst_though_it_was_made_before_it_was_found(wrong, page):
    answers = []

    def without_the_worst_at_first(route):
        answer = route.fetch()
        answers.append(answer.json())
        route.fulfill(response=answer, json={**answers[0], "doctor": None}) if len(answers) == 1 else route.continue_()

    page.route("**/plan", without_the_worst_at_first)
    (wrong / "again.png").write_bytes(b"no picture either")
    anew(page)
    expect(page.locator(".tt-worst")).to_contain_text("pictures that cannot be used: 2")
    expect(page.locator(".tt-worst")).to_contain_text("more findings")
    assert len(answers) == 2
