import pytest

from lib_train.app.packed_models import Given, Models
from lib_train.app.unpacking import manifest_of
from lib_train.errors import ConfigError
from tests.app.journeys import Home


@pytest.fixture
def cloud(tmp_path):
    """Has another model."""
    return Home(tmp_path / "cloud", base=b"other", name="other.safetensors")


@pytest.fixture
def packed(home, cloud, pictures, tmp_path):
    """The project there, and the marks of what is wanted."""
    home.project(pictures)
    project = cloud.take_in(home.pack(tmp_path / "p.zip").path)
    manifest = manifest_of(project)
    assert manifest
    return project, manifest.bases["v1"]


def found(cloud, packed, **given):
    project, marks = packed
    return Models(cloud.host, project, Given(**given)).of(marks)


def test_model_is_found_by_content_whatever_its_name_in_a_folder_or_as_a_file(home, cloud, packed, tmp_path):
    models = tmp_path / "models" / "sd"
    models.mkdir(parents=True)
    (models / "a.safetensors").write_bytes(b"x")
    (models / "renamed.safetensors").write_bytes(home.base.read_bytes())
    for given in (models.parent, models / "renamed.safetensors"):
        assert found(cloud, packed, base_model=str(given)) == {"base_model": str(models / "renamed.safetensors")}


def test_model_that_the_host_has_or_that_came_along_needs_no_naming(home, cloud, packed, pictures, tmp_path):
    assert found(home, packed) == {"base_model": str(home.base)}
    archive = home.pack(tmp_path / "q.zip", with_model=True).path
    far = Home(tmp_path / "far", base=b"third")
    project = far.take_in(archive)
    assert found(far, (project, packed[1])) == {"base_model": str(project.folder / "models" / "1" / home.base.name)}


def test_missing_model_is_asked_for_by_name_and_hash(cloud, packed):
    known = packed[1][0]["sha256"][:10]
    wanted = rf"base_model = '': the project was packed with base\.safetensors \[{known}\], which is not here; copy it"
    with pytest.raises(ConfigError, match=wanted):
        found(cloud, packed)


def test_another_model_is_refused_until_it_is_wanted_all_the_same(cloud, packed):
    with pytest.raises(ConfigError, match=r"packed with base\.safetensors \[.*\], which this is not; name that with"):
        found(cloud, packed, base_model=str(cloud.base))
    assert found(cloud, packed, base_model=str(cloud.base), takes_others=True) == {"base_model": str(cloud.base)}


def test_path_to_nothing_is_refused(cloud, packed):
    for given in ("gone", "a\0b", "x" * 5000):
        with pytest.raises(ConfigError, match="there is no such folder or file"):
            found(cloud, packed, base_model=given)


def test_vae_that_was_not_packed_is_refused_until_it_is_wanted(home, packed, tmp_path):
    (tmp_path / "vae.safetensors").write_bytes(b"vae")
    with pytest.raises(ConfigError, match="packed without a separate VAE"):
        found(home, packed, vae=str(tmp_path / "vae.safetensors"))
    both = found(home, packed, vae=str(tmp_path / "vae.safetensors"), takes_others=True)
    assert both["vae"] == str(tmp_path / "vae.safetensors")


def test_model_that_nobody_knew_is_the_given_one_or_what_the_host_takes(cloud, packed):
    assert found(cloud, (packed[0], ())) == {}
    assert found(cloud, (packed[0], ()), base_model=str(cloud.base)) == {"base_model": str(cloud.base)}
