from tests.moves import ended


def test_every_sampler_is_looked_at_before_the_first_picture(session, settings, rendered):
    session.train("p", "v1", settings)
    ended(session)
    requests = rendered()
    session.preview("p", "v1", [], {**settings, "preview_prompts": "a", "preview_sampler": "Euler a, Eular"})
    assert ended(session, "failed")["error"]["problems"][0]["value"] == "Eular"
    assert requests == []
