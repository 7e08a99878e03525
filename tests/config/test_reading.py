import sys

import pytest

from lib_train.config import reading
from lib_train.config.codec import read_config
from lib_train.config.reading import read_object
from lib_train.errors import ConfigError

COMMENTED = """{
    // of a guide
    # and of another
    "network_dim": 8, /* the rank,
    "seed": 5, */
    "caption_separator": ",//}", // not a comment within
    "preview_prompts": ["a, ]", "b" ,],
}
"""


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def test_json_with_comments_and_commas_at_the_end_is_taken(tmp_path):
    assert read_object(written(tmp_path / "a.json", COMMENTED)) == {
        "network_dim": 8, "caption_separator": ",//}", "preview_prompts": ["a, ]", "b"],
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_is_read(tmp_path, encoding):
    assert read_object(written(tmp_path / "a.json", '{"caption_prefix": "\u3082\u3061"}', encoding)) == {
        "caption_prefix": "\u3082\u3061"
    }


def test_toml_of_sd_scripts_is_read_whatever_its_sections_are_called(tmp_path):
    pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = """
        [model_arguments]
        pretrained_model_name_or_path = "/m/a.safetensors"
        [network_arguments]
        network_module = "networks.lora"
        network_dim = 8
        network_alpha = 4
        network_args = [ "conv_dim=4", "conv_alpha=1",]
        [training_arguments]
        max_train_epochs = 3
        max_train_steps = 1600
        optimizer_type = "AdamW"
        optimizer_args = [ "weight_decay=0.1", "betas=.9,.99",]
    """
    config, notes = read_config([written(tmp_path / "a.toml", text)])
    assert (config.base_model, config.network.network_dim, config.network.conv_dim) == ("/m/a.safetensors", 8, 4)
    assert (config.training.max_train_epochs, config.training.max_train_steps) == (3, None)
    assert config.training.optimizer_args == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert notes[0].startswith("max_train_steps = 1600")


def test_toml_of_lora_easy_training_scripts_is_read_with_all_its_parts(tmp_path):
    pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
    text = """
        [[subsets]]
        image_dir = "/p/5_cat"
        num_repeats = 5
        [train_mode]
        train_mode = "lora"
        [general_args.args]
        pretrained_model_name_or_path = "/m/a.safetensors"
        max_train_epochs = 3
        [general_args.dataset_args]
        resolution = 768
        batch_size = 2
        [network_args.args]
        network_dim = 8
        network_alpha = 4.0
        [optimizer_args.args]
        optimizer_type = "AdamW"
        learning_rate = 0.0003
        [optimizer_args.args.optimizer_args]
        weight_decay = "0.1"
        betas = "0.9,0.99"
        [bucket_args.dataset_args]
        max_bucket_reso = 1024
        [network_args.args.network_args]
        conv_dim = 4
    """
    config, notes = read_config([written(tmp_path / "a.toml", text)])
    assert (config.base_model, config.dataset.size, config.dataset.max_bucket_reso) == (
        "/m/a.safetensors",
        (768, 768),
        1024,
    )
    assert (config.network.network_dim, config.network.network_alpha, config.network.conv_dim) == (8, 4, 4)
    assert (config.training.max_train_epochs, config.training.train_batch_size) == (3, 2)
    assert config.training.learning_rate == 3e-4
    assert config.training.optimizer_args == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert config.dataset.train_data_dir == ("/p/5_cat",)
    assert not config.unknown


def test_json_under_the_ending_of_toml_is_read(tmp_path):
    assert read_object(written(tmp_path / "a.toml", ' {"network_dim": 8}')) == {"network_dim": 8}


def test_toml_that_nothing_can_read_here_says_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_READERS", ("no_such_toml",))
    with pytest.raises(ConfigError, match="pip install tomli; or save the settings as JSON"):
        read_object(written(tmp_path / "a.TOML", "network_dim = 8"))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", b"{", "cannot be read as JSON .*give a TOML file with the ending .toml"),
        ("a.json", b"network_dim = 8", "cannot be read as JSON .*give a TOML file with the ending .toml"),
        ("a.json", "{\"a\": \"\u65e5\"}".encode("shift-jis"), "is no Unicode text; save it as UTF-8"),
        ("a.json", b"[1]", "must hold a JSON object"),
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.json", b"", "cannot be read as JSON"),
        ("a.json", rb'{"train_data_dir": "C:\Users\me"}', "cannot be read as JSON .*write paths with / or "),
        ("a.toml", b"a = ", "cannot be read as TOML"),
        ("a.toml", b"\xff\xff", "is no Unicode text|cannot be read"),
    ],
)  # fmt: skip
def test_file_that_holds_no_settings_says_why(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_object(tmp_path / name)


def test_folder_and_missing_file_say_why(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory|Permission denied"):
        read_object(tmp_path)
    with pytest.raises(ConfigError, match="No such file"):
        read_object(tmp_path / "a.json")
