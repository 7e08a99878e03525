from lib_train.config.codec import from_json, to_json


def test_flat_file_of_sd_scripts_is_migrated_to_our_names():
    config, notes = from_json({
        "pretrained_model_name_or_path": "/m/base.safetensors", "network_dim": 8, "resolution": "512,768",
        "network_args": ["conv_dim=4", "conv_alpha=1", "algo=locon"], "optimizer_args": ["weight_decay=0.1"],
        "network_train_unet_only": True, "text_encoder_lr": 1e-5, "xformers": True,
    })  # fmt: skip
    assert config.base_model == "/m/base.safetensors"
    assert (config.network.network_dim, config.network.conv_dim, config.network.conv_alpha) == (8, 4, 1)
    assert config.dataset.size == (512, 768)
    assert config.training.optimizer_args == {"weight_decay": 0.1}
    assert set(config.training.rates) == {"unet"}
    assert notes == ["network_args: not known, kept as it is", "xformers: not known, kept as it is"]
    assert to_json(config)["network_args"] == ["algo=locon"]


def test_file_with_a_schema_number_is_left_as_it_is():
    config, notes = from_json({"schema": 1, "pretrained_model_name_or_path": "x"})
    assert config.base_model == ""
    assert notes == ["pretrained_model_name_or_path: not known, kept as it is"]


def test_switches_that_are_off_freeze_nothing():
    config, _ = from_json({"network_train_unet_only": False, "network_train_text_encoder_only": True})
    assert set(config.training.rates) == {"text_encoder"}
