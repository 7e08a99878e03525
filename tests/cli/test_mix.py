import json

from lib_train.checkpoints.files import read_metadata
from lib_train.store.projects import open_project
from tests.cli.commands import run
from tests.lora_tools.networks import dense, dense_in, distance, lora, written


def test_checkpoints_are_mixed_among_their_version_and_never_written_over(tmp_path, capsys):
    place = open_project(tmp_path, "p").version("v1").part("checkpoints")
    files = [written(place / f"p-v1-r001-00000{seed}.safetensors", lora(seed=seed)) for seed in (1, 2)]
    given = ["--project", "p", "--output", tmp_path]
    assert run("mix", *given, "000001:0.2", "000002:0.8") == 0
    assert "p-v1-mix1.safetensors" in capsys.readouterr().out
    first, second = (dense(lora(seed=seed)) for seed in (1, 2))
    wanted = {name: 0.2 * first[name] + 0.8 * second[name] for name in first}
    assert distance(dense_in(place / "p-v1-mix1.safetensors"), wanted) < 1e-6
    assert run("mix", *given, "000001", "000002", "--rank", "2", "--name", "small") == 0
    recipe = json.loads(read_metadata(place / "small.safetensors")["train_tools_recipe"])
    assert [(one["name"], one["weight"]) for one in recipe["files"]] == [(file.name, 0.5) for file in files]
    capsys.readouterr()

    for wrong, message in (
        (["000001", "000002", "--name", "small"], "small.safetensors"),
        (["000001", "000002", "--name", "../small"], "is no name of a file"),
        (["000001:0.5", "000002"], "give each checkpoint a weight"),
        (["000001"], "two or more"),
        (["000001", "r9"], "names 0 checkpoints"),
        (["000001", "000002", "--weights", "1,2"], "behind the names"),
    ):
        assert run("mix", *given, *wrong) == 2, wrong
        assert message in capsys.readouterr().err
    assert len(list(place.iterdir())) == 4
