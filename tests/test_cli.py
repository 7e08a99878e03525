import json
import subprocess
import sys

import pytest
import torch

from lib_train import cli
from lib_train.checkpoints.files import read_metadata
from lib_train.config.codec import section_of
from lib_train.host.standalone.host import StandaloneHost


def run(*words):
    return cli.main([str(word) for word in words])


COMMANDS = ("demo", "train", "plan", "preview", "inspect", "install-embedded")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_with_an_example(capsys, command):
    with pytest.raises(SystemExit) as stopped:
        run(command, "--help")
    assert stopped.value.code == 0
    assert f"example:\n  train-tools {command}" in capsys.readouterr().out


def test_every_setting_is_a_flag(capsys):
    with pytest.raises(SystemExit):
        run("train", "--help")
    told = capsys.readouterr().out
    assert all(f"--{name} " in told for name in section_of())


def test_help_and_settings_load_no_torch():
    code = (
        "import sys, lib_train.cli as c, lib_train.config.codec\n"
        "try: c.main(['train', '--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_flags_win_over_the_file_and_reach_every_kind_of_setting(tmp_path, capsys):
    file, out = tmp_path / "in.json", tmp_path / "out.json"
    file.write_text(json.dumps({"network_dim": 4, "seed": 3}))
    flags = ["--network-dim", "8", "--flip_aug", "--enable_bucket", "false", "--preview_prompts", "a, b",
             "--preview_prompts", "c", "--optimizer_args", "weight_decay=0.1", "betas=(0.9,0.99)", "--resolution",
             "64,128", "--base_model", "m", "--min_bucket_reso", "64"]  # fmt: skip
    assert run("train", "--config", file, *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["network"]["network_dim"] == 8
    assert written["training"]["seed"] == 3
    assert written["training"]["optimizer_args"] == {"weight_decay": 0.1, "betas": [0.9, 0.99]}
    assert written["dataset"]["flip_aug"] is True
    assert written["dataset"]["enable_bucket"] is False
    assert written["dataset"]["resolution"] == [64, 128]
    assert written["preview"]["preview_prompts"] == ["a, b", "c"]
    assert written["base_model"] == "m"


def test_off_is_0_on_the_command_line_too(tmp_path):
    out = tmp_path / "out.json"
    flags = ["--min_snr_gamma", "0", "--save_every_n_steps", "0", "--save_every_n_epochs", "0", "--conv_dim", "0"]
    assert run("train", *flags, "--save_config", out) == 0
    written = json.loads(out.read_text())
    assert written["training"]["min_snr_gamma"] is None
    assert written["training"]["save_every_n_steps"] is None
    assert written["training"]["save_every_n_epochs"] is None
    assert written["network"]["conv_dim"] is None


def small(pictures, checkpoint, *more):
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--resolution", 64, "--min_bucket_reso", 64,
            "--network_dim", 2, "--train_batch_size", 2, "--device", "cpu", *more]  # fmt: skip


def test_plan_tells_pictures_steps_files_and_notes_and_writes_nothing(tmp_path, pictures, checkpoints, capsys):
    before = sorted(tmp_path.rglob("*"))
    more = ("--max_train_epochs", 4, "--keep_tokens", 1, "--output", tmp_path / "out")
    code = run("plan", *small(pictures, checkpoints["sd1"], *more))
    told = capsys.readouterr().out
    assert code == 0
    for part in ("pictures    3,", "steps       12: 4 epochs of 3", "checkpoints 4 of", "disk", "memory      about",
                 "note        without effect: keep_tokens: tags are neither moved nor dropped"):  # fmt: skip
        assert part in told
    assert sorted(tmp_path.rglob("*")) == before


def test_plan_with_problems_lists_them_and_ends_with_two(pictures, checkpoints, capsys):
    (pictures / "2_mochi" / "1.txt").write_bytes("日本".encode("shift-jis"))
    assert run("plan", *small(pictures, checkpoints["sd1"])) == 2
    assert "1.txt cannot be read as UTF-8" in capsys.readouterr().out


def test_training_writes_a_project_that_preview_and_inspect_use(tmp_path, pictures, checkpoints, capsys):
    root = tmp_path / "out"
    flags = small(pictures, checkpoints["sd1"], "--output", root, "--project", "もち", "--max_train_epochs", 2,
                  "--preview_prompts", "mochi, blue", "--preview_steps", 2, "--preview_every_n_epochs", 1)  # fmt: skip
    assert run("train", *flags) == 0
    version = root / "もち" / "versions" / "v1"
    files = sorted(path.name for path in (version / "checkpoints").iterdir())
    assert files == ["もち-v1-r001-000001.safetensors", "もち-v1-r001.safetensors"]
    assert len(list((version / "previews").glob("grid-*.png"))) == 3  # after each epoch, and all together
    kept = json.loads((version / "runs" / "r001" / "run.json").read_text())
    assert kept["config"]["network"]["network_dim"] == 2
    assert kept["threads"] == torch.get_num_threads()
    capsys.readouterr()
    assert run("inspect", version / "checkpoints" / files[0]) == 0
    told = capsys.readouterr().out
    assert "LoRA for SD1" in told
    assert "mochi (3), blue (3)" in told
    assert run("preview", "--output", root, "--project", "もち", "--device", "cpu", "--preview_weights", "0,1",
               "--preview_steps", 1) == 0  # fmt: skip
    grid = capsys.readouterr().out.strip()
    assert grid.endswith(".png")


def test_prediction_type_is_kept_with_the_run_and_the_version_and_taken_by_previews(
    tmp_path, pictures, checkpoints, monkeypatch
):
    root, borrowed, borrow = tmp_path / "out", [], StandaloneHost.borrow
    monkeypatch.setattr(StandaloneHost, "borrow", lambda host, ref: borrowed.append(ref) or borrow(host, ref))
    place = "--output", root, "--project", "p"
    flags = small(pictures, checkpoints["sd1"], *place, "--max_train_steps", 1, "--prediction_type", "v")
    assert run("train", *flags) == 0
    version = root / "p" / "versions" / "v1"
    file = version / "checkpoints" / "p-v1-r001.safetensors"
    assert read_metadata(file)["ss_base_model_version"] == "sd_v1_v"
    kept = json.loads((version / "version.json").read_text())
    run_json = json.loads((version / "runs" / "r001" / "run.json").read_text())
    assert kept["prediction_type"] == run_json["config"]["prediction_type"] == "v"

    small_preview = "preview", *place, "--device", "cpu", "--preview_steps", 1, "--preview_prompts", "a"
    for more in ((), ("--prediction_type", "epsilon"), ("--base_model", checkpoints["sd2"], "--preview_weights", 0)):
        assert run(*small_preview, *more) == 0
    assert [ref.prediction_type for ref in borrowed] == ["v", "v", "epsilon", ""]


def test_version_uses_its_own_pictures_when_none_are_named(tmp_path, pictures, checkpoints):
    root = tmp_path / "out"
    own = root / "p" / "versions" / "v1" / "dataset" / "train"
    own.parent.mkdir(parents=True)
    pictures.rename(own)
    flags = small("x", checkpoints["sd1"], "--output", root, "--project", "p", "--max_train_steps", 1)[2:]
    assert run("train", *flags) == 0
    assert (root / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors").exists()


def test_embedded_model_goes_into_a_webui_and_nowhere_else(tmp_path, capsys):
    from lib_train.models.embedded import CHECKPOINT

    assert run("install-embedded", tmp_path) == 2
    assert "is no WebUI folder (webui.py is missing)" in capsys.readouterr().err
    models = tmp_path / "models" / "Stable-diffusion"
    models.mkdir(parents=True)
    (tmp_path / "webui.py").touch()
    assert run("install-embedded", tmp_path) == 0
    installed = models / "train-tools-embedded.safetensors"
    assert installed.read_bytes() == CHECKPOINT.read_bytes()
    tokenizer = models / "train-tools-embedded-tokenizer"
    assert str(tokenizer.resolve()) in installed.with_suffix(".yaml").read_text()
    assert {"config.json", "vocab.json", "merges.txt"} <= {path.name for path in tokenizer.iterdir()}
    assert run("install-embedded", tmp_path) == 0
    installed.write_bytes(b"mine")
    assert run("install-embedded", tmp_path) == 2
    assert installed.read_bytes() == b"mine"
