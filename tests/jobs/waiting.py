"""A queue with jobs that end when they are told to, for tests."""

import threading
import time

from lib_train.jobs.queue import Job, Queue, Task
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from tests.moves import until

NOON = time.mktime((2026, 3, 4, 12, 0, 0, 0, 0, -1))


class Work:
    """Jobs that end when they are told to, in a queue of their own."""

    def __init__(self, root):
        self.wishes, self.status = Wishes(), Status()
        self.begun, self.refusal, self.ends, self.again = [], None, {}, []
        self.now, self.idle = NOON, None
        self.queue = Queue(root, self.status, self.wishes, lambda: self.idle, lambda: self.now)
        self.queue.kinds |= {"train": self.task, "tag": self.task}

    def job(self, name):
        return Job(kind="train", project="p", version=name, steps=7)

    def end_of(self, name):
        return self.ends.setdefault(name, (threading.Event(), []))

    def task(self, job):
        name = job.version

        def do():
            self.begun.append(name)
            self.again.append(job.again)
            end, faults = self.end_of(name)
            assert end.wait(100)
            if faults:
                raise faults.pop()
            return f"{name} is done"

        def ready():
            if self.refusal:
                raise self.refusal

        return Task(do=do, ready=ready)

    def end(self, name, *faults):
        self.end_of(name)[1].extend(faults)
        self.end_of(name)[0].set()

    def waiting(self):
        return [job["version"] for job in self.queue.snapshot()["waiting"]]

    def held(self):
        return self.queue.snapshot()["held"]

    def number(self, name):
        return next(job["number"] for job in self.queue.snapshot()["waiting"] if job["version"] == name)

    def close(self):
        for name in "abcdefgh":
            self.end(name)
        until(lambda: not self.queue.busy)


def begun_last(work, name):
    return work.begun[-1:] == [name]


def waiting_are(work, names):
    return work.waiting() == names
