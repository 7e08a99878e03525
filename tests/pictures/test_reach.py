from lib_train.pictures.reach import Reach


def test_paths_in_the_folders_are_reached_wherever_links_lead(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.txt").touch()
    (inside / "way").symlink_to(outside)
    (inside / "link.txt").symlink_to(outside / "a.txt")
    (inside / "loop").symlink_to(inside / "loop")
    (tmp_path / "back").symlink_to(inside)
    reach = Reach([inside])
    for path, name, file in (
        (inside / "a.txt", True, True),
        (tmp_path / "back" / "new.txt", True, True),
        (inside / "link.txt", True, False),
        (inside / "way" / "a.txt", False, False),
        (inside / ".." / "outside" / "a.txt", False, False),
        (inside / "loop" / "a.txt", False, False),
        (inside / "..", False, False),
        (outside / "a.txt", False, False),
        (inside / "\0" / "a.txt", False, False),
    ):
        assert (reach.has_name(path), reach.has_file(path)) == (name, file), path


def test_folder_that_is_a_link_in_a_circle_holds_nothing_and_spoils_no_other(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "inside").mkdir()
    reach = Reach([tmp_path / "loop", tmp_path / "\0", tmp_path / "inside"])
    assert reach.has_name(tmp_path / "inside" / "a.txt")
    assert not reach.has_name(tmp_path / "loop" / "a.txt")
