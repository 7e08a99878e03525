"""The stand-in of the WebUI, with a model loaded."""

import pytest

from lib_train.vocabulary import FAMILIES
from tests.fake_webui import inside_webui
from tests.host.inside import load


@pytest.fixture
def adapter():
    with inside_webui() as found:
        yield found


@pytest.fixture(params=FAMILIES)
def any_model(request, adapter, checkpoints):
    """Each family's model as the WebUI has loaded it."""
    return load(checkpoints, request.param)


@pytest.fixture
def sd_model(adapter, checkpoints):
    return load(checkpoints, "sd1")


@pytest.fixture
def host(adapter):
    return adapter.WebuiHost()
