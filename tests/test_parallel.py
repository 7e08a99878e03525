import threading

import pytest

from lib_train.parallel import worked


def test_work_is_done_on_each_thing_once_whatever_the_number_of_threads():
    for threads in (None, 1, 3, 50):
        assert sorted(worked(lambda number: number * number, range(20), threads)) == [(n, n * n) for n in range(20)]
    assert list(worked(abs, [])) == []


def test_an_error_of_the_work_is_raised_and_ends_it():
    begun = []

    def work(number):
        begun.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        list(worked(work, range(1000), 1))
    assert len(begun) < 1000


def test_closing_leaves_what_has_not_begun_and_no_thread():
    before, done = threading.active_count(), []

    def work(number):
        done.append(number)
        threading.Event().wait(0.02)

    going = worked(work, range(1000), 2)
    next(going)
    going.close()
    assert len(done) < 1000
    assert threading.active_count() == before


def test_threads_end_with_the_process():
    seen = []
    list(worked(lambda _: seen.append(threading.current_thread().daemon), range(3)))
    assert seen == [True] * 3
