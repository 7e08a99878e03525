import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.catalog_file import NAME
from tests.pictures.catalogs import ids, measured, opened, settings_of, size_of

ROOT = Path(__file__).parents[2]


def _garbage(file):
    file.write_bytes(b"this is no database" * 100)


def _cut(file):
    file.write_bytes(file.read_bytes()[:5000])


def _scrambled(file):
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)


def _older(file):
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE captions")
        connection.execute("PRAGMA user_version = 77")
    connection.close()


def _other_tables(file):
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE pictures")
        connection.execute("CREATE TABLE pictures (path BLOB PRIMARY KEY, wrong TEXT)")
    connection.close()


def _no_tables(file):
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE pictures")
    connection.close()


def _wrong_values(file):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE pictures SET mark = 'x', content = 7, sharpness = 'y'")
    connection.close()


def _emptied(file):
    file.write_bytes(b"")


def _foreign_journal(file):
    file.with_name(f"{NAME}-journal").write_bytes(os.urandom(3000))


BREAKS = (
    _garbage, _cut, _scrambled, _older, _other_tables, _no_tables, _wrong_values, _emptied, _foreign_journal,
    Path.unlink,
)  # fmt: skip
BROKEN = {one.__name__.strip("_"): one for one in BREAKS}


@pytest.mark.parametrize("broken", BROKEN)
def test_catalog_is_made_anew_without_a_word_when_its_file_is_broken(base, broken, nothing_read):
    before = measured(base)
    BROKEN[broken](base / "cache" / NAME)
    assert opened(base).measure(settings_of(base)).entries == before.entries
    nothing_read()
    assert opened(base).measure(settings_of(base)).entries == before.entries


def test_catalog_works_in_memory_where_nothing_can_be_written(base, inner):
    (base / "cache").write_text("in the way")
    catalog = opened(base)
    stock = catalog.measure(settings_of(base))
    assert stock.measured == 3
    assert size_of(catalog.thumbnail(settings_of(base), stock.parts[2], 128)) == (128, 43)
    assert (base / "cache").read_text() == "in the way"


def test_catalog_writes_nothing_where_its_version_was_moved_away(base, tmp_path, pictures):
    settings = DatasetConfig(train_data_dir=(str(pictures),))
    base.rename(tmp_path / "elsewhere")
    assert opened(base).measure(settings).measured == 3
    assert not base.exists()


def test_file_that_another_process_holds_is_done_without(base, inner, monkeypatch):
    monkeypatch.setattr("lib_train.pictures.catalog_file._BUSY_SECONDS", 0.05)
    before = measured(base)
    holder = sqlite3.connect(base / "cache" / NAME, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert opened(base).measure(settings_of(base)).entries == before.entries
    finally:
        holder.close()
    assert opened(base).stock(settings_of(base)).measured == 3  # it was not taken for broken


def test_several_windows_fill_one_catalog_at_once(base, inner):
    for number in range(40):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(inner / f"x{number}.png")
    stocks = []
    threads = [threading.Thread(target=lambda: stocks.append(measured(base))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stocks) == 4
    assert all(stock.entries == stocks[0].entries and stock.measured == 43 for stock in stocks)
    with sqlite3.connect(base / "cache" / NAME) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT id), min(whole) FROM pictures").fetchone() == (
            43, 43, 1
        )  # fmt: skip
    connection.close()


def test_names_of_no_unicode_are_kept(base, inner, nothing_read):
    name = os.fsdecode(b"\xff\xfe.png")
    try:
        shutil.copy(inner / "0.png", inner / name)
    except OSError:
        pytest.skip("this file system takes no such name")
    assert measured(base).measured == 4
    nothing_read()
    assert name in ids(opened(base).measure(settings_of(base)))


KILLED = """
import os, signal, sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("PRAGMA cache_size = 1")  # so that it writes before it commits
file.execute("BEGIN IMMEDIATE")
file.execute("UPDATE pictures SET content = hex(randomblob(20000)), id = id + 1")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_catalog_is_as_before_when_a_process_was_killed_while_it_wrote(base, nothing_read):
    before, file = measured(base), base / "cache" / NAME
    ended = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert file.with_name(f"{NAME}-journal").exists()
    nothing_read()
    assert opened(base).measure(settings_of(base)).entries == before.entries


FILLS = """
import sys
from pathlib import Path
from tests.pictures.catalogs import measured
print([(one.id, one.content) for one in measured(Path(sys.argv[1])).entries])
"""


def test_two_processes_fill_one_catalog_at_once(base, inner, nothing_read):
    for number in range(60):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(inner / f"x{number}.png")
    command = [sys.executable, "-c", FILLS, str(base)]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    answers = [other.communicate(timeout=60)[0] for other in others]
    nothing_read()
    known = [(one.id, one.content) for one in opened(base).measure(settings_of(base)).entries]
    assert answers == [f"{known}\n"] * 2
