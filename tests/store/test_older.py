import json
import os

import pytest

from lib_train.config.run import RunConfig
from lib_train.store.layout import OLDER_ROOT
from lib_train.store.older import older_settings
from lib_train.store.projects import open_project, projects


@pytest.fixture
def root(tmp_path):
    """What the older extension leaves: two trainings, pictures, the settings of its last clicks."""
    version = tmp_path / OLDER_ROOT / "mii [1]" / "versions" / "v1"
    for training, names in (("a-lr-0_0001", ("mii-v1-000002", "mii-v1")), ("b-lr-1e-05", ("mii-v1",))):
        folder = version / "trains" / training
        (folder / "mii-v1" / "images").mkdir(parents=True)
        for name in names:
            (folder / f"{name}.safetensors").touch()
        (folder / "mii-v1.txt").touch()
    for folder in ("origin/preload", "processed/12_mii", "reg/1_girl"):
        (version / "dataset" / folder).mkdir(parents=True)
        (version / "dataset" / folder / "00000-0-a.png").touch()
    (version / "dataset_config.json").write_text("{}")
    (tmp_path / OLDER_ROOT / "train_tools_config.json").write_text('{"select_project": "mii", "select_version": "v1"}')
    for folder in (version / "trains").iterdir():
        os.utime(folder, (1e9, 1e9 + (folder.name[0] == "b")))
    return tmp_path / OLDER_ROOT


def write(version, train=None, preview=None):
    for name, value in (("train", train), ("preview", preview)):
        if value is not None:
            text = value if isinstance(value, str) else json.dumps(value, indent="\t")
            (version.folder / f"{name}_config.json").write_text(text)


def only(root):
    (project,) = projects(root)
    (version,) = project.versions()
    return version


def test_projects_versions_checkpoints_and_pictures_are_found(root):
    version = only(root)
    assert (version.project.name, version.name) == ("mii [1]", "v1")
    found = [f"{path.parent.name[0]}/{path.name}" for path in version.checkpoints()]
    assert found[0] == "b/mii-v1.safetensors"
    assert sorted(found[1:]) == ["a/mii-v1-000002.safetensors", "a/mii-v1.safetensors"]
    assert version.pictures() == version.folder / "dataset" / "processed"
    assert version.pictures("reg") == version.folder / "dataset" / "reg"


def test_oldest_layout_is_one_more_training(root):
    version = only(root)
    (version.folder / "checkpoint").mkdir()
    (version.folder / "checkpoint" / "mii-v1-000035.safetensors").touch()
    assert version.checkpoints()[-1].name == "mii-v1-000035.safetensors"


def test_reading_writes_nothing(root):
    before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
    version = only(root)
    version.settings()
    version.checkpoints()
    assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before


def test_project_whose_name_we_would_not_give_opens_and_goes_on_with_our_files_beside_theirs(root):
    write(only(root), {"train_batch_size": 3})
    theirs = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    version = open_project(root, "mii [1]").version("v1")
    version.keep_settings(RunConfig())
    newest = version.part("checkpoints") / "new.safetensors"
    newest.touch()
    assert version.settings() == (RunConfig(), [])
    assert (version.checkpoints()[0], len(version.checkpoints())) == (newest, 4)
    assert {path: path.read_bytes() for path in theirs} == theirs


def test_copied_version_has_their_settings_and_pictures(root):
    write(only(root), {"train_batch_size": 3})
    copy = only(root).copy("v2")
    assert copy.settings()[0].training.train_batch_size == 3
    assert copy.pictures() == copy.folder / "dataset" / "processed"
    assert copy.checkpoints() == []


def test_folder_without_a_file_of_theirs_has_no_older_settings(tmp_path):
    assert older_settings(tmp_path) is None


def test_settings_are_those_it_really_trained_with(root):
    version = only(root)
    write(version, {
        "train_base_model": "sub/anime.safetensors [1a2b3c4d5e]", "train_batch_size": 2, "train_num_epochs": 40.0,
        "train_save_every_n_epochs": 5, "train_optimizer_type": ["AdamW8bit", "Lion"], "train_alpha": 64,
        "train_learning_rate": "0.0002,0.0001", "train_net_dim": 128, "train_clip_skip": 1, "train_xformers": True,
        "train_mixed_precision": "bf16", "use_sdxl": False, "train_finish_generate_all_checkpoint_preview": False,
        "sd_script_args": '--lr_scheduler="constant_with_warmup" --lr_warmup_steps 100 --shuffle_caption --xyz=1',
    }, {
        "preview_txt2img_prompt": "mii, smile", "preview_sampling_method": ["DPM++ 2M Karras"], "preview_seed": "1,-1",
        "preview_sampling_steps": "20,28", "preview_lora_multiplier": "0.6,1", "preview_cfg_scale": "7",
    })  # fmt: skip
    config, notes = version.settings()
    training, dataset, preview = config.training, config.dataset, config.preview
    assert config.base_model == "sub/anime.safetensors"
    assert (training.train_batch_size, training.max_train_epochs, training.save_every_n_epochs) == (2, 40, 5)
    assert (training.optimizer_type, training.learning_rate, training.mixed_precision) == ("AdamW8bit", 2e-4, "bf16")
    assert training.optimizer_args == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert (training.lr_scheduler, training.lr_warmup_steps, training.seed) == ("constant_with_warmup", 100, 23)
    assert (config.network.network_dim, config.network.network_alpha) == (128, 64)
    assert (dataset.size, dataset.min_bucket_reso, dataset.shuffle_caption) == ((512, 512), 320, True)
    assert dataset.train_data_dir == ()  # the version's own
    assert (preview.preview_prompts, preview.preview_sampler) == (("mii, smile",), ("DPM++ 2M Karras",))
    assert (preview.preview_seeds, preview.preview_weights, preview.preview_steps) == ((1, -1), (0.6, 1.0), (20, 28))
    assert preview.preview_after_training is False
    assert preview.preview_negative_prompt == "low quality"
    assert notes == [
        "train_learning_rate = '0.0002,0.0001': only the first is taken over",
        "train_optimizer_type = ['AdamW8bit', 'Lion']: only the first is taken over",
        "sd_script_args: xyz is not known, left out",
    ]


def test_version_that_was_never_trained_has_that_extensions_defaults(root):
    config, notes = only(root).settings()
    assert (config.base_model, config.training.optimizer_type, config.training.max_train_epochs) == ("", "Lion", 20)
    assert (config.network.network_dim, config.training.clip_skip) == (128, 2)
    assert config.preview.preview_weights == (0.6, 0.7, 0.8, 1.0)
    assert notes == []


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ({"batch_size": 3, "num_epochs": 7, "save_every_n_epochs": 1}, (3, 7, "Lion", 1e-4)),
        ({"train_optimizer_type": "AdaFactor", "train_learning_rate": 0.002}, (1, 20, "Adafactor", 0.002)),
        ({"train_base_model": None, "train_optimizer_type": []}, (1, 20, "AdamW", 1e-4)),
        ({"train_optimizer_type": "SGDNesterov", "train_batch_size": "x"}, (1, 20, "SGD", 1e-4)),
        ("{", (1, 20, "Lion", 1e-4)),
    ],
    ids=["no prefix", "text and float", "empty", "nonsense", "broken file"],
)
def test_every_variant_that_was_ever_written_opens(root, train, told):
    version = only(root)
    write(version, train)
    training = version.settings()[0].training
    found = training.train_batch_size, training.max_train_epochs, training.optimizer_type, training.learning_rate
    assert found == told


def test_settings_that_cannot_be_used_are_left_out_with_a_note(root):
    version = only(root)
    write(version, {"train_batch_size": 0, "sd_script_args": "--lr_scheduler=adafactor --noise_offset=0.1 'unclosed"})
    config, notes = version.settings()
    assert (config.training.lr_scheduler, config.training.noise_offset) == ("cosine", 0.1)
    assert [note.split(":")[0] for note in notes] == ["train_batch_size = 0", "lr_scheduler = 'adafactor'"]


def test_arguments_that_extension_did_not_heed_are_not_taken_over(root):
    write(only(root), {"sd_script_args": "--resolution=768 --optimizer_args a=1 b=2 --max_train_steps 10 --flip_aug"})
    config, notes = only(root).settings()
    assert (config.dataset.size, config.training.max_train_steps, config.dataset.flip_aug) == ((512, 512), None, True)
    assert config.training.optimizer_args == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert notes == [
        f"sd_script_args: {name} had no effect, left out"
        for name in ("resolution", "optimizer_args", "max_train_steps")
    ]
