import pytest

from lib_train.config.codec import section_of
from lib_train.config.presets import KEPT
from lib_train.config.taking import taken
from lib_train.errors import ConfigError

GUI = {"LoRA_type": "Standard", "network_dim": 8, "network_alpha": 0, "epoch": 3, "max_train_steps": 0,
       "max_train_epochs": 0, "conv_dim": 1, "train_data_dir": "/p", "pretrained_model_name_or_path": "/m/a.ckpt",
       "learning_rate": "1e-4", "masked_loss": False, "train_inpainting": True, "lr_scheduler": "odd"}  # fmt: skip


def test_what_a_file_says_is_taken_and_the_rest_is_as_by_default_but_for_pictures_and_prompts():
    found = taken(GUI)
    assert (found.settings["network_dim"], found.settings["network_alpha"], found.settings["conv_dim"]) == (8, 8, None)
    assert (found.settings["max_train_epochs"], found.settings["max_train_steps"]) == (3, None)
    assert found.settings["seed"] == 42
    assert set(section_of()) - found.settings.keys() == KEPT - {"train_data_dir"}
    assert {"network_dim", "train_data_dir", "max_train_epochs"} <= set(found.given)
    assert "seed" not in found.given


def test_what_is_not_taken_is_told_with_the_way_out():
    assert taken(GUI).notes == [
        "base_model = /m/a.ckpt: choose the checkpoint where you choose it for pictures, or by --base_model",
        "without effect here: train_inpainting = True",
        "not in the file, so as Train Tools has it (sd-scripts): enable_bucket True (False), max_token_length 225 (75)",
        "not taken: lr_scheduler = 'odd': choose one of constant, constant_with_warmup, linear, cosine, "
        "cosine_with_restarts, polynomial, adafactor",
    ]
    assert taken({"magic": 1}).notes == ["magic: not known"]


def test_network_that_cannot_be_trained_is_told_and_the_other_settings_are_taken():
    found = taken({"LoRA_type": "LyCORIS/GLoRA", "seed": 5})
    assert found.settings["seed"] == 5
    assert found.notes[-1].startswith("not taken: LoRA_type = 'LyCORIS/GLoRA': Train Tools trains lora")


@pytest.mark.parametrize(
    "given", [{"flux1_checkbox": True, "seed": 1}, {"job": "x", "process": []}, {"schema": 99},
              {"training_method": "FINE_TUNE", "model_type": "FLUX_DEV_1"}],
)  # fmt: skip
def test_of_other_models_and_programs_nothing_is_taken(given):
    with pytest.raises(ConfigError):
        taken(given)
