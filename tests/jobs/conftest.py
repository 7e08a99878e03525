import pytest

from tests.jobs.waiting import Work


@pytest.fixture
def empty(tmp_path):
    made = Work(tmp_path)
    yield made
    made.close()


@pytest.fixture
def work(empty):
    """With "a" going on, and "b" and "c" behind it."""
    empty.queue.start(empty.job("a"))
    empty.queue.add(empty.job("b"))
    empty.queue.add(empty.job("c"))
    return empty
