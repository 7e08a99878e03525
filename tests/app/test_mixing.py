import json

import pytest

from lib_train.app.mixing import free_name, named_in, parted, settings_of, weights_of
from lib_train.checkpoints.files import read_metadata
from lib_train.checkpoints.hashes import model_hashes
from lib_train.errors import ConfigError
from lib_train.store.projects import open_project
from tests.lora_tools.networks import dense, dense_in, distance, lora, written

STEMS = "p-v1-r001-000002", "p-v1-r001-000004", "p-v1-r001"


@pytest.fixture
def there(tmp_path):
    version = open_project(tmp_path / "out", "p").version("v1")
    for seed, stem in enumerate(STEMS):
        written(version.part("checkpoints") / f"{stem}.safetensors", lora(rank=3, seed=seed))
    return version


def ended(session, work):
    while not session.works.one("p", "v1", work["number"])["ended"]:
        pass
    return session.works.one("p", "v1", work["number"])


def test_mix_is_the_weighted_sum_of_what_checkpoints_add_and_tells_its_recipe(session, there):
    wish = ["000002:0.25", "p-v1-r001.safetensors:0.75"]
    found = ended(session, session.mix("p", "v1", wish, {"blocks": "1;FACE"}))
    assert not found["error"], found
    path = there.folder / "checkpoints" / "p-v1-mix1.safetensors"
    assert found["result"]["after"]["name"] == path.name
    files = [there.folder / "checkpoints" / f"{stem}.safetensors" for stem in (STEMS[0], STEMS[2])]
    assert json.loads(read_metadata(path)["train_tools_recipe"]) == {
        "format": 1,
        "files": [
            {"name": files[0].name, "sha256": model_hashes(files[0])[1], "weight": 0.25, "blocks": "1"},
            {"name": files[1].name, "sha256": model_hashes(files[1])[1], "weight": 0.75, "blocks": "FACE"},
        ],
    }
    session.mix("p", "v1", ["000002", "000004"], {}, "half")
    assert "p-v1-mix1.safetensors" in [one["name"] for one in session.comparison.of("p", "v1")["checkpoints"]]
    assert free_name(there) == "p-v1-mix2"


@pytest.mark.parametrize(("rank", "off"), [("", 1e-6), ("6", 1e-6), ("3", 0.8)])
def test_equal_shares_are_the_true_average_at_any_rank_that_holds_it(session, there, rank, off):
    """Exact at the sum of both ranks; less holds what of it is largest, and says how far off it is."""
    found = ended(session, session.mix("p", "v1", STEMS[:2], {"rank": rank} if rank else {}, "half"))
    first, second = (dense(lora(rank=3, seed=seed)) for seed in (0, 1))
    average = {name: (first[name] + second[name]) / 2 for name in first}
    distant = distance(dense_in(there.folder / "checkpoints" / "half.safetensors"), average)
    assert distant < off
    assert distant == pytest.approx(found["result"]["error"], abs=1e-5)


def test_checkpoints_are_named_by_file_stem_or_an_end_that_no_other_has(there):
    names = [path.stem for path in named_in(there, ["000002", STEMS[2], f"{STEMS[1]}.safetensors"])]
    assert names == [STEMS[0], STEMS[2], STEMS[1]]
    for wrong, message in ((["r9", "r001"], "names 0 checkpoints"), (["000002"], "two or more"), ([], "two or more")):
        with pytest.raises(ConfigError, match=message):
            named_in(there, wrong)


def test_weights_stand_behind_names_or_are_equal_shares(there):
    assert parted("a:b:-0.5") == ("a:b", -0.5)
    assert parted("a:b") == ("a:b", None)
    assert weights_of([None] * 4) == (0.25,) * 4
    assert weights_of([2.0, -1.0]) == (2.0, -1.0)
    with pytest.raises(ConfigError, match="a weight, such as NAME:0.5, or none"):
        weights_of([None, 0.5])
    with pytest.raises(ConfigError, match="behind the names"):
        settings_of((1.0,), {"weights": "1"})
