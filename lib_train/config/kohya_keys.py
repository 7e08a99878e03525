"""Keys of sd-scripts' settings and of the files that bmaltais' GUI saves, sorted by what they are here."""

from lib_train.texts import say


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OURS, OURS_PART = "train_tools", "settings"
"""Table of a file for sd-scripts that holds what only Train Tools has, or has otherwise; it wins."""
MARKS = frozenset({"pretrained_model_name_or_path", "network_module", "LoRA_type", "output_name", "max_resolution"})
"""Any of these shows that a file was written for one of those programs."""

RENAMED = {
    "pretrained_model_name_or_path": "base_model",
    "max_resolution": "resolution",
    "optimizer": "optimizer_type",
    "caption_extention": "caption_extension",
    "lora_network_weights": "network_weights",
    "sdxl_cache_text_encoder_outputs": "cache_text_encoder_outputs",
    "lr_restart_cycles": "lr_scheduler_num_cycles",
}
"""Theirs -> ours, with the same meaning."""

SAME = _names("""
    alpha_mask base_weights bucket_no_upscale bucket_reso_steps cache_latents_to_disk
    caption_dropout_every_n_epochs caption_dropout_rate caption_prefix caption_separator caption_suffix
    caption_tag_dropout_rate clip_skip color_aug conditioning_data_dir adaptive_noise_scale debiased_estimation_loss
    dim_from_weights enable_bucket enable_wildcard flip_aug gradient_accumulation_steps gradient_checkpointing huber_c
    huber_scale huber_schedule ip_noise_gamma ip_noise_gamma_random_strength keep_tokens keep_tokens_separator
    learning_rate loss_type lr_scheduler lr_scheduler_num_cycles lr_scheduler_power masked_loss max_grad_norm
    max_timestep min_snr_gamma min_timestep multires_noise_discount multires_noise_iterations network_alpha network_dim
    network_dropout network_weights noise_offset noise_offset_random_strength optimizer_type prior_loss_weight
    random_crop resize_interpolation save_every_n_epochs save_every_n_steps save_precision
    scale_v_pred_loss_like_noise_pred scale_weight_norms secondary_separator seed shuffle_caption token_warmup_min
    token_warmup_step train_batch_size training_comment v_pred_like_loss vae_batch_size weighted_captions
    max_validation_steps validate_every_n_epochs validate_every_n_steps validation_seed validation_split
    zero_terminal_snr
""")
"""Settings of sd-scripts with the same name and meaning here, those to come too: what an export writes as it is. It has
no EMA: ``ema`` and its settings are OneTrainer's, and stand in the table ``OURS`` alone."""

PARTS = ("args", "dataset_args")
"""Into which LoRA_Easy_Training_Scripts divides each section of its TOML."""
TRAIN_TYPES = ("sd-lora", "sdxl-lora", "lora-basic", "lora-master", "")
"""What lora-scripts calls the trainings that are possible here; others begin with the name of a model."""

OTHER_PROGRAMS = {
    ("job", "process"): "ai-toolkit",
    ("net_dim", "train_resolution"): say("an early LoRA_Easy_Training_Scripts"),
}
"""Names that only another program's settings have, all of them -> that program."""

OTHER_MODELS = {
    "flux1_checkbox": "Flux",
    "sd3_checkbox": "Stable Diffusion 3",
    "anima_checkbox": "Anima",
    "hunyuan_image_checkbox": "HunyuanImage",
    "lumina_checkbox": "Lumina",
}
"""Switches of the GUI for models that cannot be trained here, with their names."""

LORA_MODULES = frozenset({"networks.lora", "lycoris.kohya", "locon.locon_kohya"})
LORA_ALGOS = frozenset({"lora", "locon"})
LOCON_TYPES = frozenset({"Kohya LoCon", "LoCon"})
LYCORIS_TYPES = {
    "LyCORIS/LoCon": "locon", "LyCORIS/LoHa": "loha", "LyCORIS/LoKr": "lokr", "LyCORIS/Native Fine-Tuning": "full",
    "LyCORIS/iA3": "ia3",
}  # fmt: skip
"""The GUI's names of LyCORIS' algorithms that can be trained here."""
OTHER_NETWORK = frozenset({"use_scalar", "use_dora"})
"""Switches of LyCORIS that make another kind of network of a LoRA."""

THEIR_DEFAULTS = {
    "network_dim": 4, "network_alpha": 1, "learning_rate": 2e-6, "lr_scheduler": "constant", "enable_bucket": False,
    "max_token_length": 75,
}  # fmt: skip
"""What sd-scripts takes where its file leaves a setting out that has another default here."""

OFF_IS_DEFAULT = _names("""
    bucket_reso_steps clip_skip gradient_accumulation_steps lr_scheduler_num_cycles lr_scheduler_power max_timestep
    train_batch_size vae_batch_size
""")
"""Where 0 means that nothing was chosen."""

_NOT_HERE = _names("""
    block_lr conditioning_data_dir conv_alphas conv_dims enable_wildcard lr_decay_steps
    lr_scheduler_min_lr_ratio lr_scheduler_timescale optimizer_schedulefree_wrapper perlin_noise
    secondary_separator token_warmup_step train_inpainting zero_terminal_snr
""")
NOT_HERE: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(_NOT_HERE, ()),
    "resize_interpolation": ("area",),
    "save_model_as": ("safetensors",),
    "token_warmup_min": (1,),
}
"""What changes a run there and does nothing here, with the values that change nothing there either, apart from off."""

_RESUME = say("a run here goes on with Resume in its project; to begin with a file's weights, set network_weights")
_COMMENT = say("write it into training_comment, which stands in the file")
_ALL_KEPT = say("all checkpoints are kept; delete on the page Checkpoints what you do not need")
_PRECISION = say("trained weights are float32 here; mixed_precision decides the rest")
_SCHEDULE = say("choose one of lr_scheduler")
_TEXT_STOP = say("set text_encoder_stop, a share of the run")
NOTES = {
    "additional_parameters": say("is not read: give what stands in it as settings"),
    "dataset_config": say("is not read: give that file too, or name the folders of pictures in train_data_dir"),
    "output_dir": say("is not taken: files go into the project's folder, below --output"),
    "output_name": say("is not taken: files are named after project, version and run"),
    "in_json": say("is not read: write captions into .txt files beside the pictures"),
    "face_crop_aug_range": say("crop by faces beforehand: Change pictures, Crop"),
    "huggingface_repo_id": say("nothing is uploaded; take the file from the project's folder"),
    "no_metadata": say("metadata tell the WebUI which files it can use; the tool convert takes them out"),
    **dict.fromkeys(("resume", "resume_from_huggingface", "initial_epoch", "initial_step", "skip_until_initial_step"),
                    _RESUME),
    **dict.fromkeys(("metadata_author", "metadata_description", "metadata_license", "metadata_tags", "metadata_title"),
                    _COMMENT),
    **dict.fromkeys(("save_last_n_epochs", "save_last_n_epochs_state", "save_last_n_steps", "save_last_n_steps_state",
                     "save_n_epoch_ratio"), _ALL_KEPT),
    **dict.fromkeys(("full_bf16", "full_fp16", "fp8_base", "fp8_base_unet"), _PRECISION),
    **dict.fromkeys(("lr_scheduler_type", "lr_scheduler_args"), _SCHEDULE),
    **dict.fromkeys(("stop_text_encoder_training", "stop_text_encoder_training_pct"), _TEXT_STOP),
}  # fmt: skip
"""What is on and has another way here."""

MEANINGLESS = _names("""
    train_mode name version author description metadata_file custom_attributes network_multiplier console_log_file
    console_log_level console_log_simple enable_preview randomly_choice_prompt prompt_file enable_base_weight
    enable_block_weights dylora_unit use_latent_files create_buckets create_caption full_path image_folder train_dir
    generate_caption_database generate_image_buckets caption_metadata_filename latent_metadata_filename init_word
    num_vectors_per_token template token_string train_text_encoder metadata_is_negative_embedding
    metadata_merged_from metadata_preprocessor metadata_thumbnail metadata_trigger_phrase metadata_usage_hint
    ae apply_t5_attn_mask async_upload batch_size blocks_to_swap blockwise_fused_optimizers bypass_mode
    cache_info cache_text_encoder_outputs_to_disk clip_g clip_g_dropout_rate clip_l config_file constrain
    cpu_offload_checkpointing dataset_class dataset_repeats ddp_gradient_as_bucket_view ddp_static_graph
    ddp_timeout debug_dataset deepspeed disable_mmap_load_safetensors discrete_flow_shift
    double_blocks_to_swap dynamo_backend dynamo_mode dynamo_use_dynamic dynamo_use_fullgraph enable_all_linear
    extra_accelerate_launch_args file_path flux1_cache_text_encoder_outputs
    flux1_cache_text_encoder_outputs_to_disk flux1_clip_l flux1_t5xxl flux_fused_backward_pass
    fp16_master_weights_and_gradients fused_backward_pass fused_optimizer_groups ggpo_beta ggpo_sigma gpu_ids
    guidance_scale highvram huggingface_path_in_repo huggingface_repo_type
    huggingface_repo_visibility huggingface_token img_attn_dim img_mlp_dim img_mod_dim in_dims learning_rate_te
    learning_rate_te1 learning_rate_te2 log_config log_prefix log_tracker_config log_tracker_name
    logit_mean logit_std lowram lowvram LyCORIS_preset main_process_port max_data_loader_n_workers
    mem_eff_attn mem_eff_save mode_scale model_list model_prediction_type model_type
    multi_gpu no_half_vae no_token_padding noise_offset_type num_cpu_threads_per_process
    num_machines num_processes offload_optimizer_device offload_optimizer_nvme_path offload_param_device
    offload_param_nvme_path output_config persistent_data_loader_workers pos_emb_random_crop_rate
    rank_dropout_scale rescaled
    save_as_bool save_clip save_state save_state_on_train_end save_state_to_huggingface save_t5xxl
    schedulefree_wrapper_args sd3_cache_text_encoder_outputs sd3_cache_text_encoder_outputs_to_disk sd3_clip_l
    sd3_clip_l_dropout_rate sd3_disable_mmap_load_safetensors sd3_enable_scaled_pos_embed
    sd3_fused_backward_pass sd3_t5_dropout_rate sd3_t5xxl sd3_text_encoder_batch_size sdpa sdxl sdxl_checkbox
    sdxl_no_half_vae show_timesteps show_timesteps_resolution single_blocks_to_swap single_dim single_mod_dim
    skip_cache_check split_mode split_qkv t5xxl t5xxl_device t5xxl_dtype t5xxl_lr t5xxl_max_token_length
    text_encoder_batch_size timestep_sampling tokenizer_cache_dir torch_compile train_blocks
    train_double_block_indices train_lora_ggpo train_on_input train_single_block_indices train_t5xxl
    txt_attn_dim txt_mlp_dim txt_mod_dim unit use_safetensors use_scalar use_wandb v2
    wandb_api_key wandb_run_name weighting_scheme weights xformers zero3_init_flag
    zero3_save_16bit_model zero_stage
""")
"""How those programs run, log and upload; and what belongs to models and networks that are refused by their name."""

MEANINGLESS_BEGINNINGS = ("anima_", "hunyuan_", "lumina_")
