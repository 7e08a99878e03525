import json

from lib_train.checkpoints.files import read_metadata
from lib_train.host.standalone.host import StandaloneHost
from tests.cli.commands import run, small


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


def test_a_second_network_that_is_not_there_is_told_before_pictures_are_made(
    tmp_path, pictures, checkpoints, monkeypatch, capsys
):
    place = "--output", tmp_path / "out", "--project", "p"
    assert run("train", *small(pictures, checkpoints["sd1"], *place, "--max_train_steps", 1)) == 0
    capsys.readouterr()
    told, borrow = [], StandaloneHost.borrow
    monkeypatch.setattr(
        StandaloneHost, "borrow", lambda host, ref: told.append(capsys.readouterr().out) or borrow(host, ref)
    )
    sheets = "--preview_prompts", "a", "--preview_weights", 0, "--preview_sheets", "lora:none,gone:0.5"
    assert run("preview", *place, "--device", "cpu", "--preview_steps", 1, *sheets) == 0
    assert "preview_sheets: there is no LoRA 'gone' yet" in told[0]
