import hashlib
import json

import pytest
import torch

from lib_train.checkpoints.files import read_network, write_network
from lib_train.errors import ConfigError, ModelFileError

LAYER = "lora_unet_input_blocks_4_1_proj_in"


def write(path, times=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"{LAYER}.lora_down.weight": torch.ones(4, 8), f"{LAYER}.lora_up.weight": times * torch.ones(16, 4)}
    write_network(path, tensors, {"modelspec.trigger_phrase": "mochi"})
    return path


@pytest.fixture
def files(session, tmp_path):
    """One of each place: the version that is looked at, another one, and the host's folder."""
    for version in ("v1", "v2"):
        session.versions.made("p", version)
        write(session.root / "p" / "versions" / version / "checkpoints" / f"{version}.safetensors")
    write(tmp_path / "loras" / "style" / "a.safetensors")
    write(tmp_path / "loras" / ".hidden" / "b.safetensors")
    return session.lora_files


def test_files_of_the_version_come_first_then_the_other_versions_then_the_hosts(files):
    found = [(one["group"], one["where"], one["file"]) for one in files.listed("p", "v2")]
    assert found == [
        ("version", "p v2", "p/versions/v2/checkpoints/v2.safetensors"),
        ("projects", "p v1", "p/versions/v1/checkpoints/v1.safetensors"),
        ("host", "style", "lora:style/a.safetensors"),
    ]
    assert all(files.path(name).is_file() and files.name_of(files.path(name)) == name for _, _, name in found)


def test_facts_and_hashes_are_those_of_the_file(files, session):
    facts = files.facts("lora:style/a.safetensors")
    assert (facts["file"], facts["name"], facts["kind"]) == ("lora:style/a.safetensors", "a.safetensors", "LoRA")
    assert (facts["trigger"], facts["dims"], facts["read_otherwise"]) == ("mochi", {4: 1}, [])
    content = files.path("lora:style/a.safetensors").read_bytes()
    data = content[8 + int.from_bytes(content[:8], "little") :]
    assert files.hashes("lora:style/a.safetensors") == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "webui": hashlib.sha256(data).hexdigest(),
    }
    header = json.loads(content[8 : len(content) - len(data)])
    assert header["__metadata__"]["sshs_model_hash"] == hashlib.sha256(data).hexdigest()


def test_what_is_no_lora_file_is_refused_by_name(files, session, tmp_path, monkeypatch):
    (tmp_path / "no.safetensors").write_bytes(b"no network")
    for wrong in ("", "p/versions", "lora:../no.safetensors", "lora:", "lora:none.safetensors", "a\0b", "x" * 5000):
        with pytest.raises(ConfigError) as caught:
            files.path(wrong, "files")
        assert [problem.setting for problem in caught.value.problems] == ["files"]
    for read in (files.facts, files.hashes):
        with pytest.raises(ModelFileError, match="no.safetensors: is a text file"):
            read(str(tmp_path / "no.safetensors"))
    monkeypatch.setattr(type(session.host), "folders_may_be_chosen", lambda host: False)
    with pytest.raises(ConfigError, match="cannot be chosen here"):
        files.path(str(tmp_path / "no.safetensors"))
    assert files.path("lora:style/a.safetensors").is_file()


def test_norms_are_those_of_the_file_as_it_is_now(files):
    def of_in04():
        return next(one["norm"] for one in files.norms("lora:style/a.safetensors") if one["block"] == "IN04")

    assert of_in04() == pytest.approx(4 * (16 * 8) ** 0.5)  # 16 x 8 fours
    path = files.path("lora:style/a.safetensors")
    path.unlink()
    write(path, times=2)
    assert of_in04() == pytest.approx(8 * (16 * 8) ** 0.5)


def test_file_tells_the_settings_that_it_was_trained_with(files):
    path = files.path("lora:style/a.safetensors")
    told = {"ss_network_dim": "4", "ss_network_alpha": "2.0", "ss_seed": "7", "ss_min_snr_gamma": "5.0"}
    write_network(path, read_network(path)[0], told, replace=True)
    found = files.like("lora:style/a.safetensors")
    taken = {name: found["settings"][name] for name in ("network_dim", "network_alpha", "seed", "min_snr_gamma")}
    assert {name: float(value) for name, value in taken.items()} == {
        "network_dim": 4, "network_alpha": 2, "seed": 7, "min_snr_gamma": 5,
    }  # fmt: skip
