from lib_train.chance import seed_of


def test_seeds_depend_on_the_whole_position_and_stay_the_same_forever():
    assert seed_of(42, "noise", 1, 0) == 6401616683584675  # sha256 of "42/noise/1/0"
    others = {seed_of(42, "noise", 1, 1), seed_of(42, "noise", 11, 0), seed_of(42, "dropout", 1, 0), seed_of(4, 2)}
    assert len(others) == 4
    assert 0 <= seed_of(42, "noise") < 2**56
    assert seed_of("42 noise", bits=63) == 0x6E9B17CA56F87A69  # the first 63 bits of sha256 of "42 noise"
