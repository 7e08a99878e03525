import pytest

from tests.config.sample import Sample, problems_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"whole": "7"}, 7), ({"whole": 7.0}, 7), ({"whole": " 1e2 "}, 100), ({"part": 1}, 1.0),
        ({"part": "1e-3"}, 1e-3),
        ({"rest": None}, None), ({"rest": ""}, None), ({"rest": " "}, None), ({"rest": "0.5"}, 0.5),
        ({"rest": 0}, None), ({"rest": "0.0"}, None),
        ({"on": "true"}, True), ({"on": " Off "}, False), ({"on": "1"}, True), ({"on": True}, True),
        ({"sizes": "16, 24"}, (16, 24)), ({"sizes": [16.0, "24"]}, (16, 24)), ({"sizes": 16}, (16,)),
        ({"sizes": ""}, ()), ({"sizes": None}, ()), ({"sizes": "16,"}, (16,)),
        ({"lines": "a, b\nc"}, ("a, b", "c")), ({"lines": ["a", "b\nc"]}, ("a", "b\nc")),
        ({"more": {"betas": (0.9, 0.99)}}, {"betas": [0.9, 0.99]}),
        ({"more": ["betas=0.9,0.99", "fused=True", "mode=max"]}, {"betas": [0.9, 0.99], "fused": True, "mode": "max"}),
        ({"more": "weight_decay=0.1 'name=a b'"}, {"weight_decay": 0.1, "name": "a b"}),
        ({"more": "weight_decay=0.1, betas=0.9,0.99"}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": ["weight_decay=0.1,", "betas=0.9,0.99;"]}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": ["weight_decay", "=", "0.1"]}, {"weight_decay": 0.1}),
        ({"more": " weight_decay = 0.1 ,betas= (0.9, 0.99) "}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": '"weight_decay=0.1" "betas=0.9,0.99"'}, {"weight_decay": 0.1, "betas": [0.9, 0.99]}),
        ({"more": 'betas="0.9,0.99'}, {"betas": [0.9, 0.99]}),
        ({"more": ["decouple=true", "fused=FALSE", "d0=1e-5"]}, {"decouple": True, "fused": False, "d0": 1e-5}),
        ({"more": {"betas": "0.9,0.99", "weight_decay": "0.1"}}, {"betas": [0.9, 0.99], "weight_decay": 0.1}),
    ],
)  # fmt: skip
def test_values_become_the_settings_type(given, kept):
    (name,) = given
    found = getattr(Sample(**given), name)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"whole": 0}, "must be at least 1"), ({"whole": 2**32}, "must be at most 4294967295"),
        ({"whole": 1.5}, "must be a whole number"), ({"whole": "x"}, "must be a whole number"),
        ({"whole": True}, "must be a whole number"), ({"whole": None}, "must not be empty"),
        ({"whole": ""}, "must not be empty"), ({"whole": 10**400}, "must be a finite number"),
        ({"part": 1.5}, "must be at most 1"), ({"part": "0,5"}, "must be a number"),
        ({"part": False}, "must be a number"), ({"part": [0.5]}, "must be a number"),
        ({"part": float("nan")}, "must be a finite number"), ({"part": "inf"}, "must be a finite number"),
        ({"part": "1e999"}, "must be a finite number"), ({"rest": 0.1}, "must be at least 0.25"),
        ({"on": "maybe"}, "must be true or false"), ({"on": 1}, "must be true or false"),
        ({"on": None}, "must not be empty"), ({"word": "c"}, "choose one of a, b"), ({"word": 3}, "must be text"),
        ({"sizes": "16,x"}, "must be a whole number"), ({"sizes": ("16", None)}, "must be a whole number"),
        ({"sizes": (16, 4)}, "must be at least 8"), ({"sizes": {"a": 1}}, "must be a whole number"),
        ({"lines": [1]}, "must be text"), ({"more": "betas"}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": "weight_decay="}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["0.1", "weight_decay=0.1"]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": [["a", 1]]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["=1"]}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": 5}, "write it as name=value, such as weight_decay=0.1"),
        ({"more": ["a={1, 2}"]}, "values must be numbers, text, true, false or lists of these"),
        ({"more": {"a": float("nan")}}, "values must be numbers, text, true, false or lists of these"),
    ],
)  # fmt: skip
def test_value_that_cannot_be_used_is_told_what_it_must_be(given, remedy):
    (name,) = given
    assert problems_of(**given) == {name: remedy}
