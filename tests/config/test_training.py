from lib_train.config.training import TrainingConfig


def test_rates_fall_back_and_zero_freezes():
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=5e-5).rates == {"unet": 1e-4, "text_encoder": 5e-5}
    assert TrainingConfig(learning_rate=1e-4, text_encoder_lr=0).rates == {"unet": 1e-4}
