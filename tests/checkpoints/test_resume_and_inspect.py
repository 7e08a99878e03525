import pytest
import torch

from lib_train.checkpoints.files import write_network
from lib_train.checkpoints.inspect import described, inspected
from lib_train.checkpoints.resume import latest_state, read_state, write_state
from lib_train.errors import FileError, ModelFileError


def keep(folder, step):
    return write_state(folder, step, {"a": torch.full((3,), float(step))}, {"step": step, "x": 0.1 + 0.2})


def test_state_reads_back_exactly_and_the_newest_two_are_kept(tmp_path):
    for step in (1, 5, 30):
        keep(tmp_path, step)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["step-00000005", "step-00000030"]
    tensors, facts = read_state(latest_state(tmp_path))
    assert tensors["a"].tolist() == [30, 30, 30]
    assert facts == {"step": 30, "x": 0.1 + 0.2}


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json"])
def test_damaged_state_is_passed_over_for_the_one_before(tmp_path, file):
    keep(tmp_path, 5)
    newest = keep(tmp_path, 30)
    (newest / file).write_bytes((newest / file).read_bytes()[:-2])
    assert latest_state(tmp_path).name == "step-00000005"
    with pytest.raises(FileError, match=r"step-00000030: the state is damaged .*resume from the one before"):
        read_state(newest)
    assert keep(tmp_path, 30) == newest
    assert latest_state(tmp_path) == newest


def test_state_that_was_being_written_does_not_count(tmp_path):
    keep(tmp_path, 5)
    (tmp_path / ".step-00000009.1.partial").mkdir()
    assert latest_state(tmp_path).name == "step-00000005"
    assert latest_state(tmp_path / "nothing") is None


def test_full_disk_leaves_the_state_before(tmp_path, monkeypatch):
    from lib_train.checkpoints import resume

    keep(tmp_path, 5)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(resume.os, "fsync", full)
    with pytest.raises(FileError, match="the disk is full"):
        keep(tmp_path, 9)
    assert [p.name for p in tmp_path.iterdir()] == ["step-00000005"]


def lora(*, kernel=1, field="lora_down.weight"):
    down = torch.zeros(4, 8, kernel, kernel) if kernel > 1 else torch.zeros(4, 8)
    return {f"lora_unet_down_blocks_0_x.{field}": down, "lora_unet_down_blocks_0_x.lora_up.weight": torch.zeros(8, 4)}


def test_inspection_tells_kind_dims_parts_tags_and_settings(tmp_path):
    path = tmp_path / "a.safetensors"
    metadata = {"ss_network_dim": "4", "ss_v2": "False", "ss_base_model_version": "sd_v1", "ss_min_snr_gamma": "None",
                "ss_tag_frequency": '{"10_a": {"mochi": 5, "hat": 2}, "1_b": {"mochi": 1}}'}  # fmt: skip
    write_network(path, lora() | {"lora_te_text_model_x.alpha": torch.tensor(2.0)}, metadata)
    found = inspected(path)
    assert (found.kind, found.base, found.precision) == ("LoRA", "SD1", "F16")
    assert found.modules == {"U-Net": 1, "text encoder": 1}
    assert found.dims == {4: 1}
    assert found.tags == (("mochi", 6), ("hat", 2))
    assert found.settings == {"ss_network_dim": "4"}
    assert "mochi (6), hat (2)" in described(path)


@pytest.mark.parametrize(
    ("tensors", "kind"), [(lora(kernel=3), "LoCon"), (lora(field="hada_w1_a"), "LoHa"), (lora(field="lokr_w1"), "LoKr")]
)
def test_kind_is_read_off_the_tensors(tmp_path, tensors, kind):
    write_network(tmp_path / "a.safetensors", tensors, {"ss_tag_frequency": "broken"})
    assert inspected(tmp_path / "a.safetensors").kind == kind


def test_file_without_a_network_is_refused(tmp_path):
    write_network(tmp_path / "a.safetensors", {"x": torch.zeros(1)}, {})
    with pytest.raises(ModelFileError, match="holds no LoRA"):
        inspected(tmp_path / "a.safetensors")
