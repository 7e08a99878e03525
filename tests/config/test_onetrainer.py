"""Files in the format of OneTrainer's JSON."""

import pytest

from lib_train.config.codec import from_json
from lib_train.optim.optimizers import problem_with
from tests.config.test_kohya import notes_on, problems_of, settings_of

LORA = {"training_method": "LORA", "model_type": "STABLE_DIFFUSION_XL_10_BASE", "base_model_name": "/m/a.safetensors",
        "learning_rate": 3e-4, "lora_rank": 8, "lora_alpha": 4.0, "layer_filter_preset": "attn-mlp"}  # fmt: skip


def test_settings_are_taken_with_their_meaning():
    config, notes = from_json({
        **LORA, "batch_size": 4, "epochs": 20, "resolution": "1024", "learning_rate_scheduler": "COSINE",
        "learning_rate_warmup_steps": 0.1, "train_dtype": "BFLOAT_16", "output_dtype": "FLOAT_16",
        "unet": {"learning_rate": 1e-4}, "text_encoder": {"train": False}, "text_encoder_2": {"train": False},
        "optimizer": {"optimizer": "ADAMW_8BIT", "weight_decay": 0.01, "beta1": 0.9, "beta2": 0.99, "fused": True},
        "save_every": 2, "save_every_unit": "EPOCH", "offset_noise_weight": 0.05, "clip_grad_norm": 0.5,
        "loss_weight_fn": "MIN_SNR_GAMMA", "loss_weight_strength": 5, "min_noising_strength": 0.1, "ema": "OFF",
        "max_noising_strength": 0.9, "gradient_checkpointing": "ON", "dropout_probability": 0.1, "lora_decompose": True,
    })  # fmt: skip
    network, training = config.network, config.training
    assert notes == []
    assert (config.base_model, config.dataset.size) == ("/m/a.safetensors", (1024, 1024))
    assert (network.network_type, network.network_dim, network.network_alpha, network.dora_wd) == ("lora", 8, 4, True)
    assert (network.network_dropout, network.network_preset) == (0.1, "auto")
    assert (training.max_train_epochs, training.max_train_steps, training.train_batch_size) == (20, None, 4)
    assert (training.rates, training.optimizer_type) == ({"unet": 1e-4}, "AdamW8bit")
    assert training.optimizer_args == {"weight_decay": 0.01, "betas": [0.9, 0.99]}
    assert (training.lr_scheduler, training.lr_warmup_steps, training.max_grad_norm) == ("cosine", 0.1, 0.5)
    assert (training.mixed_precision, training.save_precision, training.save_every_n_epochs) == ("bf16", "fp16", 2)
    assert (training.noise_offset, training.min_snr_gamma) == (0.05, 5)
    assert (training.min_timestep, training.max_timestep, training.gradient_checkpointing) == (100, 900, True)


def test_noise_masks_and_weights_are_taken():
    training = settings_of(
        **LORA, offset_noise_weight=0.1, generalized_offset_noise=True, timestep_distribution="LOGIT_NORMAL",
        noising_bias=0.5, noising_weight=0.2, timestep_shift=2.0, masked_training=True, unmasked_weight=0.1,
        normalize_masked_area_loss=True, masked_prior_preservation_weight=0.3, loss_weight_fn="P2",
        loss_weight_strength=0.5,
    ).training  # fmt: skip
    assert (training.noise_offset, training.balanced_noise_offset, training.p2_gamma) == (0.1, True, 0.5)
    assert (training.timestep_shape, training.timestep_mean, training.timestep_spread) == ("logit_normal", 0.5, 1.2)
    assert (training.timestep_shift, training.masked_loss, training.unmasked_weight) == (2.0, True, 0.1)
    assert (training.normalize_masked_area_loss, training.masked_prior_weight) == (True, 0.3)
    assert settings_of(**LORA, timestep_distribution="COS_MAP").training.timestep_shape == "cosmap"


def test_what_a_file_leaves_out_is_as_onetrainer_has_it():
    training = settings_of(**LORA).training
    assert (training.max_train_epochs, training.lr_scheduler, training.lr_warmup_steps) == (
        100, "constant_with_warmup", 200,
    )  # fmt: skip
    assert (training.save_every_n_epochs, training.save_precision, training.max_token_length) == (None, "float", 75)
    assert set(training.rates) == {"unet", "text_encoder"}


@pytest.mark.parametrize(
    ("given", "kind"),
    [({"peft_type": "LOHA"}, ("loha", 8, False)), ({"peft_type": "LOKR", "lokr_dim": 4}, ("lokr", 4, False)),
     ({"peft_type": "LOKR", "lokr_dim": 4, "lokr_full_matrix": True}, ("lokr", 4, True))],
)  # fmt: skip
def test_kinds_of_network_are_taken(given, kind):
    network = settings_of(**LORA | given).network
    assert (network.network_type, network.network_dim, network.full_matrix) == kind


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"training_method": "FINE_TUNE"}, "training_method"), ({"model_type": "FLUX_DEV_1"}, "model_type"),
        ({"model_type": "STABLE_DIFFUSION_15_INPAINTING"}, "model_type"), ({"peft_type": "OFT_2"}, "peft_type"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_here_is_refused_by_name(given, setting):
    assert list(problems_of(**LORA | given)) == [setting]


def test_concepts_are_folders_with_their_repeats():
    concepts = [
        {"path": "/p/4_a", "balancing": 4.0, "image": {"enable_random_flip": True},
         "text": {"enable_tag_shuffling": True, "keep_tags_count": 2}},
        {"path": "/p/gone", "enabled": False},
        {"path": "/p/b", "balancing": 2, "balancing_strategy": "REPEATS", "image": {"enable_random_flip": True},
         "text": {"enable_tag_shuffling": True, "keep_tags_count": 2, "prompt_source": "filename"}},
    ]  # fmt: skip
    config, notes = from_json({**LORA, "concepts": concepts})
    dataset = config.dataset
    assert dataset.train_data_dir == ("/p/4_a", "/p/b")
    assert (dataset.flip_aug, dataset.shuffle_caption, dataset.keep_tokens) == (True, True, 2)
    assert len(notes) == 2
    assert "(prompt_source = filename)" in notes[0]
    assert "rename it to 2_b" in notes[1]


def test_validation_concepts_are_held_out_where_validation_is_on():
    concepts = [{"path": "/p/1_a"}, {"path": "/p/held out", "type": "VALIDATION"}]
    given = {"concepts": concepts, "validation": True, "validate_after": 2, "validate_after_unit": "EPOCH"}
    config, notes = from_json({**LORA, **given})
    assert config.dataset.train_data_dir == ("/p/1_a",)
    assert config.training.validation_data_dir == ("/p/held out",)
    assert (config.training.validate_every_n_epochs, config.training.validate_every_n_steps) == (2, None)
    assert notes == []
    off, _ = from_json({**LORA, **given, "validation": False})
    assert (off.dataset.train_data_dir, off.training.validates) == (("/p/1_a",), False)


def test_samples_are_previews():
    given = {"samples": [{"prompt": "a", "negative_prompt": "n", "width": 512, "height": 640, "seed": 3,
                          "diffusion_steps": 20, "cfg_scale": 7.0}, {"prompt": "off", "enabled": False}],
             "sample_after": 2, "sample_after_unit": "EPOCH"}  # fmt: skip
    preview = settings_of(**LORA | given).preview
    assert (preview.preview_prompts, preview.preview_negative_prompt) == (("a",), "n")
    assert (preview.preview_width, preview.preview_height, preview.preview_seeds) == ((512,), (640,), (3,))
    assert preview.preview_every_n_epochs == 2


@pytest.mark.parametrize("where", ["GPU", "CPU"])
def test_ema_is_saved_instead_of_the_weights_as_there_and_has_their_usual_numbers(where):
    training = settings_of(**LORA | {"ema": where}).training
    assert (training.ema, training.ema_decay, training.ema_update_step_interval) == ("instead", 0.999, 5)
    training = settings_of(**LORA | {"ema": where, "ema_decay": 0.998, "ema_update_step_interval": 2}).training
    assert (training.ema_decay, training.ema_update_step_interval) == (0.998, 2)
    assert settings_of(**LORA | {"ema": "OFF", "ema_decay": 0.9}).training.ema == "off"
    assert not any("ema" in note for note in notes_on(**LORA | {"ema": where}))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"learning_rate_scaler": "BATCH"}, "without effect here: learning_rate_scaler = BATCH"),
        ({"resolution": "768,1024"}, "a run has one here, 768"),
        ({"concept_file_name": "concepts.json"}, "concept_file_name = concepts.json: is not read"),
        ({"base_model_name": "some/hub"}, "choose the checkpoint's file here"),
        ({"sample_after": 10, "sample_after_unit": "MINUTE"}, "sample_after = 10 minute: give epochs or steps"),
        ({"layer_filter_preset": "custom", "layer_filter": "attn"}, "network_layers"),
        ({"timestep_distribution": "HEAVY_TAIL"}, "timestep_distribution = HEAVY_TAIL"),
        ({"perturbation_noise_weight": 0.1}, "perturbation_noise_weight = 0.1"),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_told(given, told):
    assert any(told in note for note in notes_on(**LORA | given))


def test_adafactor_holds_to_the_rate_as_there_and_has_two_numbers_for_eps():
    optimizer = {"optimizer": "ADAFACTOR", "eps": 1e-30, "eps2": 1e-3, "beta1": None, "scale_parameter": None,
                 "weight_decay": 0.0}  # fmt: skip
    args = settings_of(**LORA, optimizer=optimizer).training.optimizer_args
    assert args == {"scale_parameter": False, "relative_step": False, "warmup_init": False, "weight_decay": 0.0,
                    "eps": [1e-30, 1e-3]}  # fmt: skip
    assert problem_with("Adafactor", args, "cpu") is None
    args = settings_of(**LORA, optimizer={**optimizer, "relative_step": True}).training.optimizer_args
    assert args["relative_step"] is True


@pytest.mark.parametrize(
    ("given", "kind", "args"),
    [
        ({"optimizer": "SCHEDULE_FREE_ADAMW", "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "r": 0.5, "weight_decay": 0.01},
         "AdamWScheduleFree", {"betas": [0.9, 0.99], "eps": 1e-8, "r": 0.5, "weight_decay": 0.01}),
        ({"optimizer": "SCHEDULE_FREE_SGD", "momentum": 0.8, "weight_lr_power": 1.0}, "SGDScheduleFree",
         {"momentum": 0.8, "weight_lr_power": 1.0}),
        ({"optimizer": "CAME", "beta1": 0.9, "beta2": 0.999, "beta3": 0.9999, "eps": 1e-30, "eps2": 1e-16}, "CAME",
         {"betas": [0.9, 0.999, 0.9999], "eps": [1e-30, 1e-16]}),
        ({"optimizer": "PRODIGY", "beta1": 0.9, "beta2": 0.99, "beta3": None, "d0": 1e-5, "slice_p": 11,
          "growth_rate": float("inf")}, "Prodigy", {"betas": [0.9, 0.99], "d0": 1e-5, "slice_p": 11}),
    ],
)  # fmt: skip
def test_optimizers_are_taken_with_arguments_that_they_know(given, kind, args):
    training = settings_of(**LORA, optimizer=given).training
    assert (training.optimizer_type, training.optimizer_args) == (kind, args)
    assert problem_with(kind, args, "cpu") is None


def test_samples_that_differ_keep_their_options():
    samples = [{"prompt": "a", "width": 512, "seed": 3, "negative_prompt": ""}, {"prompt": "b", "cfg_scale": 5.5}]
    config, _ = from_json({**LORA, "samples": samples})
    assert config.preview.preview_prompts == ("a --w 512 --d 3", "b --l 5.5")
    assert config.preview.preview_width == ()
