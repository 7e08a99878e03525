"""Files that nothing can be reckoned with without their base model."""

import pytest
import torch

from lib_train.app.tool_runs import Wish
from lib_train.errors import ConfigError
from tests.app.test_tool_runs import make
from tests.app.working import ended
from tests.lora_tools.networks import LITTLE, little_checkpoint, lora, written


@pytest.fixture
def files(session):
    """A LoRA, a DoRA and an (IA)3."""
    folder = session.versions.made("p", "v1").part("checkpoints")
    plain = lora(shapes=LITTLE)
    lengths = {
        f"{name}.dora_scale": torch.full((1, shape[1], *(1,) * (len(shape) - 2)), 2.0) for name, shape in LITTLE.items()
    }
    name = next(name for name in LITTLE if name.endswith("to_q"))
    ia3 = {f"{name}.weight": torch.ones(LITTLE[name][0]), f"{name}.on_input": torch.tensor(0)}
    kinds = {"lora": plain, "dora": plain | lengths, "ia3": ia3}
    return {kind: session.lora_files.name_of(written(folder / f"{kind}.safetensors", tensors))
            for kind, tensors in kinds.items()}  # fmt: skip


def test_which_files_need_their_base_model_is_told(session, files):
    assert {kind: session.lora_files.facts(file)["needs_base"] for kind, file in files.items()} == {
        "lora": False, "dora": True, "ia3": True
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tool", "settings", "kinds"),
    [("resize", {"rank": "2"}, ["dora"]), ("resize", {"rank": "2"}, ["ia3"]), ("blocks", {"weights": "0.5"}, ["dora"]),
     ("merge", {"weights": "1,1", "rank": "2"}, ["lora", "dora"])],
)  # fmt: skip
def test_each_tool_reckons_on_the_base_model_that_is_named(session, files, tmp_path, tool, settings, kinds):
    norms = []
    for seed in (0, 1):
        base = little_checkpoint(tmp_path / f"base{seed}.safetensors", seed=seed)
        made = make(
            session, tool, [files[kind] for kind in kinds], f"new{seed}", more={"base": f" {base} "}, **settings
        )
        norms.append(made["after"]["norm"])
    assert norms[0] > 0
    assert norms[0] != norms[1]


def test_without_one_it_is_the_versions_and_plain_files_do_without(session, files, tmp_path):
    wish = Wish(files=[files["dora"]], settings={"rank": "2"}, place="version", name="b")
    error = ended(session, session.tools.start("p", "v1", "resize", wish)["number"])["error"]
    assert error is not None  # the fake host's model is no checkpoint
    assert make(session, "resize", [files["lora"]], "c", rank="2")["after"]["dims"] == {2: len(LITTLE)}


def test_a_base_model_that_is_not_there_is_told_at_its_field(session, files, tmp_path):
    wish = Wish(files=[files["dora"]], settings={"rank": "2"}, place="version", name="b",
                base=str(tmp_path / "gone.safetensors"))  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        session.tools.start("p", "v1", "resize", wish)
    assert [problem.setting for problem in caught.value.problems] == ["base"]
