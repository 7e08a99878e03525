def write(session, **captions):
    folder = session.root / "mochi" / "versions" / "v1" / "dataset" / "train" / "2_mochi"
    files = sorted(folder.glob("*.txt"))
    for file, caption in zip(files, captions.values(), strict=True):
        file.write_text(caption)
    return files


SOME = {"a": "1girl, blue eyes, hat", "b": "1girl, blue_eyes", "c": "1girl, blue eyes, smile", "d": "1girl, smile"}


def test_tags_are_counted_with_what_settings_keep_and_drop(api, version, session):
    write(session, **SOME)
    api("PATCH", version + "/settings", json={"changes": {"keep_tags": "1girl,scarf,hat", "drop_tags": "hat"}})
    found = api.get(version + "/tags")
    assert (found["pictures"], found["total"], found["once"]) == (4, 4, 1)
    assert [(one["tag"], one["pictures"], one["used"]) for one in found["tags"]] == [
        ("1girl", 4, True), ("blue eyes", 3, False), ("smile", 2, False), ("hat", 1, False)
    ]  # fmt: skip
    assert [tuple(one.values()) for one in found["keep_tags"]] == [("1girl", 4), ("scarf", 0), ("hat", 1)]
    assert found["drop_tags"] == [{"tag": "hat", "pictures": 1}]
    beside = api.get(version + "/tags?beside=blue_eyes&limit=1&offset=1")
    assert (beside["total"], [one["tag"] for one in beside["tags"]]) == (3, ["hat"])
    assert api.get(version + "/tags?filter=smile")["pictures"] == 2


def test_binding_is_proposed_written_remembered_and_done_to_new_captions(api, version, session):
    files = write(session, **SOME)
    seen = api.get(version + "/binding?trigger=mochi")
    assert [(one["tag"], one["share"], one["belongs"]) for one in seen["tags"]] == [
        ("1girl", 1.0, False), ("blue eyes", 0.75, True)
    ]  # fmt: skip
    assert seen["example"]["after"] == "mochi, 1girl, hat"
    api.post(version + "/binding", trigger="mochi", character=["blue eyes"], stays=["1girl"])
    assert [file.read_text() for file in files] == ["mochi, 1girl, hat", "mochi, 1girl", "mochi, 1girl, smile",
                                                    "mochi, 1girl, smile"]  # fmt: skip
    files[0].write_text("1girl, blue eyes, new")
    again = api.get(version + "/binding")
    assert (again["trigger"], again["waiting"], again["bindings"][0]["free"]) == ("mochi", 1, ["1girl"])
    api.post(version + "/binding", again=True)
    assert files[0].read_text() == "mochi, 1girl, new"
    assert api.get(version + "/binding")["waiting"] == 0


def test_doctor_asks_for_the_trigger_word_that_was_bound(api, version, session):
    files = write(session, **SOME)
    api.post(version + "/binding", trigger="ohwx", character=["blue eyes"])
    codes = [one["code"] for one in api.get(version + "/doctor")["findings"]]
    assert "no_trigger" not in codes
    files[0].write_text("mochi, 1girl")
    one = next(one for one in api.get(version + "/doctor")["findings"] if one["code"] == "no_trigger")
    assert "captions without the trigger word of their folder: 1" in one["text"]
    api.post(version + "/doctor/no_trigger/remedy", remedy="add_trigger")
    assert files[0].read_text() == "ohwx, mochi, 1girl"


def test_binding_is_undone_with_what_was_remembered(api, version, session):
    files = write(session, **SOME)
    api.post(version + "/binding", trigger="mochi", character=["blue eyes"])
    assert api.post(version + "/edits/undo")["files"] == 5
    assert [file.read_text() for file in files] == list(SOME.values())
    assert api.get(version + "/binding")["bindings"] == []


def test_binding_is_seen_before_it_is_written(api, version, session):
    files = write(session, **SOME)
    choice = {"trigger": "mochi", "character": ["smile"]}
    seen = api.post(version + "/binding/preview", **choice)
    assert (seen["pictures"], seen["captions"]) == (4, 4)
    assert seen["example"]["after"] == "mochi, 1girl, blue eyes, hat"
    smiling = api.post(version + "/binding/preview", **choice, filter="smile")
    assert smiling["example"]["after"] == "mochi, 1girl, blue eyes"
    assert [file.read_text() for file in files] == list(SOME.values())
    api.post(version + "/binding", **choice)
    files[0].write_text("smile")
    waiting = api.post(version + "/binding/preview", again=True)
    assert (waiting["captions"], waiting["example"]["after"], files[0].read_text()) == (1, "mochi", "smile")


def test_binding_without_word_and_tag_is_refused(api, version):
    error = api.post(version + "/binding", 422)["error"]
    assert error["problems"][0]["setting"] in ("trigger", "what was sent", "body")
    assert api.post(version + "/binding", 422, trigger=" ")["error"]["problems"][0]["setting"] == "trigger"


def test_trigger_word_that_settings_put_first_is_not_written_too(api, version, session):
    files = write(session, **SOME)
    api("PATCH", version + "/settings", json={"changes": {"caption_prefix": "Mochi"}})
    api.post(version + "/binding", trigger="mochi", character=["blue eyes"])
    assert files[0].read_text() == "1girl, hat"


def test_tags_of_chosen_pictures_alone_are_proposed_and_bound(api, version, session):
    files = write(session, **SOME)
    ids = [one["id"] for one in api.get(version + "/pictures")["pictures"]]
    found = api.post(version + "/binding/proposals", ids=ids[:1], trigger="mochi")
    assert (found["pictures"], [one["tag"] for one in found["tags"]]) == (1, ["1girl", "blue eyes", "hat"])
    assert found["captioned"] == 1
    api.post(version + "/binding", trigger="mochi", character=["hat"], ids=ids[:1])
    assert [file.read_text() for file in files] == ["mochi, 1girl, blue eyes", *list(SOME.values())[1:]]


def test_captioned_pictures_are_counted(api, version, session):
    files = write(session, **SOME)
    files[0].unlink()
    found = api.post(version + "/binding/proposals", trigger="mochi")
    assert (found["pictures"], found["captioned"]) == (len(files), len(files) - 1)


def test_tags_are_completed_from_the_captions(api, version, session):
    write(session, **SOME)
    assert api.get(version + "/tags/completions?prefix=bl")["tags"] == [
        {"tag": "blue eyes", "pictures": 3, "posts": 0, "alias": ""}
    ]
    assert [one["tag"] for one in api.get(version + "/tags/completions?limit=2")["tags"]] == ["1girl", "blue eyes"]
    api.get(version + "/tags/completions?limit=0", 422)
