from lib_train.app.service import Service
from lib_train.config.codec import config_of
from tests.fakes import FakeHost, Notes


def test_listener_is_told_of_every_picture_that_is_looked_at(tmp_path, settings):
    (tmp_path / "A.safetensors").touch()
    listener = Notes()
    service = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out", listener)
    assert service.plan(config_of(settings)).pictures == 3
    assert listener.works[-1] == ("pictures", 3, 3)
    assert {what for what, _, _ in listener.works} == {"pictures"}


def test_service_without_a_listener_plans_and_trains_alike(tmp_path, settings):
    (tmp_path / "A.safetensors").touch()
    service = Service(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out")
    steps = service.plan(config_of(settings)).plan.total_steps
    outcome = service.train("p", "v1", config_of(settings))
    assert (outcome.finished, outcome.run.newest().step) == (True, steps)
