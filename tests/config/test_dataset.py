from lib_train.config.dataset import DatasetConfig


def test_one_number_is_a_square_training_area():
    assert DatasetConfig(resolution=640).size == (640, 640)  # type: ignore[arg-type]
    assert DatasetConfig(resolution="512, 768").size == (512, 768)  # type: ignore[arg-type]
