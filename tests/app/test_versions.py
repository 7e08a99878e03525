import pytest

from lib_train.app.versions import Versions
from lib_train.errors import ProjectError


def test_version_is_found_by_name_and_only_made_where_that_is_asked_for(tmp_path):
    versions = Versions(tmp_path)
    folder = tmp_path / "p" / "versions" / "v1"
    assert versions.named("p", "v1").folder == folder
    with pytest.raises(ProjectError, match="p v1: there is none of this name"):
        versions.existing("p", "v1")
    assert list(tmp_path.iterdir()) == []
    assert versions.made("p", "v1") == versions.existing("p", "v1") == versions.named("p", "v1")
    assert (folder / "checkpoints").is_dir()


@pytest.mark.parametrize("names", [("..", "v1"), ("p", "a/b"), ("", "v1"), ("p", ".hidden")])
@pytest.mark.parametrize("find", ["named", "existing", "made"])
def test_name_that_may_not_be_used_is_refused_however_the_version_is_found(tmp_path, find, names):
    with pytest.raises(ProjectError):
        getattr(Versions(tmp_path), find)(*names)
    assert not (tmp_path.parent / "versions").exists()
