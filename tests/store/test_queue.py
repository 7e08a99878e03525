import pytest

from lib_train.errors import ProjectError
from lib_train.store.queue import Ended, Job, Jobs


def queue(*names, running="", **more):
    """Jobs of these names that wait, numbered from 1; the one that goes on has the last number."""
    jobs = [Job(kind="train", name=name, number=number, key=name) for number, name in enumerate(names, 1)]
    now = Job(kind="train", name=running, number=len(jobs) + 1, key=running) if running else None
    return Jobs(waiting=tuple(jobs), running=now, next=len(jobs) + 2, **more)


def names_of(jobs):
    return "".join(job.name for job in jobs.waiting)


@pytest.mark.parametrize(
    ("number", "before", "order"),
    [(3, 1, "cabd"), (1, 3, "bacd"), (1, None, "bcda"), (4, 1, "dabc"), (2, 2, "abcd"), (2, 3, "abcd"), (1, 4, "bcad")],
)
def test_a_job_is_moved_before_another_one_or_behind_all(number, before, order):
    assert names_of(queue("a", "b", "c", "d").moved(number, before)) == order


@pytest.mark.parametrize(("number", "before"), [(9, 1), (1, 9), (9, None), ("1", None), (None, None), ([1], 2)])
def test_a_job_that_waits_no_more_is_not_moved_and_none_is_moved_before_it(number, before):
    with pytest.raises(ProjectError, match="waits no more"):
        queue("a", "b").moved(number, before)


def test_what_a_dead_process_left_behind_is_first_and_keeps_what_identifies_it():
    left = queue("a", "b", running="c").left_behind()
    assert (names_of(left), left.running) == ("cab", None)
    assert [(job.again, job.key) for job in left.waiting] == [(True, "c"), (False, "a"), (False, "b")]


def test_an_end_is_remembered_where_others_wait_or_have_ended_and_twenty_of_them():
    assert queue(running="a").over("finished", "done", 1.0).ended == ()
    jobs = queue("a", running="b").over("failed", "no", 1.0)
    assert [(one.job.name, one.phase, one.text) for one in jobs.ended] == [("b", "failed", "no")]
    for number in range(30):
        jobs = jobs.begun(Job(kind="tag", number=100 + number)).over("finished", str(number), 2.0)
    assert [one.text for one in jobs.ended] == [str(number) for number in range(10, 30)]


def test_failures_stay_when_the_next_job_begins_with_nothing_waiting_and_other_ends_go():
    ends = tuple(Ended(Job(kind="train", number=n), phase, "", 0.0)
                 for n, phase in enumerate(("finished", "failed", "stopped"), 1))  # fmt: skip
    assert [one.phase for one in Jobs(ended=ends).tidied().ended] == ["failed"]
    assert Jobs(ended=ends, waiting=(Job(kind="tag", number=9),)).tidied().ended == ends


def test_a_failed_job_waits_again_as_the_same_and_one_that_ended_well_as_another():
    ends = tuple(Ended(Job(kind="train", number=n, key=phase), phase, "", 0.0)
                 for n, phase in enumerate(("finished", "failed"), 1))  # fmt: skip
    jobs = Jobs(ended=ends, next=3).retried(2, "new").retried(1, "new")
    assert [(job.number, job.key, job.again) for job in jobs.waiting] == [(3, "failed", True), (4, "new", False)]
    assert jobs.ended == ()
    with pytest.raises(ProjectError, match="number = 2"):
        jobs.retried(2, "x")


def test_a_queue_is_held_only_while_something_waits():
    assert queue("a").hold("why").held == "why"
    assert queue().hold("why").held == ""
    assert queue("a", held="why").without(1).held == ""


def test_a_job_that_begins_takes_others_that_would_do_the_same_along():
    again = Job(kind="resume", number=7, key="b")
    assert names_of(queue("a", "b").begun(again)) == "a"


def test_an_end_can_be_removed_as_a_waiting_job_can():
    ends = (Ended(Job(kind="train", number=5), "failed", "", 0.0),)
    assert Jobs(ended=ends).without(5) == Jobs()
    with pytest.raises(ProjectError, match="number = 6"):
        Jobs(ended=ends).without(6)
