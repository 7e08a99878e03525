"""One bad input of each kind: a clear error that names it, exit code 2, nothing written over."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from safetensors.torch import load_file

from lib_train import cli
from lib_train.optim import optimizers
from tests.tiny import write_file


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, checkpoints):
    """A trained project, a LoRA, and things that are easily mistaken for what they are not."""
    folder, data = tmp_path_factory.mktemp("prepared"), tmp_path_factory.mktemp("data")
    (data / "2_mochi").mkdir()
    Image.new("RGB", (64, 64), "red").save(data / "2_mochi" / "0.png")
    (data / "2_mochi" / "0.txt").write_text("mochi")
    given = flags(data, checkpoints["sd1"], folder / "out")
    assert run("train", *given, "--max_train_steps", 1, "--save_every_n_steps", 1) == 0
    lora = load_file(folder / "out" / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors")
    write_file(folder / "nan.safetensors", {name: tensor * float("nan") for name, tensor in lora.items()})
    (folder / "text.safetensors").write_text("this is no checkpoint")
    (folder / "cut.safetensors").write_bytes(checkpoints["sd1"].read_bytes()[:-999])
    tensors = load_file(checkpoints["sd1"])
    half = {k: t for k, t in tensors.items() if "output_blocks.11" not in k}
    write_file(folder / "half.safetensors", half)
    write_file(folder / "novae.safetensors", {k: t for k, t in tensors.items() if "first_stage" not in k})
    first = "model.diffusion_model.input_blocks.0.0.weight"
    write_file(folder / "inpaint.safetensors", tensors | {first: tensors[first].repeat(1, 3, 1, 1)[:, :9]})
    write_file(folder / "sd3.safetensors", {"model.diffusion_model.joint_blocks.0.x": tensors[first]})
    (folder / "model.txt").write_text("x")
    (folder / "broken.json").write_text("{")
    (folder / "newer.json").write_text('{"schema": 99}')
    (folder / "empty" / "10_none").mkdir(parents=True)
    (folder / "uncounted" / "cats").mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(folder / "uncounted" / "cats" / "a.png")
    for name, file, content in (
        ("corrupt", "0.png", b"\x89PNG\r\n\x1a\n"),
        ("undecodable", "0.txt", "日本".encode("shift-jis")),
        ("zeros", "0.txt", b"a\0b"),
    ):
        inner = folder / name / "2_x"
        inner.mkdir(parents=True)
        Image.new("RGB", (64, 64)).save(inner / "0.png")
        (inner / file).write_bytes(content)
    return folder


@pytest.fixture
def place(tmp_path, prepared):
    """A copy of what is prepared, for one test; base models, which none of them writes, are links."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True, copy_function=linked_or_copied)
    return tmp_path


def linked_or_copied(source: str, target: str) -> None:
    if os.path.getsize(source) > 1_000_000:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def run(*words: object) -> int:
    try:
        return cli.main([str(word) for word in words])
    except SystemExit as stopped:  # argparse
        return int(stopped.code or 0)


def flags(pictures: object, checkpoint: object, root: Path) -> list[object]:
    return ["--train_data_dir", pictures, "--base_model", checkpoint, "--output", root, "--project", "p", "--device",
            "cpu", "--resolution", 64, "--min_bucket_reso", 64, "--network_dim", 2]  # fmt: skip


def states(folder: Path) -> dict[str, object]:
    """Each file with what changes whenever somebody writes into it or puts another in its place."""
    found = {str(path): path.stat() for path in sorted(folder.rglob("*")) if path.is_file()}
    return {path: (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns) for path, state in found.items()}


CASES = {
    "no folder named": (["--train_data_dir", ""], "train_data_dir = .*name a folder that holds"),
    "folder that is not there": (["--train_data_dir", "{place}/nowhere"], "nowhere.*is no folder"),
    "folder without pictures": (["--train_data_dir", "{place}/empty"], "no picture can be used"),
    "folder without repeats": (["--train_data_dir", "{place}/uncounted"], "rename it to 10_cats"),
    "corrupt picture": (["--train_data_dir", "{place}/corrupt"], r"0\.png.*replace or remove it"),
    "undecodable caption": (["--train_data_dir", "{place}/undecodable"], r"0\.txt cannot be read as UTF-8"),
    "caption of zeros": (["--train_data_dir", "{place}/zeros"], r"0\.txt holds NUL characters.*save it as UTF-8"),
    "unknown flag": (["--network_dimm", "3"], "unrecognized arguments: --network_dimm"),
    "setting out of range": (["--network_dim", "0"], "network_dim = 0: must be at least 1"),
    "several at once": (["--network_dim", "0", "--seed", "x"], "2 settings cannot be used"),
    "wrong choice": (["--optimizer_type", "Adan"], "choose one of AdamW"),
    "resolution of odd size": (["--resolution", "100"], "sides must be multiples of 8"),
    "conv_alpha alone": (["--conv_alpha", "4"], "set conv_dim too"),
    "optimizer argument unknown": (["--optimizer_args", "betaz=1"], "AdamW knows"),
    "optimizer argument no pair": (["--optimizer_args", "betas"], "write it as name=value"),
    "8-bit optimizer on a CPU": (["--optimizer_type", "AdamW8bit"], "8-bit optimizers need an NVIDIA GPU"),
    "config not there": (["--config", "{place}/nothing.json"], "config = .*cannot be read .No such file"),
    "config broken": (["--config", "{place}/broken.json"], "cannot be read as JSON"),
    "config of a newer version": (["--config", "{place}/newer.json"], "schema = 99: .*update Train Tools"),
    "base model not there": (["--base_model", "{place}/nothing.safetensors"], "base_model = .*there is no such file"),
    "base model is a LoRA": (["--base_model", "{lora}"], "is a LoRA file, not a base model"),
    "base model cut short": (["--base_model", "{place}/cut.safetensors"], r"cut\.safetensors: is no whole safetensors"),
    "base model is text": (["--base_model", "{place}/text.safetensors"], r"text\.safetensors: is a text file"),
    "base model of another ending": (
        ["--base_model", "{place}/model.txt"],
        r"model\.txt: is a text file; .*choose a .safetensors or .ckpt file",
    ),
    "base model is a folder": (
        ["--base_model", "{place}/empty"],
        r"base_model = .*empty': is a folder; choose a .safe",
    ),
    "base model of a hub": (["--base_model", "org/name-v1"], "base_model = .*nothing is downloaded from there"),
    "base model lacks weights": (["--base_model", "{place}/half.safetensors"], "tensors are missing, such as"),
    "base model lacks its VAE": (["--base_model", "{place}/novae.safetensors"], "holds no VAE"),
    "inpainting model": (["--base_model", "{place}/inpaint.safetensors"], "is an inpainting model"),
    "SD3 model": (["--base_model", "{place}/sd3.safetensors"], "is a Stable Diffusion 3 model"),
    "VAE not there": (["--vae", "{place}/nothing.vae.pt"], "vae = .*there is no such file"),
    "VAE is none": (["--vae", "{lora}"], "holds no VAE"),
    "project leads out": (["--project", "../x"], "project = '../x': use letters"),
    "project reserved": (["--project", "CON"], "is reserved by Windows"),
    "version hidden": (["--version", ".x"], "must not begin or end with a dot"),
    "unknown sampler": (["--preview_prompts", "a", "--preview_sampler", "Magic"], "preview_sampler = 'Magic'"),
}


@pytest.mark.parametrize(("words", "told"), CASES.values(), ids=CASES.keys())
def test_training_refuses(place, pictures, checkpoints, capsys, words, told):
    lora = place / "out" / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors"
    before = states(place)
    filled = [word.format(place=place, lora=lora) for word in words]
    given = flags(pictures, checkpoints["sd1"], place / "out")
    code = run("train", *(given[2:] if "--train_data_dir" in filled else given), *filled)
    after = states(place)
    assert code == 2
    assert_told(told, capsys.readouterr().err)
    assert {path: after.get(path) for path in before if "version.json" not in path and "cache" not in path} == {
        path: state for path, state in before.items() if "version.json" not in path and "cache" not in path
    }
    assert not [path for path in after if path.endswith(".partial")]
    assert lora.exists()


def assert_told(pattern: str, text: str) -> None:
    import re

    assert re.search(pattern, text.replace("\n", " ")), text


def test_unknown_key_in_a_settings_file_is_a_note(place, pictures, checkpoints, capsys):
    (place / "future.json").write_text(json.dumps({"training": {"magic": 1}}))
    assert run("plan", "--config", place / "future.json", *flags(pictures, checkpoints["sd1"], place / "out")) == 0
    assert "note: training.magic: not known, kept as it is" in capsys.readouterr().out


def test_missing_optional_package_is_named(place, pictures, checkpoints, capsys, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(optimizers.importlib, "import_module", absent)  # type: ignore[attr-defined]
    code = run("train", *flags(pictures, checkpoints["sd1"], place / "out"), "--optimizer_type", "Prodigy")
    assert code == 2
    assert "pip install prodigyopt" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is writable for the superuser")
def test_output_folder_that_cannot_be_written_to(place, pictures, checkpoints, capsys):
    sealed = place / "sealed"
    sealed.mkdir(mode=0o500)
    assert run("train", *flags(pictures, checkpoints["sd1"], sealed / "out")) == 2
    assert "let projects lie elsewhere (command line: --output)" in capsys.readouterr().err


def test_output_that_is_a_file(place, pictures, checkpoints, capsys):
    assert run("train", *flags(pictures, checkpoints["sd1"], place / "model.txt")) == 2
    assert "the folder cannot be made" in capsys.readouterr().err


def test_disk_without_room_is_told_before_the_run(place, pictures, checkpoints, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    assert run("train", *flags(pictures, checkpoints["sd1"], place / "out")) == 2
    assert "make room, save less often" in capsys.readouterr().err


def test_resuming_what_cannot_be_resumed(place, capsys):
    out = ["--output", place / "out", "--project", "p"]
    assert run("train", *out, "--resume") == 2
    assert "resume = 'r001': the run is finished" in capsys.readouterr().err
    assert run("train", *out, "--resume", "r9") == 2
    assert "resume = 'r9': " in capsys.readouterr().err
    assert run("train", *out, "--resume", "--seed", 3) == 2
    assert "a resumed run keeps its settings" in capsys.readouterr().err
    folder = place / "out" / "p" / "versions" / "v1" / "runs" / "r001"
    (folder / "events.jsonl").unlink()
    state = next((folder / "state").iterdir())
    (state / "tensors.safetensors").write_bytes(b"damaged")
    assert run("train", *out, "--resume") == 2
    assert "holds no whole state" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{place}/text.safetensors"], r"text\.safetensors: is a text file"),
        (["{base}"], "belong to another kind of network or file .*: choose a file of LoRA"),
        (
            ["{place}/nan.safetensors"],
            r"nan\.safetensors: [0-9]+ of its layers hold NaN or infinity .*choose an earlier",
        ),
        (["{lora}", "--preview_sampler", "Magic"], "preview_sampler = 'Magic': choose one of Euler"),
        (["{lora}", "--preview_weights", "x"], "preview_weights = 'x': must be a number"),
    ],
    ids=["no safetensors", "no LoRA", "NaN", "unknown sampler", "weight no number"],
)
def test_preview_refuses(place, checkpoints, capsys, words, told):
    lora = place / "out" / "p" / "versions" / "v1" / "checkpoints" / "p-v1-r001.safetensors"
    filled = [word.format(place=place, lora=lora, base=checkpoints["sd1"]) for word in words]
    code = run("preview", *filled, "--output", place / "out", "--project", "p", "--device", "cpu", "--preview_prompts",
               "a", "--preview_steps", 1)  # fmt: skip
    assert code == 2
    assert_told(told, capsys.readouterr().err)


def test_inspecting_another_file_is_refused(place, capsys):
    assert run("inspect", place / "text.safetensors") == 2
    assert "is a text file; download it again, or choose a .safetensors file" in capsys.readouterr().err
