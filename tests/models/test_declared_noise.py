import pytest

from lib_train.models.declared_noise import DeclaredNoise, declared_noise


@pytest.mark.parametrize(
    ("names", "metadata", "kind", "rescaled"),
    [
        ([], {}, None, False),
        (["v_pred"], {}, "v", False),
        (["v_pred", "ztsnr"], {}, "v", True),
        (["ztsnr"], {}, None, True),
        (["v_pred"], {"modelspec.prediction_type": "epsilon"}, "epsilon", False),
        ([], {"modelspec.prediction_type": "v_prediction"}, "v", False),
    ],
)
def test_checkpoints_own_word(names, metadata, kind, rescaled):
    assert declared_noise(names, metadata) == (kind, rescaled)


@pytest.mark.parametrize(
    ("said", "trained_as", "follows", "told"),
    [
        (DeclaredNoise("v", True), "v", True, "trained with that noise schedule"),
        (DeclaredNoise("v", True), "epsilon", False, "the ordinary one is used"),
        (DeclaredNoise("v", False), "v", False, None),
    ],
)
def test_schedule_follows_for_v_alone_and_the_plan_says_what_it_does(said, trained_as, follows, told):
    assert said.schedule_follows(trained_as) == follows
    notes = said.notes(trained_as)
    assert len(notes) == (told is not None)
    assert told is None or told in notes[0]
