"""Cards of LoRA files in the host: what they tell of a checkpoint, and which of them are of checkpoints of ours."""

import json
import shutil

from tests.moves import ended


def trained(session, settings, project="p", version="v1", **more):
    wanted = {**settings, "caption_prefix": "mochi, ", "max_train_steps": 4, "save_every_n_steps": 2, **more}
    session.train(project, version, wanted)
    ended(session)
    return {one["step"]: one for one in session.checkpoints(project, version)}


def card_beside(path):
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def test_a_card_tells_the_place_in_the_run_and_the_run_s_own_settings(session, settings):
    found = trained(session, settings, training_comment="of mochi", network_dim=4, learning_rate=1e-3)
    session.kept.keep("p", "v1", {"network_dim": 32})  # the next run's
    card = card_beside(session.install("p", "v1", found[2]["name"]))
    epoch, loss = found[2]["epoch"], found[2]["loss"]
    epochs = found[4]["epoch"]
    assert card["description"] == f"p v1 r001: epoch {epoch} of {epochs}, step 2 of 4, loss {loss:.4f}"
    assert card["activation text"] == "mochi"
    lines = card["notes"].split("\n")
    assert lines[0] == "of mochi"
    assert {"network_dim = 4", "learning_rate = 0.001", "optimizer_type = AdamW"} <= set(lines)
    assert not any(line.startswith("conv_dim") for line in lines)  # not set


def test_a_file_that_no_run_tells_of_has_a_card_all_the_same(session, settings):
    found = trained(session, settings)
    folder = session.checkpoint("p", "v1", found[4]["name"]).parent
    shutil.copy(folder / found[4]["name"], folder / "of another program.safetensors")
    card = card_beside(session.install("p", "v1", "of another program.safetensors"))
    assert card["description"] == "p v1"
    assert card["activation text"] == "mochi"


def test_installed_files_are_known_by_their_names_wherever_they_lie_in_the_folder(session, settings, tmp_path):
    assert session.installed() == []
    first, second = trained(session, settings), trained(session, settings, version="v2")
    session.install("p", "v1", first[2]["name"])
    there = session.install("p", "v2", second[4]["name"])
    (there.parent / "mine").mkdir()
    shutil.move(there, there.parent / "mine")
    (tmp_path / "loras" / "somebody else's.safetensors").write_bytes(b"x")
    assert sorted(session.installed(), key=lambda one: one["version"]) == [
        {"name": first[2]["name"].removesuffix(".safetensors"), "project": "p", "version": "v1",
         "checkpoint": first[2]["name"]},
        {"name": second[4]["name"].removesuffix(".safetensors"), "project": "p", "version": "v2",
         "checkpoint": second[4]["name"]},
    ]  # fmt: skip
