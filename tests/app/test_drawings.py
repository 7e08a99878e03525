import pytest

from lib_train.errors import ConfigError
from tests.moves import ended


@pytest.mark.parametrize(
    ("more", "setting"),
    [({"preview_prompts": "a", "preview_sampler": "Euler a, Eular"}, "preview_sampler"),
     ({"preview_prompts": ""}, "preview_prompts"), ({"preview_prompts": "a --ss Eular"}, "preview_prompts")],
)  # fmt: skip
def test_previews_that_cannot_be_drawn_are_refused_before_a_job_begins(session, settings, rendered, more, setting):
    session.train("p", "v1", settings)
    ended(session)
    requests = rendered()
    with pytest.raises(ConfigError) as refused:
        session.preview("p", "v1", [], {**settings, **more})
    assert [problem.setting for problem in refused.value.problems] == [setting]
    assert requests == []
