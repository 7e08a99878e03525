import io
import os
import zipfile

import pytest

from lib_train.errors import FileError
from lib_train.pictures import sources
from lib_train.pictures.sources import gathered, sent


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".png", content)
    out.seek(0)
    return out


def contents(*given):
    read = {}
    with gathered(given) as found:
        for one in found.sources:
            with one.open() as content:
                read[one.path] = content.read()
    return read, found.refused


def test_folder_is_walked_with_its_name_and_without_links_and_hidden_files(tmp_path):
    (tmp_path / "5_cat" / "deep").mkdir(parents=True)
    for name in ("a.png", "deep/b.png", ".hidden.png", "Thumbs.db"):
        (tmp_path / "5_cat" / name).write_bytes(name.encode())
    (tmp_path / "5_cat" / "out").symlink_to(tmp_path)
    found, refused = contents(tmp_path / "5_cat")
    assert found == {"5_cat/a.png": b"a.png", "5_cat/deep/b.png": b"deep/b.png"}
    assert refused == ["5_cat/out: is a link; put the file itself there"]


def test_archives_and_files_are_gathered_with_the_archive_s_name_before_its_members(tmp_path):
    (tmp_path / "5_cat.ZIP").write_bytes(zipped(a=b"1", deep__b=b"2").getvalue())
    (tmp_path / "c.png").write_bytes(b"3")
    upload = sent("6_dog.zip", zipped(a=b"4"))
    found, refused = contents(tmp_path / "5_cat.ZIP", tmp_path / "c.png", upload)
    assert found == {"5_cat/a.png": b"1", "5_cat/deep/b.png": b"2", "c.png": b"3", "6_dog/a.png": b"4"}
    assert refused == []


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 no more")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "c.png").write_bytes(b"3")
    found, refused = contents(*(tmp_path / name for name in ("broken.zip", "pipe.png", "gone", "c.png")))
    assert found == {"c.png": b"3"}
    assert [line.split(":")[0] for line in refused] == ["broken.zip", "pipe.png", "gone"]


def test_folder_that_is_a_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(FileError, match="holds more than 2 files; name the folder of the pictures"):
        contents(tmp_path)


def test_zip_that_was_sent_is_read_on_pythons_whose_spooled_files_do_not_say_that_they_seek():
    class Spooled:
        """As before Python 3.11."""

        def __init__(self, file):
            self.read, self.seek, self.tell, self.close = file.read, file.seek, file.tell, file.close

    found, refused = contents(sent("6_dog.zip", Spooled(zipped(a=b"4"))))  # type: ignore[arg-type]
    assert (found, refused) == ({"6_dog/a.png": b"4"}, [])
