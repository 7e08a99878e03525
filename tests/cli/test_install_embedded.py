from tests.cli.commands import run


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
