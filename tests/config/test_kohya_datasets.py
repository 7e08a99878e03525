"""Files in the format of sd-scripts' ``--dataset_config``."""

import pytest

from lib_train.config.codec import from_json, read_config
from tests.config.test_kohya import problems_of

MIXED = {
    "general": {"shuffle_caption": True, "caption_extension": ".txt", "keep_tokens": 1},
    "datasets": [
        {"resolution": 512, "batch_size": 4, "keep_tokens": 2, "enable_bucket": True, "subsets": [
            {"image_dir": "/p/10_cat girl", "num_repeats": 10, "class_tokens": "cat girl"},
            {"image_dir": "/p/dogs", "num_repeats": 3, "keep_tokens": 3, "caption_extension": ".caption"},
            {"image_dir": "/p/1_human", "is_reg": True, "class_tokens": "human"},
        ]},
        {"resolution": [768, 768], "batch_size": 2, "subsets": [{"image_dir": "/p/5_sky", "num_repeats": 5}]},
    ],
}  # fmt: skip


def one(**subset):
    return {"datasets": [{"resolution": 512, "subsets": [{"image_dir": "/p/2_a", "num_repeats": 2, **subset}]}]}


def test_folders_of_all_subsets_are_taken_and_regularisation_pictures_apart():
    dataset = from_json(MIXED)[0].dataset
    assert dataset.train_data_dir == ("/p/10_cat girl", "/p/dogs", "/p/5_sky")
    assert dataset.reg_data_dir == ("/p/1_human",)


def test_nearest_level_counts_as_in_sd_scripts_and_the_first_where_they_differ():
    config, notes = from_json(MIXED)
    dataset = config.dataset
    assert (dataset.shuffle_caption, dataset.keep_tokens, config.training.train_batch_size) == (True, 2, 4)
    assert (dataset.size, dataset.caption_extension) == ((512, 512), (".txt", ".caption"))
    assert notes[:4] == [
        "train_batch_size: dataset 1 4, dataset 2 2; all pictures of a run share it here, so 4. Train those that need "
        "another one in a version of their own",
        "enable_bucket: dataset 1 True, dataset 2 False; all pictures of a run share it here, so True. Train those "
        "that need another one in a version of their own",
        "keep_tokens: 10_cat girl 2, dogs 3, 5_sky 1, 1_human 2; all pictures of a run share it here, so 2. Train "
        "those that need another one in a version of their own; or write keep_tokens_separator into the captions, "
        "which tells it for each picture",
        "resolution: dataset 1 512, dataset 2 768; all pictures of a run share it here, so 512. Train those that need "
        "another one in a version of their own",
    ]


def test_repeats_and_class_that_no_folder_s_name_tells_are_told_with_the_name_that_does():
    notes = [note for note in from_json(MIXED)[1] if "rename" in note]
    assert notes == [
        "/p/dogs: repeats and the caption of pictures without one are a folder's name here: rename it to 3_dogs"
    ]
    assert "rename it to 2_b" in from_json(one(class_tokens="b"))[1][0]
    assert "rename it to 7_a" in from_json(one(num_repeats=7))[1][0]
    assert from_json(one(class_tokens="a"))[1] == []
    assert r"C:\x\cats" in from_json(one(image_dir=r"C:\x\cats", num_repeats=4))[1][0]
    assert "rename it to 4_cats" in from_json(one(image_dir="C:\\x\\cats\\", num_repeats=4))[1][0]


def test_every_setting_of_a_subset_is_taken():
    given = {
        "flip_aug": True, "color_aug": True, "random_crop": True, "caption_prefix": "mochi, ", "caption_suffix": "x",
        "keep_tokens_separator": "|||", "caption_separator": ";", "caption_dropout_rate": 0.1,
        "caption_dropout_every_n_epochs": 2, "caption_tag_dropout_rate": 0.2, "shuffle_caption": True,
    }  # fmt: skip
    config, notes = from_json(one(**given))
    assert {name: getattr(config.dataset, name) for name in given} == given
    assert notes == []


def test_every_setting_of_a_dataset_is_taken():
    given = {"min_bucket_reso": 320, "max_bucket_reso": 960, "bucket_reso_steps": 32, "bucket_no_upscale": True,
             "enable_bucket": False}  # fmt: skip
    dataset = {"batch_size": 3, "resolution": [512, 768], **given}
    config, notes = from_json({"datasets": [{**dataset, "subsets": [{"image_dir": "/p/1_a"}]}]})
    assert {name: getattr(config.dataset, name) for name in given} == given
    assert (config.dataset.size, config.training.train_batch_size, notes) == ((512, 768), 3, [])


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("enable_wildcard", True, "without effect here: enable_wildcard = True"),
        ("secondary_separator", ";;;", "without effect here: secondary_separator"),
        ("token_warmup_step", 100, "without effect here: token_warmup_step = 100"),
        ("face_crop_aug_range", [1.0, 2.0], "face_crop_aug_range: crop by faces beforehand"),
        ("metadata_file", "meta.json", "metadata_file: is not read: write captions into .txt files"),
        ("magic", 1, "magic: not known, kept as it is"),
    ],
)
def test_what_a_subset_cannot_have_here_is_named(key, value, told):
    assert any(told in note for note in from_json(one(**{key: value}))[1])


def test_settings_of_the_training_count_where_the_datasets_say_nothing():
    config = from_json({"resolution": 768, "keep_tokens": 1, "train_batch_size": 2, **one(flip_aug=True)})[0]
    assert config.dataset.size == (512, 512)
    assert (config.dataset.keep_tokens, config.training.train_batch_size) == (1, 2)


def test_one_folder_in_several_resolutions_is_there_once():
    subsets = [{"image_dir": "/p/1_a"}]
    config, notes = from_json({"datasets": [{"resolution": side, "subsets": subsets} for side in (1024, 768)]})
    assert (config.dataset.train_data_dir, config.dataset.size) == (("/p/1_a",), (1024, 1024))
    assert notes[0].startswith("resolution: dataset 1 1024, dataset 2 768;")


def test_datasets_that_are_no_list_are_refused():
    assert "[[datasets.subsets]]" in problems_of(datasets="here.toml")["datasets"]


def test_training_finds_the_datasets_that_it_names_beside_it(tmp_path):
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "data.json").write_text('{"datasets": [{"resolution": 640, "subsets": [{"image_dir": "/p/1_a"}]}]}')
    (tmp_path / "train.json").write_text(
        '{"network_dim": 4, "dataset_arguments": {"dataset_config": "sets/data.json"}}'
    )
    config, notes = read_config([tmp_path / "train.json"])
    assert (config.network.network_dim, config.dataset.size) == (4, (640, 640))
    assert config.dataset.train_data_dir == ("/p/1_a",)
    assert not any("dataset_config" in note for note in notes)
    (folder / "data.json").unlink()
    assert "give that file too" in read_config([tmp_path / "train.json"])[1][0]


def test_validation_of_datasets_is_taken():
    given = {"validation_split": 0.2, "validation_seed": 5, "resolution": 512, "subsets": [{"image_dir": "/p/3_a"}]}
    config, notes = from_json({"network_module": "networks.lora", "datasets": [given], "validate_every_n_steps": 50,
                               "max_validation_steps": 4, "max_train_steps": 100})  # fmt: skip
    training = config.training
    assert (training.validation_split, training.validation_seed) == (0.2, 5)
    assert (training.validate_every_n_steps, training.max_validation_steps) == (50, 4)
    assert not any("valid" in note for note in notes)
