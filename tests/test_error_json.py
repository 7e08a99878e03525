from lib_train.error_json import error_json
from lib_train.errors import ConfigError, FileError, PictureError, Problem, RunChanged, SelectionError
from lib_train.texts import joined, say


def test_path_below_the_root_is_hidden_in_message_template_values_and_problems(tmp_path):
    inner = say("{path}: cannot be read", path=tmp_path / "a" / "x.png")
    for error in (
        FileError(say("{path}: is damaged ({why})", path=tmp_path / "b.safetensors", why=inner)),
        PictureError(tmp_path / "a" / "x.png", say("is empty; replace or remove it")),
        ConfigError([Problem("train_data_dir", str(tmp_path / "a"), inner)]),
        RunChanged("r001", 7, [joined(": ", (tmp_path / "a", "is gone"))], str(tmp_path / "c.safetensors")),
    ):
        found = error_json(error, tmp_path)
        assert str(tmp_path) not in str(found)
        assert found["message_text"]["values"]


def test_message_whose_path_is_cut_across_values_has_no_template(tmp_path):
    error = FileError(say("{folder}/{name}: is gone", folder=tmp_path, name="x.png"))
    found = error_json(error, tmp_path)
    assert found["message"] == "x.png: is gone"
    assert "message_text" not in found


def test_fault_of_ours_is_named_by_its_kind():
    found = error_json(KeyError("x"))
    assert (found["code"], found["message"], found["ours"]) == ("fault", "KeyError: 'x'", True)


def test_filter_that_cannot_be_read_tells_the_place_in_it():
    found = error_json(SelectionError("hat (blue", 4, say("the bracket is not closed")))
    assert (found["code"], found["place"]) == ("unusable_filter", 4)
