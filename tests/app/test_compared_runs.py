import pytest

from lib_train.app.compared_runs import run_json
from lib_train.config.codec import config_of, settings_in, to_json
from lib_train.store.projects import open_project
from lib_train.store.runs import new_run


@pytest.mark.parametrize(
    ("present", "trained", "others"),
    [
        ({}, {"base_model": "/models/a.safetensors", "resolution": [128, 128]}, []),
        ({"base_model": "a.safetensors [12ab]"}, {"base_model": "/models/a.safetensors"}, []),
        ({"base_model": "b.safetensors"}, {"base_model": "/models/a.safetensors"}, ["base_model"]),
        ({"vae": ""}, {"vae": "/models/v.pt"}, ["vae"]),
        ({"resolution": [64, 64]}, {"resolution": [128, 128]}, ["resolution"]),
        ({}, {"unet_lr": 1e-4}, ["unet_lr"]),
    ],
)
def test_a_run_has_other_settings_where_they_differ_and_not_where_it_filled_in_what_it_took(
    tmp_path, present, trained, others
):
    run = new_run(open_project(tmp_path, "p").version("v1"), {"config": to_json(config_of(trained))})
    assert run_json(run, settings_in(to_json(config_of(present))))["others"] == others
