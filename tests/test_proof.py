import pytest

from tests import proof


def test_proof_of_numbers_is_the_same_twice_and_of_a_resumed_run_as_of_a_whole_one(tmp_path):
    found = list(proof.lines(tmp_path / "one"))
    assert found == list(proof.lines(tmp_path / "two"))
    whole, resumed = ([line for line in found if line.startswith(name)] for name in ("whole", "resumed"))
    kept = [line.removeprefix("whole") for line in whole if "step-" not in line]
    assert kept == [line.removeprefix("resumed") for line in resumed if "step-" not in line]
    assert [line.split()[2] for line in whole if "loss" in line] == [str(step) for step in range(1, 9)]
    assert [line.split()[1] for line in whole if "loss" not in line][-1] == "step-00000008/tensors.safetensors"


@pytest.mark.parametrize("change", [{"seed": 8}, {"noise_offset": 0.06}, {"max_train_steps": 7}])
def test_proof_of_numbers_differs_when_a_number_does(tmp_path, monkeypatch, change):
    before = [line for line in proof.lines(tmp_path / "before") if line.startswith("whole")]
    monkeypatch.setattr(proof, "_SETTINGS", {**proof._SETTINGS, **change})
    assert before != [line for line in proof.lines(tmp_path / "after") if line.startswith("whole")]
