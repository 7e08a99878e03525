import pytest

from lib_train.errors import ConfigError, ProjectError, SettingsChanged

P = ("p", "v1")


@pytest.fixture
def kept(session):
    session.projects.create("p")
    return session.kept


def test_run_takes_the_revision_that_somebody_has_looked_at_or_any(kept):
    assert kept.keep(*P, {"seed": "7"})["revision"] == 1
    assert kept.for_run(*P, 1).training.seed == kept.for_run(*P).training.seed == 7
    for revision in (0, 2):
        with pytest.raises(SettingsChanged, match="p v1: the settings were changed elsewhere"):
            kept.for_run(*P, revision)


def test_draft_is_kept_as_typed_and_no_run_takes_it(kept):
    answer = kept.keep(*P, {"network_dim": "8x", "seed": "7"})
    assert (answer["drafts"], answer["values"]["seed"]) == ({"network_dim": "8x"}, 7)
    with pytest.raises(ConfigError) as caught:
        kept.for_run(*P)
    assert [(one.setting, one.value) for one in caught.value.problems] == [("network_dim", "8x")]
    kept.keep(*P, {"network_dim": "8"})
    assert kept.for_run(*P).network.network_dim == 8


def test_preset_that_there_is_none_of_is_refused_with_those_that_there_are(kept):
    before = kept.read(*P)
    with pytest.raises(ConfigError, match="preset = 'nope'.* choose one of defaults, .*course"):
        kept.take_preset(*P, "nope")
    assert kept.read(*P) == before


def test_defaults_come_back_without_losing_folders_and_prompts(kept, pictures):
    kept.keep(*P, {"train_data_dir": str(pictures), "preview_prompts": "mochi", "network_dim": "64"})
    kept.take_preset(*P, "defaults")
    values = kept.read(*P)["values"]
    assert (values["train_data_dir"], values["preview_prompts"]) == ([str(pictures)], ["mochi"])
    assert values["network_dim"] != 64


@pytest.mark.parametrize("act", ["read", "for_run"])
def test_settings_of_no_version_are_not_made(kept, session, act):
    with pytest.raises(ProjectError, match="p v9: there is none"):
        getattr(kept, act)("p", "v9")
    assert session.projects.versions("p") == ["v1"]
