import pytest

from lib_train.errors import ProjectError
from lib_train.store.layout import below, checked_name, made


@pytest.mark.parametrize(
    "name",
    [
        "mochi",
        "もち 2",
        "a-b_c.d",
        "小猫",
        "हिन्दी",
        "مرحبا",
        "ไทย",
        "e\u0301te",
        "x" * 64,
        "字" * 33,
        "console",
        "com",
        "con art",
    ],
)
def test_names_of_any_script_are_fine(name):
    assert checked_name(name, "project") == name


@pytest.mark.parametrize(
    "name",
    ["", " ", " a", "a ", "../x", "a/b", "a\\b", ".hidden", "a.", "..", "CON", "com1.txt", "nul .x", "LPT9", "com¹",
     "x" * 65, "字" * 34, "a:b", "a*", "a\nb", "a\x00b", "a\u200bb", "a\udcff", "<lora>", "a\u3000"],
)  # fmt: skip
def test_dangerous_names_are_refused(name):
    with pytest.raises(ProjectError, match="project = "):
        checked_name(name, "project")


def test_longest_names_still_make_a_checkpoint_name_that_file_systems_take():
    name = checked_name("字" * 33, "project")
    assert len(f".{name}-{name}-r0001-step00000123.safetensors.partial".encode()) < 255


def test_links_and_dots_that_lead_out_are_refused(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "p").symlink_to(tmp_path)
    for parts in (("p", "x"), ("..", "x"), ("a", "..", "..", "b"), ("/etc",)):
        with pytest.raises(ProjectError, match="lies outside of"):
            below(root, *parts)
    assert below(root, "a", "..", "b") == root / "a" / ".." / "b"


def test_root_may_itself_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert below(tmp_path / "link", "p") == tmp_path / "link" / "p"


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match=r"file/x: the folder cannot be made .*let projects lie elsewhere"):
        made(tmp_path / "file" / "x")
