import pytest

from lib_train.app.fits import dataset_on, fitted_on, size_for, size_where_known
from lib_train.config.codec import config_of
from lib_train.errors import TrainToolsError

GONE = {"base_model": "no such model"}


def test_resolution_is_the_models_own_where_none_is_set(session):
    assert size_for(session.host, config_of({})).side == 64
    assert fitted_on(session.host, config_of({})).dataset.size == (64, 64)
    assert fitted_on(session.host, config_of({"resolution": 128})).dataset.size == (128, 128)


def test_model_that_cannot_be_used_is_an_error_or_leaves_the_settings_as_they_are(session):
    for raises in (size_for, fitted_on):
        with pytest.raises(TrainToolsError, match="no such model"):
            raises(session.host, config_of(GONE))
    assert size_where_known(session.host, config_of(GONE)) is None
    assert dataset_on(session.host, config_of(GONE)) == config_of(GONE).dataset


def test_resolution_that_is_set_asks_for_no_model(session):
    assert fitted_on(session.host, config_of({**GONE, "resolution": 128})).dataset.size == (128, 128)
