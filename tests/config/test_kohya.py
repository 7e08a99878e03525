import pytest

from lib_train.config.codec import from_json, to_json
from lib_train.config.fields import options_of
from lib_train.config.kohya_keys import MEANINGLESS, NOT_HERE, NOTES, RENAMED
from lib_train.config.run import SECTIONS
from lib_train.errors import ConfigError

OFF_IN_THE_GUI = {
    "LoRA_type": "Standard", "conv_dim": 1, "conv_alpha": 1, "network_dim": 8, "network_alpha": 0, "epoch": 3,
    "max_train_epochs": 0, "max_train_steps": 0, "max_resolution": "512,512", "optimizer": "AdamW",
    "optimizer_args": "", "lr_scheduler": "cosine", "lr_scheduler_num_cycles": "", "lr_scheduler_power": "",
    "lr_warmup": "10", "lr_warmup_steps": 0, "min_snr_gamma": 0, "save_every_n_steps": 0, "save_every_n_epochs": 0,
    "vae_batch_size": 0, "clip_skip": 0, "max_timestep": 0, "min_timestep": False, "seed": "", "caption_extension": "",
    "noise_offset": "", "noise_offset_type": "Original", "keep_tokens": "0", "xformers": "xformers", "sdxl": False,
    "dataset_config": "", "vae": "", "reg_data_dir": "", "learning_rate": "0.0001", "unet_lr": 0.0001,
    "text_encoder_lr": "5e-05", "num_cpu_threads_per_process": 2, "additional_parameters": "", "factor": -1,
    "enable_bucket": True, "max_token_length": "75", "save_precision": None, "scale_weight_norms": 0, "unit": 1,
    "dora_wd": True, "loss_type": "l2", "anima_attn_mode": "torch", "save_model_as": "safetensors", "resume": "",
}  # fmt: skip
"""Settings as the GUI saves them when a person left everything alone."""


def settings_of(**given):
    return from_json(given)[0]


def notes_on(**given):
    return from_json(given)[1]


def problems_of(**given):
    with pytest.raises(ConfigError) as caught:
        from_json(given)
    return {problem.setting: problem.remedy for problem in caught.value.problems}


def test_flat_file_of_sd_scripts_is_migrated_to_our_names():
    config, notes = from_json({
        "pretrained_model_name_or_path": "/m/base.safetensors", "network_dim": 8, "network_alpha": 4,
        "resolution": "512,768", "network_module": "networks.lora", "max_train_epochs": 4, "enable_bucket": True,
        "network_args": ["conv_dim=4", "conv_alpha=1"], "optimizer_args": ["weight_decay=0.1"], "xformers": True,
        "network_train_unet_only": True, "text_encoder_lr": 1e-5, "learning_rate": 1e-4, "lr_scheduler": "cosine",
        "max_token_length": 225,
    })  # fmt: skip
    assert config.base_model == "/m/base.safetensors"
    assert (config.network.network_dim, config.network.conv_dim, config.network.conv_alpha) == (8, 4, 1)
    assert config.dataset.size == (512, 768)
    assert config.training.optimizer_args == {"weight_decay": 0.1}
    assert set(config.training.rates) == {"unet"}
    assert notes == []
    assert config.unknown == {}


def test_file_with_a_schema_number_is_left_as_it_is():
    config, notes = from_json({"schema": 1, "pretrained_model_name_or_path": "x"})
    assert config.base_model == ""
    assert notes == ["pretrained_model_name_or_path: not known, kept as it is"]


def test_gui_settings_that_are_off_are_off_here_without_a_word():
    config, notes = from_json(OFF_IN_THE_GUI)
    network, training, dataset = config.network, config.training, config.dataset
    assert notes == []
    assert config.unknown == {}
    assert (network.network_alpha, network.conv_dim, network.conv_alpha) == (8, None, None)
    assert (training.max_train_epochs, training.max_train_steps) == (3, None)
    assert (training.min_snr_gamma, training.save_every_n_steps, training.save_every_n_epochs) == (None, None, None)
    assert (training.lr_scheduler_num_cycles, training.lr_scheduler_power, training.lr_warmup_steps) == (1, 1, 0.1)
    assert (training.clip_skip, training.min_timestep, training.max_timestep, training.seed) == (1, 0, 1000, 42)
    assert (dataset.vae_batch_size, dataset.caption_extension) == (4, (".txt", ".caption"))
    assert (training.text_encoder_lr, training.optimizer_type, dataset.size) == (5e-5, "AdamW", (512, 512))


@pytest.mark.parametrize("off", [None, "", 0, False, " "])
def test_saving_is_off_however_a_file_says_so(off):
    training = settings_of(save_every_n_epochs=off, save_every_n_steps=off, min_snr_gamma=off).training
    assert (training.save_every_n_epochs, training.save_every_n_steps, training.min_snr_gamma) == (None, None, None)
    assert settings_of(network_dim=4).training.save_every_n_epochs == 1


@pytest.mark.parametrize(
    ("given", "epochs", "steps", "note"),
    [
        ({"max_train_epochs": 3, "max_train_steps": 1600}, 3, None,
         "max_train_steps = 1600: max_train_epochs wins over it, as in sd-scripts"),
        ({"max_train_epochs": "10", "max_train_steps": "1600"}, 10, None, "max_train_steps = 1600"),
        ({"max_train_epochs": 0, "max_train_steps": 1600, "epoch": 2}, 10, 1600,
         "epoch = 2: max_train_steps wins over it, as in the GUI"),
        ({"max_train_epochs": "", "max_train_steps": "", "epoch": 7}, 7, None, None),
        ({"max_train_epochs": 5, "epoch": 7}, 5, None, None),
        ({"max_train_steps": 30}, 10, 30, None),
        ({"training_arguments": {"max_train_epochs": 3}, "other": {"max_train_steps": 1600}}, 3, None, "wins over it"),
        ({"training": {"max_train_epochs": 3, "max_train_steps": 1600}}, 3, None, "wins over it"),
    ],
)  # fmt: skip
def test_length_is_the_one_that_their_program_takes(given, epochs, steps, note):
    config, notes = from_json(given)
    assert (config.training.max_train_epochs, config.training.max_train_steps) == (epochs, steps)
    assert note in notes[0] if note else notes == []


def test_steps_win_over_epochs_in_our_own_files():
    config, _ = from_json({"schema": 1, "training": {"max_train_epochs": 3, "max_train_steps": 1600}})
    assert (config.training.max_train_epochs, config.training.max_train_steps) == (3, 1600)


def test_restarts_left_empty_are_one_an_epoch_as_in_the_gui():
    given = {"epoch": 4, "lr_scheduler_num_cycles": "", "lr_scheduler": "cosine_with_restarts"}
    assert settings_of(**given).training.lr_scheduler_num_cycles == 4


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({"lr_warmup": 5}, 0.05), ({"lr_warmup": "10"}, 0.1), ({"lr_warmup": 10, "lr_warmup_steps": 7}, 7),
        ({"lr_warmup_steps": "10%"}, 0.1), ({"lr_warmup": ""}, 0), ({"lr_warmup_steps": ""}, 0),
    ],
)  # fmt: skip
def test_warmup_in_percent_is_a_share(given, share):
    assert settings_of(**given).training.lr_warmup_steps == share


@pytest.mark.parametrize("percent", ["much", 100, -1])
def test_warmup_of_no_percent_is_refused(percent):
    assert "percent of the run" in problems_of(lr_warmup=percent)["lr_warmup"]


@pytest.mark.parametrize("word", [True, "true", "True", " on ", "1", 1, "yes"])
def test_switches_that_freeze_a_part_take_words(word):
    assert set(settings_of(network_train_unet_only=word).training.rates) == {"unet"}
    assert set(settings_of(network_train_text_encoder_only=word).training.rates) == {"text_encoder"}


@pytest.mark.parametrize("word", [False, "false", "False", "off", 0, "", None, "no"])
def test_switches_that_are_off_freeze_nothing(word):
    given = {"network_train_unet_only": word, "network_train_text_encoder_only": word}
    assert set(settings_of(**given).training.rates) == {"unet", "text_encoder"}
    assert notes_on(**given) == []


def test_switch_that_says_neither_is_refused():
    assert problems_of(network_train_unet_only="maybe") == {"network_train_unet_only": "must be true or false"}


def test_numbers_for_true_and_false_are_taken():
    config = settings_of(flip_aug=1, shuffle_caption="True", enable_bucket=0, cache_latents="false")
    dataset = config.dataset
    assert (dataset.flip_aug, dataset.shuffle_caption, dataset.enable_bucket, dataset.cache_latents) == (
        True, True, False, False,
    )  # fmt: skip


def test_rates_of_several_text_encoders_are_those_of_the_first_and_the_second():
    assert settings_of(text_encoder_lr=[5e-5, 5e-5]).training.text_encoder_lr == 5e-5
    assert notes_on(text_encoder_lr=[5e-5]) == []
    config, notes = from_json({"text_encoder_lr": [5e-5, 1e-5]})
    assert config.training.text_encoder_rates == (5e-5, 1e-5)
    assert "networks.lora takes the first" in notes[0]


def test_rates_that_are_both_off_in_the_gui_are_the_learning_rate():
    gui = {"epoch": 1, "max_train_steps": 0, "learning_rate": 3e-4, "unet_lr": 0, "text_encoder_lr": 0.0}
    assert settings_of(**gui).training.rates == {"unet": 3e-4, "text_encoder": 3e-4}
    assert settings_of(**gui | {"unet_lr": 1e-4}).training.rates == {"unet": 1e-4}


@pytest.mark.parametrize(
    ("given", "program"),
    [
        ({"job": "extension", "config": {"name": "x", "process": []}}, "ai-toolkit"),
        ({"net_dim": 8, "alpha": 4, "train_resolution": 512}, "an early LoRA_Easy_Training_Scripts"),
    ],
)
def test_settings_of_other_programs_are_refused_with_their_name(given, program):
    assert problems_of(**given)["config"].startswith(f"this is a settings file of {program}, ")


def test_other_models_are_refused():
    assert problems_of(flux1_checkbox=True, sd3_checkbox="true", lumina_checkbox=False) == {
        "flux1_checkbox": "these settings are for Flux; Train Tools trains SD1, SD2 and SDXL",
        "sd3_checkbox": "these settings are for Stable Diffusion 3; Train Tools trains SD1, SD2 and SDXL",
    }


def test_what_would_change_the_run_there_is_told():
    notes = notes_on(
        zero_terminal_snr=True, resume="a", v2=True, initial_epoch=3,
        additional_parameters="max_grad_norm 1", sample_prompts="cats.txt", unheard_of=1,
        network_args=["preset=attn", "rank_dropout=0.1"], output_name="mochi", network_alpha=1, learning_rate=1,
        lr_scheduler="cosine", enable_bucket=True, max_token_length=75,
    )  # fmt: skip
    assert notes == [
        "network_args: without effect here: preset=attn",
        "sample_prompts = cats.txt: is not read: write its prompts into preview_prompts",
        "without effect here: zero_terminal_snr = True",
        "additional_parameters = max_grad_norm 1: is not read: give what stands in it as settings",
        "output_name = mochi: is not taken: files are named after project, version and run",
        "resume = a, initial_epoch = 3: a run here goes on with Resume in its project; to begin with a file's "
        "weights, set network_weights",
        "not in the file, so as Train Tools has it (sd-scripts): network_dim 16 (4)",
        "unheard_of: not known, kept as it is",
    ]


def test_the_file_to_go_on_from_is_taken_from_both_programs():
    for name in ("network_weights", "lora_network_weights"):
        found = settings_of(**{name: "a.safetensors", "dim_from_weights": True}).network
        assert (found.network_weights, found.dim_from_weights) == ("a.safetensors", True)
    assert settings_of(lora_network_weights="", network_weights=None).network.network_weights == ""


def test_files_in_the_background_are_taken_with_their_strengths():
    found = settings_of(base_weights=["a.safetensors", "b.safetensors"], base_weights_multiplier=[0.5]).network
    assert found.background == (("a.safetensors", 0.5), ("b.safetensors", 1.0))
    assert settings_of(base_weights="a.safetensors", base_weights_multiplier="").network.background[0][1] == 1.0


def test_v_parameterization_is_the_prediction_type():
    assert settings_of(v_parameterization="true").prediction_type == "v"
    assert settings_of(v_parameterization=False).prediction_type == ""


def test_offset_noise_follows_the_kind_that_the_gui_says():
    multires = {"noise_offset": 0.05, "noise_offset_type": "Multires", "multires_noise_iterations": 8}
    config, notes = from_json(multires)
    assert (config.training.noise_offset, config.training.multires_noise_iterations) == (0, 8)
    assert notes == []
    config, notes = from_json(multires | {"noise_offset_type": "Original"})
    assert (config.training.noise_offset, config.training.multires_noise_iterations) == (0.05, 0)
    assert notes == []


def test_noise_and_loss_are_taken_from_both_programs():
    training = settings_of(
        noise_offset=0.1, noise_offset_random_strength=True, adaptive_noise_scale=0.01, ip_noise_gamma="0.1",
        ip_noise_gamma_random_strength=1, multires_noise_iterations=6, multires_noise_discount=0.2, loss_type="huber",
        huber_schedule="exponential", huber_c=0.2, huber_scale=2, debiased_estimation_loss=True, v_pred_like_loss=0,
        masked_loss=True, alpha_mask=False,
        scale_v_pred_loss_like_noise_pred=False,
    ).training  # fmt: skip
    assert (training.noise_offset, training.noise_offset_random_strength, training.adaptive_noise_scale) == (
        0.1, True, 0.01,
    )  # fmt: skip
    assert (training.ip_noise_gamma, training.ip_noise_gamma_random_strength) == (0.1, True)
    assert (training.multires_noise_iterations, training.multires_noise_discount) == (6, 0.2)
    assert (training.loss_type, training.huber_schedule, training.huber_c, training.huber_scale) == (
        "huber", "exponential", 0.2, 2,
    )  # fmt: skip
    assert (training.debiased_estimation_loss, training.v_pred_like_loss) == (True, None)
    assert not training.scale_v_pred_loss_like_noise_pred
    assert (training.masked_loss, training.alpha_mask) == (True, False)


def test_unknown_keys_of_a_section_stay_in_it():
    config, _ = from_json({"training": {"magic": 1}, "general_arguments": {"odd": 2}})
    written = to_json(config)
    assert written["training"]["magic"] == 1
    assert written["odd"] == 2


def test_no_key_of_theirs_hides_a_setting_of_ours():
    ours = {option.name for kind in SECTIONS.values() for option in options_of(kind)}
    assert not ours & {*MEANINGLESS, *NOT_HERE, *NOTES, *RENAMED}
    assert not MEANINGLESS & {*NOT_HERE, *NOTES, *RENAMED}


def test_numbers_for_each_block_are_read_from_where_either_program_keeps_them():
    listed, ones = ",".join(["4"] * 25), ",".join(["1"] * 12)
    args = [f"block_dims={listed}", "up_lr_weight=sine+.25", "mid_lr_weight=0.5", f"down_lr_weight={ones}"]
    config = settings_of(network_args=[*args, "block_lr_zero_threshold=0.1"])
    assert config.network.block_dims == (4,) * 25
    training = config.training
    assert (training.up_lr_weight, training.mid_lr_weight) == ("sine+.25", "0.5")
    assert (training.down_lr_weight, training.block_lr_zero_threshold) == (ones, 0.1)
    gui = settings_of(LoRA_type="Kohya LoCon", block_dims="", block_alphas=listed, conv_block_dims=listed,
                      block_lr_zero_threshold="", down_lr_weight="", mid_lr_weight="")  # fmt: skip
    assert (gui.network.block_dims, gui.network.block_alphas) == ((), (4.0,) * 25)
    assert (gui.network.conv_block_dims, gui.training.mid_lr_weight) == ((4,) * 25, "")


def test_lora_plus_and_rank_stabilised_networks_are_read_from_their_arguments():
    config = settings_of(network_args=["loraplus_lr_ratio=16", "loraplus_unet_lr_ratio=8", "rs_lora=True"])
    assert (config.training.plus_ratio("unet"), config.training.plus_ratio("text_encoder")) == (8, 16)
    assert config.network.rs_lora
    gui = settings_of(loraplus_lr_ratio=0, loraplus_unet_lr_ratio=4, scale_weight_norms=0)
    assert (gui.training.plus_ratio("unet"), gui.training.plus_ratio("text_encoder")) == (4, 1)
    assert gui.training.scale_weight_norms is None
    assert settings_of(scale_weight_norms=1).training.scale_weight_norms == 1
