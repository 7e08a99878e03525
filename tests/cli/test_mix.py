import json
import os
from contextlib import redirect_stderr

import pytest

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


def at_once(jobs):
    """Exit codes of jobs in processes of their own that begin at the same moment."""
    reading, writing = os.pipe()
    children = []
    for job in jobs:
        child = os.fork()
        if not child:
            code = 1
            try:
                os.close(writing)
                os.read(reading, 1)  # ends when the last writing end is closed
                code = job()
            finally:
                os._exit(code)
        children.append(child)
    os.close(reading)
    os.close(writing)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("named", [["--name", "both"], []], ids=["of one name", "of no name"])
def test_of_two_mixes_at_once_each_is_whole_or_refused_and_none_is_of_both(tmp_path, named):
    networks = [lora(seed=seed) for seed in (1, 2)]
    weights = ((0.2, 0.8), (0.7, 0.3))
    sums = [dense(network) for network in networks]
    wanted = [{name: one * sums[0][name] + other * sums[1][name] for name in sums[0]} for one, other in weights]
    for attempt in range(6):
        place = open_project(tmp_path, f"p{attempt}").version("v1").part("checkpoints")
        for seed, network in enumerate(networks, 1):
            written(place / f"r001-00000{seed}.safetensors", network)

        def mixed(number, attempt=attempt):
            one, other = weights[number]
            with (tmp_path / f"said-{attempt}-{number}").open("w") as said, redirect_stderr(said):
                given = ["--project", f"p{attempt}", "--output", tmp_path]
                return run("mix", *given, f"000001:{one}", f"000002:{other}", *named)

        codes = at_once([lambda: mixed(0), lambda: mixed(1)])
        assert set(codes) <= {0, 2}
        assert 0 in codes
        made = {path for path in place.iterdir() if not path.stem.startswith("r001")}
        assert len(made) == codes.count(0)
        kept = [[distance(dense_in(path), one) < 1e-6 for one in wanted] for path in sorted(made)]
        assert sorted(map(sum, kept)) == [1] * len(made)
        assert all(any(of[number] for of in kept) == (code == 0) for number, code in enumerate(codes))
        for number, code in enumerate(codes):
            assert code == 0 or ".safetensors" in (tmp_path / f"said-{attempt}-{number}").read_text()
