import pytest

from lib_train.app.service import Service
from lib_train.config.codec import from_json
from tests.fakes import FakeHost, Notes
from tests.jobs.stopping import draw
from tests.jobs.waiting import Work


@pytest.fixture
def config(pictures):
    found, _ = from_json({
        "train_data_dir": [str(pictures)], "resolution": 64,
        "min_bucket_reso": 64, "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4, "save_every_n_steps": 2,
    })  # fmt: skip
    return found


@pytest.fixture
def data(tmp_path):
    """Six pictures, each counted once: three batches an epoch."""
    for index in range(6):
        draw(tmp_path / "data" / "1_cat", f"{index}", (40 * index, 99, 250 - 40 * index), f"cat number {index}")
    return tmp_path / "data"


@pytest.fixture
def base_model(tmp_path):
    """What the host has loaded; beside it lie another model and a VAE."""
    for name in ("A", "B", "vae"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode() * 1000)
    return tmp_path / "A.safetensors"


@pytest.fixture
def host(base_model):
    return FakeHost(base_model)


@pytest.fixture
def service(tmp_path, host):
    return Service(host, tmp_path / "out", Notes())


@pytest.fixture
def empty(tmp_path):
    made = Work(tmp_path)
    yield made
    made.close()


@pytest.fixture
def work(empty):
    """With "a" going on, and "b" and "c" behind it."""
    empty.queue.start(empty.job("a"))
    empty.queue.add(empty.job("b"))
    empty.queue.add(empty.job("c"))
    return empty
