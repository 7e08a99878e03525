import errno
import io
import subprocess
import sys

import pytest

from lib_train import cli
from lib_train.cli import inspect
from lib_train.cli.console import Stream, print_line, streams

HELP = [sys.executable, "-m", "lib_train", "inspect", "--help"]


class Broken(io.StringIO):
    """A stream that nothing can be written to."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), False), (OSError(errno.EINVAL, "Invalid argument"), False),
        (ValueError("I/O operation on closed file"), False), (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EIO, "Input/output error"), True),
    ],
)  # fmt: skip
def test_stream_goes_on_and_knows_what_was_lost(error, lost):
    stream = Stream(Broken(error))
    assert stream.write("a") == 1
    stream.flush()
    assert stream.lost is (error if lost else None)


def test_streams_are_given_back_after_an_error(monkeypatch):
    before = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", before[0])
    monkeypatch.setattr(sys, "stderr", before[1])
    with pytest.raises(ZeroDivisionError), streams():
        print_line("said")
        raise ZeroDivisionError
    assert (sys.stdout, sys.stderr) == before
    assert before[0].getvalue() == "said\n"


def test_streams_that_are_missing_are_nowhere(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with streams():
        print_line("nobody hears it")
    assert sys.stdout is None


def test_full_disk_behind_standard_output_is_told_and_ends_with_two(monkeypatch, capsys):
    monkeypatch.setattr(inspect, "run", lambda options: print_line("x") or 0)
    monkeypatch.setattr(sys, "stdout", Broken(OSError(errno.ENOSPC, "No space left on device")))
    assert cli.main(["inspect", "x"]) == 2
    assert capsys.readouterr().err == (
        "standard output: cannot be written to (No space left on device); what it said is lost\n"
    )


def test_reader_that_leaves_does_not_end_the_work(monkeypatch, capsys):
    done = []

    def work(options):
        print_line("x")
        done.append(1)
        return 0

    monkeypatch.setattr(inspect, "run", work)
    monkeypatch.setattr(sys, "stdout", Broken(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    assert cli.main(["inspect", "x"]) == 0
    assert done == [1]
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the shell's redirections are those of Unix")
@pytest.mark.parametrize(
    ("redirection", "code", "told"),
    [(">&-", 0, ""), (">/dev/full", 2, "No space left on device"), ("2>&- >&-", 0, ""), ("| true", 0, "")],
    ids=["closed", "full", "both closed", "reader that left"],
)
def test_process_whose_output_goes_nowhere_ends_in_peace(redirection, code, told):
    line = " ".join(f"'{word}'" for word in HELP)
    shell = ["bash", "-c", f"set -o pipefail; {line} {redirection}"]
    ended = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_fault_of_ours_is_a_sentence_and_its_details_lie_in_a_file(monkeypatch, capsys, tmp_path):
    def fail(options):
        raise KeyError("unet")

    monkeypatch.setattr(inspect, "run", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cli.main(["inspect", "x"]) == 1
    errors = capsys.readouterr().err
    (log,) = tmp_path.iterdir()
    assert errors == f"KeyError('unet')\nThis is a fault of Train Tools, not of yours; please report it with {log}\n"
    assert "in fail" in log.read_text()


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (MemoryError(), 2, "there is not enough memory; close other programs, or choose smaller settings\n"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 9), 2,
         "xxxxxxxxx: cannot be used (File name too long); choose another, or check permissions\n"),
    ],
)  # fmt: skip
def test_end_of_each_kind_has_its_code(monkeypatch, capsys, error, code, told):
    def fail(options):
        raise error

    monkeypatch.setattr(inspect, "run", fail)
    assert cli.main(["inspect", "x"]) == code
    assert capsys.readouterr().err == told
