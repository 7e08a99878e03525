"""What each setting of rates, length, memory, validation and saving does."""

from tests.effects.probes import files, measured, saves, weights, work
from tests.effects.table import Effect

_EPOCHS = {"max_train_steps": None, "max_train_epochs": 3}
_FREE = {"optimizer_type": "AdamWScheduleFree"}
_LOHA = {"network_type": "loha"}
_HELD = {"validation_split": 0.6}
_AVERAGED = {"ema": "instead"}
_HALVES = ",".join(["0.5"] * 12)

EFFECTS = {
    "max_train_epochs": Effect(2, saves, _EPOCHS, idle=({},)),
    "max_train_steps": Effect(4, saves),
    "train_batch_size": Effect(1, weights),
    "gradient_accumulation_steps": Effect(2, weights),
    "seed": Effect(7, weights),
    "learning_rate": Effect(1e-3, weights, idle=({"unet_lr": 1e-3, "text_encoder_lr": 1e-3},)),
    "unet_lr": Effect(1e-3, weights),
    "text_encoder_lr": Effect(1e-3, weights),
    "text_encoder_lr2": Effect(1e-3, weights, {"model_family": "sdxl"}, idle=({},)),
    "text_encoder_stop": Effect(0.34, weights, idle=({"text_encoder_lr": 0},)),
    "loraplus_lr_ratio": Effect(
        4, weights, idle=(_LOHA, {"loraplus_unet_lr_ratio": 2, "loraplus_text_encoder_lr_ratio": 2})
    ),
    "loraplus_unet_lr_ratio": Effect(4, weights, idle=(_LOHA, {"unet_lr": 0})),
    "loraplus_text_encoder_lr_ratio": Effect(4, weights, idle=(_LOHA, {"text_encoder_lr": 0})),
    "optimizer_type": Effect("SGD", weights),
    "optimizer_args": Effect({"weight_decay": 0.5}, weights),
    "lr_scheduler": Effect("constant", weights, idle=(_FREE,)),
    "lr_warmup_steps": Effect(2, weights),
    "lr_scheduler_num_cycles": Effect(
        2,
        weights,
        {"lr_scheduler": "cosine_with_restarts"},
        idle=({}, {**_FREE, "lr_scheduler": "cosine_with_restarts"}),
    ),
    "lr_scheduler_power": Effect(
        2, weights, {"lr_scheduler": "polynomial"}, idle=({}, {**_FREE, "lr_scheduler": "polynomial"})
    ),
    "max_grad_norm": Effect(0.001, weights),
    "scale_weight_norms": Effect(0.001, weights, idle=({"network_type": "full"}, {"dora_wd": True})),
    "mixed_precision": Effect("bf16", weights),
    "gradient_checkpointing": Effect(True, work),
    "validation_split": Effect(0.6, measured),
    "validation_seed": Effect(9, measured, _HELD, idle=({},)),
    "validation_data_dir": Effect(("@held",), measured),
    "validate_every_n_steps": Effect(1, measured, _HELD, idle=({},)),
    "validate_every_n_epochs": Effect(2, measured, {**_HELD, **_EPOCHS}, idle=(_EPOCHS,)),
    "max_validation_steps": Effect(1, measured, {**_HELD, "train_batch_size": 1}, idle=({},)),
    "down_lr_weight": Effect(_HALVES, weights),
    "mid_lr_weight": Effect("0.5", weights),
    "up_lr_weight": Effect(_HALVES, weights),
    "block_lr_zero_threshold": Effect(0.6, weights, {"down_lr_weight": _HALVES}, idle=({},)),
    "save_every_n_epochs": Effect(2, files, _EPOCHS),
    "save_every_n_steps": Effect(1, files),
    "save_precision": Effect("float", files),
    "save_state_every_n_steps": Effect(1, files),
    "ema": Effect("beside", files),
    "ema_decay": Effect(0.1, files, _AVERAGED, idle=({},)),
    "ema_update_step_interval": Effect(2, files, _AVERAGED, idle=({},)),
    "stop_when_learned": Effect(1, measured),
    "judge_after_training": Effect(True, files),
    "log_with": Effect("tensorboard", files),
    "training_comment": Effect("weight 0.8", files),
}
