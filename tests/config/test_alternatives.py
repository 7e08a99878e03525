import pytest

from lib_train.config.alternatives import MOST, alternatives
from lib_train.config.fields import options_of
from lib_train.config.run import SECTIONS

OPTIONS = {one.name: one for kind in SECTIONS.values() for one in options_of(kind)}


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("unet_lr", "5e-5, 1e-4,2e-4", [5e-5, 1e-4, 2e-4]),
        ("unet_lr", "1e-4", [1e-4]),
        ("unet_lr", "1e-4-4e-4 [4]", [1e-4, 2e-4, 3e-4, 4e-4]),
        ("unet_lr", "1E-4 - 3E-4 (1e-4)", [1e-4, 2e-4, 3e-4]),
        ("noise_offset", "0.1-1.0 [10]", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("noise_offset", "0-.3(+0.1)", [0.0, 0.1, 0.2, 0.3]),
        ("network_dim", "1-5", [1, 2, 3, 4, 5]),
        ("network_dim", "1-9 (+2)", [1, 3, 5, 7, 9]),
        ("network_dim", "9-1 (-4), 32", [9, 5, 1, 32]),
        ("network_dim", "3-1", [3, 2, 1]),
        ("network_dim", "4-9 [3]", [4, 6, 9]),
        ("network_alpha", "1-3", [1.0, 2.0, 3.0]),
        ("factor", "-1, 4", [-1, 4]),
        ("optimizer_type", "AdamW, Lion", ["AdamW", "Lion"]),
        ("flip_aug", "true, false", [True, False]),
        ("min_snr_gamma", "empty, 5", [None, 5.0]),
        ("resolution", "512 | 512,768", [[512], [512, 768]]),
        ("resolution", "512,768", [[512, 768]]),
        ("optimizer_args", "weight_decay=0.1 | weight_decay=0.01 betas=0.9,0.99", [
            {"weight_decay": 0.1}, {"weight_decay": 0.01, "betas": [0.9, 0.99]}]),
        ("caption_prefix", "mochi, | a cat, sitting | empty", ["mochi,", "a cat, sitting", ""]),
        ("network_layers", "a|b;c | d", [["a|b", "c"], ["d"]]),
        ("keep_tags", "hat, dress | empty", [["hat", "dress"], []]),
    ],
)  # fmt: skip
def test_a_text_gives_the_values_that_it_shows(name, text, values):
    found = alternatives(OPTIONS[name], text)
    assert found == values
    assert [type(one) for one in found] == [type(one) for one in values]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("unet_lr", "1e-4,", "empty alternative"),
        ("unet_lr", "", "empty alternative"),
        ("unet_lr", ", 1e-4", "empty alternative"),
        ("resolution", "512 | ", "empty alternative"),
        ("resolution", "512 | | 768", "empty alternative"),
        ("network_dim", "4, 8, 4", "4 is given twice"),
        ("network_dim", "1-5, 3", "3 is given twice"),
        ("network_dim", "1-3 [5]", "is given twice"),
        ("flip_aug", "true, yes", "True is given twice"),
        ("min_snr_gamma", "0, empty", "None is given twice"),
        ("network_dim", "1-", "write a range as"),
        ("network_dim", "1-9 (+2", "write a range as"),
        ("network_dim", "1-9 (+2) [3]", "write a range as"),
        ("network_dim", "1-9 (+0)", "never reaches its end"),
        ("network_dim", "1-9 (-2)", "never reaches its end"),
        ("network_dim", "1-9 (+0.5)", "whole number"),
        ("network_dim", "1-100000", f"more than {MOST} values"),
        ("network_dim", "1-9 [1]", "2 to 200 values"),
        ("network_dim", "1-9 [999999999]", "2 to 200 values"),
        ("network_dim", ",".join(map(str, range(1, MOST + 2))), f"more than {MOST} values"),
        ("noise_offset", "0.1-0.5", "how many values"),
        ("noise_offset", "0-1e999 [3]", "finite"),
        ("noise_offset", "0-9 [3]", "at most 1"),
        ("network_dim", "0, 4", "'0': must be at least 1"),
        ("network_dim", "8,banana", "'banana': must be a whole number"),
        ("network_dim", "1-3, 9-x", "'9-x': write a range as"),
        ("noise_offset", "0.1-0.5, 1", "'0.1-0.5': say how many values"),
        ("optimizer_type", "AdamW, Lionn", "'Lionn': choose one of"),
        ("resolution", "512 | 512,x", "'512,x': must be a whole number"),
        ("network_dim", "four, 8", "whole number"),
        ("network_dim", "empty, 4", "must not be empty"),
        ("optimizer_type", "AdamW, Sheep", "choose one of"),
        ("flip_aug", "true, maybe", "true or false"),
        ("optimizer_args", "weight_decay | a=1", "name=value"),
    ],
)
def test_what_cannot_be_read_says_why_and_how_to_write_it(name, text, why):
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        alternatives(OPTIONS[name], text)


def test_exactly_as_many_values_as_allowed_are_taken():
    assert alternatives(OPTIONS["network_dim"], f"1-{MOST}") == list(range(1, MOST + 1))
    assert len(alternatives(OPTIONS["noise_offset"], f"0-1 [{MOST}]")) == MOST
