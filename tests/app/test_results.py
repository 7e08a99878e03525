import json

import pytest

from lib_train.errors import FileError, ProjectError
from tests.moves import ended


def test_checkpoint_is_installed_with_its_card_and_deleted_into_the_trash(session, settings, tmp_path):
    session.train(
        "p", "v1", {**settings, "caption_prefix": "mochi, ", "preview_prompts": "a", "preview_weights": "0, 0.8"}
    )
    ended(session)
    name = session.checkpoints("p", "v1")[0]["name"]
    there = session.install("p", "v1", name)
    assert there == tmp_path / "loras" / name
    card = json.loads(there.with_suffix(".json").read_text(encoding="utf-8"))
    assert (card["activation text"], card["preferred weight"], card["sd version"]) == ("mochi", 0.8, "SD1")
    assert there.with_suffix(".preview.png").read_bytes()[:4] == b"\x89PNG"
    assert session.install("p", "v1", name) == there  # the same file again is no fault
    there.write_bytes(b"another")
    with pytest.raises(FileError, match="another file of this name"):
        session.install("p", "v1", name)
    gone = session.delete_checkpoint("p", "v1", name)
    assert gone.exists()
    assert name not in [c["name"] for c in session.checkpoints("p", "v1")]
    for wrong in (name, "../../../../etc/passwd", "x.png"):
        with pytest.raises(ProjectError):
            session.checkpoint("p", "v1", wrong)
