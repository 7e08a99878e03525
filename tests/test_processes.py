import os
import subprocess
import sys

import pytest

from lib_train.processes import lives, machine, started


def test_own_process_lives_under_its_own_start_alone():
    start = started(os.getpid())
    assert lives(os.getpid())
    assert lives(os.getpid(), start)
    if start:
        assert not lives(os.getpid(), start + 1)  # another process had the number before


@pytest.mark.parametrize("pid", [2**22 + 1, 2**31, 2**63])
def test_number_that_no_process_has_lives_not(pid):
    assert not lives(pid)


def test_process_that_was_killed_lives_no_more_even_before_its_parent_asks_for_it():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert lives(process.pid)
    process.kill()
    if sys.platform.startswith("linux"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now
        assert not lives(process.pid)
    process.communicate()
    assert not lives(process.pid)


def test_machine_has_one_name_that_is_fit_for_file_names():
    assert machine() == machine()
    assert len(bytes.fromhex(machine())) == 4
