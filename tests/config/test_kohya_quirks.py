"""What the programs of kohya's family take and Train Tools does not, or under another name."""

import math
import random
from typing import Any

import pytest

from lib_train.config import kohya_keys, onetrainer
from lib_train.config.codec import from_json, names
from lib_train.errors import ConfigError
from tests.config.test_kohya import notes_on, problems_of, settings_of


def test_flags_beside_the_form_are_settings_and_win():
    config = settings_of(
        max_grad_norm=1, additional_parameters='--max_grad_norm=0 --network_train_unet_only --optimizer_args '
        '"weight_decay=0.01" "betas=0.9,0.99" --seed 7',
    )  # fmt: skip
    assert (config.training.max_grad_norm, config.training.seed, set(config.training.rates)) == (0, 7, {"unet"})
    assert config.training.optimizer_args == {"weight_decay": 0.01, "betas": [0.9, 0.99]}


@pytest.mark.parametrize(
    ("given", "taken", "told"),
    [
        ({"optimizer_type": "adamw8bit"}, "AdamW8bit", False), ({"optimizer": "PRODIGY"}, "Prodigy", False),
        ({"optimizer_type": "prodigyopt.Prodigy"}, "Prodigy", False),
        ({"optimizer_type": "came_pytorch.CAME"}, "CAME", False), ({"optimizer_type": "came"}, "CAME", False),
        ({"optimizer_type": "adamwschedulefree"}, "AdamWScheduleFree", False),
        ({"optimizer_type": "schedulefree.SGDScheduleFree"}, "SGDScheduleFree", False),
        ({"optimizer_type": "RAdamScheduleFree"}, "AdamWScheduleFree", True),
        ({"optimizer_type": "prodigyplus.ProdigyPlusScheduleFree"}, "Prodigy", True),
        ({"optimizer_type": "PagedAdamW8bit"}, "AdamW8bit", True), ({"optimizer": "DAdaptation"}, "DAdaptAdam", True),
    ],
)  # fmt: skip
def test_optimizers_are_known_in_any_letters_and_near_relatives_are_told(given, taken, told):
    assert settings_of(**given).training.optimizer_type == taken
    assert bool(notes_on(**given)) == told


def test_optimizer_that_there_is_not_is_refused_with_those_that_there_are():
    assert "choose one of AdamW" in problems_of(optimizer_type="Sophia")["optimizer_type"]


def test_schedules_that_have_a_relative_are_told():
    assert settings_of(lr_scheduler="adafactor:1e-4").training.lr_scheduler == "constant"
    assert settings_of(lr_scheduler="adafactor:0.0001").training.lr_scheduler == "constant"
    assert notes_on(lr_scheduler="adafactor") == ["lr_scheduler = adafactor: there is constant, which is taken"]
    assert settings_of(lr_restart_cycles=3, lr_scheduler="cosine_with_restarts").training.lr_scheduler_num_cycles == 3


def test_warmup_of_a_constant_rate_is_none_as_in_the_gui():
    assert settings_of(lr_scheduler="constant", lr_warmup=10).training.lr_warmup_steps == 0
    assert "constant_with_warmup" in notes_on(lr_scheduler="constant", lr_warmup_steps=50)[0]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"bucket_reso_steps": 1}, 8), ({"bucket_reso_steps": 20}, 16), ({"bucket_reso_steps": "64"}, 64),
        ({"bucket_reso_steps": 0}, 64),
    ],
)  # fmt: skip
def test_bucket_steps_are_multiples_of_eight(given, taken):
    assert settings_of(**given).dataset.bucket_reso_steps == taken


def test_sides_become_multiples_of_eight_and_are_told():
    assert settings_of(max_resolution="512,650").dataset.size == (512, 648)
    assert notes_on(resolution=[512, 650])[0].endswith("must be a multiple of 8, so 512,648 is taken")
    assert settings_of(resolution="512,768").dataset.size == (512, 768)


def test_whole_matrices_of_lokr_are_asked_for_by_enormous_ranks():
    gui = {"LoRA_type": "LyCORIS/LoKr", "network_dim": 100000, "conv_dim": 100000, "conv_alpha": 1, "network_alpha": 1}
    network = settings_of(**gui).network
    assert (network.network_dim, network.conv_dim, network.full_matrix) == (1024, 1024, True)
    assert "must be at most 1024" in problems_of(**gui | {"LoRA_type": "Standard"})["network_dim"]


def test_settings_of_the_pages_of_lora_scripts_are_those_that_it_trains_with():
    config, notes = from_json({
        "model_train_type": "sdxl-lora", "network_module": "lycoris.kohya", "lycoris_algo": "lokr", "lokr_factor": 8,
        "network_dim": 8, "network_alpha": 4, "conv_dim": 4, "dropout": 0.1, "optimizer_type": "Prodigy",
        "prodigy_d_coef": "2.0", "optimizer_args_custom": ["decouple=True"], "network_args_custom": ["train_norm=True"],
        "positive_prompts": "1girl", "negative_prompts": "bad", "sample_width": 512, "sample_cfg": 7, "sample_seed": 5,
        "sample_every_n_epochs": 2, "sample_sampler": "euler_a", "learning_rate": 1, "lr_scheduler": "constant",
        "enable_bucket": True, "max_token_length": 225, "log_prefix": "", "xformers": True,
    })  # fmt: skip
    assert (config.network.network_type, config.network.factor, config.network.train_norm) == ("lokr", 8, True)
    assert config.network.network_dropout == 0.1
    assert config.training.optimizer_args == {"decouple": True, "d_coef": 2.0}
    preview = config.preview
    assert (preview.preview_prompts, preview.preview_negative_prompt, preview.preview_seeds) == (
        ("1girl",),
        "bad",
        (5,),
    )
    assert (preview.preview_sampler, preview.preview_every_n_epochs, preview.preview_width) == (("Euler a",), 2, (512,))
    assert (notes, config.unknown) == ([], {})


def test_other_models_of_lora_scripts_are_refused_by_name():
    assert "flux-lora" in problems_of(model_train_type="flux-lora")["model_train_type"]


def test_template_of_lora_scripts_is_its_data():
    given = {"metadata": {"name": "x", "version": "1", "author": "a", "description": "d"}, "data": {"resolution": 768}}
    config, notes = from_json(given)
    assert (config.dataset.size, notes) == ((768, 768), [])


def test_sample_prompts_are_previews_and_options_that_all_share_are_settings():
    text = "# mine\na cat --n bad, worse --w 640 --d 3 --ss k_euler_a --s 28 --l 6.5\n"
    text += "a dog --n bad, worse --w 640 --d 3 --ss euler_a --s 28 --l 6.5"
    config, notes = from_json({"sample_prompts": text, "sample_every_n_steps": 0, "sample_at_first": True})
    preview = config.preview
    assert preview.preview_prompts == ("a cat", "a dog")
    assert (preview.preview_negative_prompt, preview.preview_width, preview.preview_seeds) == (
        "bad, worse",
        (640,),
        (3,),
    )
    assert (preview.preview_sampler, preview.preview_steps, preview.preview_cfg_scale) == (("Euler a",), (28,), (6.5,))
    assert preview.preview_at_first
    assert notes == []


def test_options_of_sample_prompts_that_differ_stay_with_their_prompts():
    text = "a cat --w 640 --d 3 --ss k_euler_a\na dog --d 4\na cow --ss nobodys"
    config, notes = from_json({"sample_prompts": text})
    assert config.preview.preview_prompts == ("a cat --w 640 --d 3 --ss Euler a", "a dog --d 4", "a cow")
    assert (config.preview.preview_width, notes) == ((), [])


HOSTILE: list[Any] = [None, "", -1, 1e999, math.nan, True, [], [[]], [{}], {}, {"a": {}}, "\ud800", [None], ["a=1"],
           2**70, "--", "''", [1, [2]], {"train": 1, "optimizer": [1]},
           [{"subsets": [{"image_dir": 5, "keep_tokens": [1]}]}]]  # fmt: skip
KEYS = [*sorted(names()), *kohya_keys.NOT_HERE, *kohya_keys.NOTES, *kohya_keys.RENAMED, "datasets", "general",
        "subsets", "sample_prompts", "network_args", "LoRA_type", "network_module", "lycoris_algo", "epoch",
        "model_train_type", "sample_sampler", "positive_prompts", "prodigy_d0", "optimizer_args_custom"]  # fmt: skip


def is_answered(given):
    try:
        from_json(given)
    except ConfigError:
        return False
    return True


def test_whatever_stands_in_a_file_is_taken_or_refused():
    chance = random.Random(1)
    assert [is_answered(given) for given in ({}, {"seed": math.nan})] == [True, False]
    for key in KEYS:
        for value in HOSTILE:
            is_answered({key: value})
            is_answered({"datasets": [{key: value, "subsets": [{key: value, "image_dir": "a"}, {"is_reg": True}]}]})
    for _ in range(500):
        is_answered({key: chance.choice(HOSTILE) for key in chance.sample(KEYS, 12)})


@pytest.mark.parametrize("key", [*onetrainer._DEFAULTS, *onetrainer._SAME, "concepts", "samples", "optimizer", "unet",
                                 "text_encoder", "vae", "min_noising_strength", "text_encoder_layer_skip"])  # fmt: skip
def test_whatever_stands_in_a_file_of_onetrainer_is_taken_or_refused(key):
    base = {"training_method": "LORA", "model_type": "STABLE_DIFFUSION_XL_10_BASE"}
    for value in HOSTILE:
        is_answered({**base, key: value})
        concept = {"path": value, "balancing": value, "image": value, "text": {"prompt_source": value}, "type": value}
        is_answered({**base, "concepts": [concept], "text_encoder": {"train": value, "stop_training_after": value}})


THEIRS = {"network_module": "networks.lora", "optimizer_type": "AdaFactor", "learning_rate": 1e-4}


@pytest.mark.parametrize(
    ("given", "args", "schedule"),
    [
        ({}, {"scale_parameter": True, "relative_step": True}, "adafactor"),
        ({"lr_scheduler": "cosine", "optimizer_args": ["warmup_init=True", "relative_step=False"]},
         {"scale_parameter": True, "relative_step": True, "warmup_init": True}, "adafactor"),
        ({"lr_scheduler": "constant_with_warmup", "optimizer_args": "relative_step=False clip_threshold=0.5"},
         {"scale_parameter": True, "relative_step": False, "clip_threshold": 0.5}, "constant_with_warmup"),
        ({"lr_scheduler": "adafactor:1e-4", "optimizer_args": ["relative_step=False", "scale_parameter=False"]},
         {"scale_parameter": False, "relative_step": False}, "constant"),
    ],
)  # fmt: skip
def test_adafactor_is_set_as_sd_scripts_sets_it(given, args, schedule):
    """get_optimizer of its train_util.py; transformers' own default of scale_parameter is on."""
    training = settings_of(**{**THEIRS, **given}).training
    assert (training.optimizer_type, training.optimizer_args, training.lr_scheduler) == ("Adafactor", args, schedule)


def test_warmup_beside_adafactors_own_is_told():
    assert settings_of(**THEIRS, lr_warmup_steps=100).training.lr_warmup_steps == 0
    assert any("warms up by warmup_init" in note for note in notes_on(**THEIRS, lr_warmup_steps=100))
    assert settings_of(**THEIRS, lr_warmup_steps=100, lr_scheduler="constant_with_warmup",
                       optimizer_args=["relative_step=False"]).training.lr_warmup_steps == 100  # fmt: skip


def test_arguments_that_cannot_be_read_are_refused_as_those_of_any_optimizer():
    assert "optimizer_args" in problems_of(**THEIRS, optimizer_args=["relative_step"])


def test_warmup_beside_a_schedule_free_optimizer_is_none_as_in_sd_scripts():
    given = {"network_module": "networks.lora", "optimizer_type": "AdamWScheduleFree", "lr_warmup_steps": 50,
             "lr_scheduler": "constant_with_warmup", "optimizer_args": ["warmup_steps=50"]}  # fmt: skip
    training = settings_of(**given).training
    assert (training.lr_warmup_steps, training.optimizer_args) == (0, {"warmup_steps": 50})
    assert any("without effect there" in note for note in notes_on(**given))


@pytest.mark.parametrize(
    ("given", "taken", "told"),
    [
        ({"log_with": "", "logging_dir": ""}, "none", 0), ({"log_with": "tensorboard"}, "tensorboard", 0),
        ({"logging_dir": "./logs"}, "tensorboard", 1), ({"log_with": "none", "logging_dir": "x"}, "tensorboard", 1),
        ({"log_with": "wandb", "logging_dir": "x"}, "none", 1), ({"log_with": "all"}, "tensorboard", 1),
        ({"log_with": "tensorboard", "logging_dir": "x", "log_prefix": "y"}, "tensorboard", 1),
    ],
)  # fmt: skip
def test_a_folder_for_logs_asks_for_tensorboard_as_there(given, taken, told):
    assert settings_of(**given).training.log_with == taken
    assert len(notes_on(**given)) == told
