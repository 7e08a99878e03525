from lib_train.store import followed
from lib_train.store.followed import Followed, event_in


class Lines(list):
    def take(self, lines):
        self.extend(lines.splitlines(keepends=True))


def test_each_line_is_taken_once_as_a_log_grows(tmp_path):
    log, readers = tmp_path / "log", Followed(Lines)
    log.write_text("1\n2\n")
    with readers.of(log) as first:
        assert first == [b"1\n", b"2\n"]
    with log.open("a") as file:
        file.write('{"a": 1}\n{"b')
    with readers.of(log) as again:
        assert again is first
        assert again[2:] == [b'{"a": 1}\n'], "a line that is being written waits"


def test_lines_longer_than_a_block_are_taken_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(followed, "_BLOCK", 4)
    log = tmp_path / "log"
    wanted = [b"0123456789\n", b"\n", b"12\n", b"123\n", b"1234\n", b'{"whole": "without a line break"}']
    log.write_bytes(b"".join(wanted))
    with Followed(Lines).of(log) as lines:
        assert lines == wanted


def test_log_that_became_shorter_or_another_file_is_read_anew(tmp_path):
    log, other, readers = tmp_path / "log", tmp_path / "other", Followed(Lines)
    for text in ("1\n2\n", "3\n"):
        log.write_text(text)
        with readers.of(log) as lines:
            assert b"".join(lines).decode() == text  # type: ignore[arg-type]
    other.write_text("4\n5\n6\n")
    other.replace(log)
    with readers.of(log) as lines:
        assert lines == [b"4\n", b"5\n", b"6\n"]
    log.unlink()
    with readers.of(log) as lines:
        assert lines is None


def test_remembered_logs_are_few(tmp_path, monkeypatch):
    monkeypatch.setattr(followed, "_LOGS", 3)
    readers = Followed(Lines)
    for number in range(5):
        (tmp_path / str(number)).write_text("1\n")
        with readers.of(tmp_path / str(number)):
            pass
    assert list(readers._known) == [tmp_path / "2", tmp_path / "3", tmp_path / "4"]


def test_torn_and_foreign_lines_hold_no_event():
    assert event_in(b'{"event": "StepDone"}\n') == {"event": "StepDone"}
    assert [event_in(line) for line in (b'{"event"', b"[]", b"7", b"[" * 100_000, b"\xff")] == [None] * 5
