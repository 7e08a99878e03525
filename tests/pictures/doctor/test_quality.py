import pytest

from lib_train.config.dataset import DatasetConfig
from tests.pictures.doctor.cases import entry, found, several


def test_sound_set_has_no_findings():
    assert found(*several(8), *several(3, is_reg=True)) == {}


def test_picture_that_cannot_be_used_is_told_with_the_reason_and_as_nothing_else():
    broken = entry(1, problem="is empty; replace or remove it", width=0, height=0, content="", likeness=0, sharpness=0)
    (one,) = found(*several(5), broken).values()
    assert (one.code, one.severity, one.ids) == ("unreadable", "error", (1,))
    assert one.text == "pictures that cannot be used: 1, such as 01.png"
    assert one.details == {1: "is empty; replace or remove it"}
    assert one.remedies == ("take_out",)


def test_pictures_smaller_than_the_training_size_are_told_the_smallest_first():
    (one,) = found(*several(5), entry(1, width=400, height=400), entry(2, width=128, height=128)).values()
    assert (one.code, one.severity, one.ids) == ("small", "warning", (2, 1))
    assert one.details == {2: "128x128, 4 times too small", 1: "400x400, 1.3 times too small"}
    assert one.remedies == ("enlarge", "take_out")


@pytest.mark.parametrize(
    ("size", "settings", "told"),
    [
        ((600, 600), {}, False),
        ((600, 600), {"resolution": (768,)}, True),
        ((768, 1024), {"resolution": (768, 1024)}, False),
        ((700, 1000), {"resolution": (768, 1024)}, True),
        ((500, 500), {"bucket_no_upscale": True}, True),
        ((512, 512), {"bucket_no_upscale": True}, False),
        ((300, 1200), {"bucket_no_upscale": True}, False),
        ((512, 700), {"enable_bucket": False}, False),
        ((500, 400), {"enable_bucket": False}, True),
    ],
)
def test_training_size_is_that_of_the_settings(size, settings, told):
    picture = entry(1, width=size[0], height=size[1])
    assert ("small" in found(picture, config=DatasetConfig(**settings))) == told


@pytest.mark.parametrize("buckets", [True, False])
@pytest.mark.parametrize("kept", [True, False])
def test_small_pictures_are_said_to_be_enlarged_only_where_they_are(kept, buckets):
    config = DatasetConfig(bucket_no_upscale=kept, enable_bucket=buckets)
    text = found(entry(1, width=256, height=256), config=config)["small"].text
    assert ("which are enlarged" in text, "at their own size" in text) == (not (kept and buckets), kept and buckets)


def test_pictures_far_less_sharp_than_the_others_are_blurred():
    (one,) = found(*several(6), entry(1, sharpness=60.0), entry(2, sharpness=20.0), entry(3, sharpness=130.0)).values()
    assert (one.code, one.ids) == ("blurred", (2, 1))
    assert one.details[2] == "sharpness 20, usual here 500"


def test_set_of_soft_pictures_is_not_blurred_unless_nothing_can_be_seen():
    soft = [entry(number, sharpness=40.0 + number) for number in range(1, 6)]
    assert found(*soft) == {}
    assert found(*soft, entry(9, sharpness=5.0))["blurred"].ids == (9,)


def test_plain_picture_is_blurred_and_one_not_measured_is_not():
    assert found(*several(3), entry(1, sharpness=0.0, likeness=0))["blurred"].ids == (1,)
    assert found(*several(3), entry(1, sharpness=0.0, content="", likeness=0)) == {}


def test_extreme_shapes_are_told_from_three_times_on():
    thin, wide, usual = (entry(n, width=w, height=h) for n, w, h in ((1, 600, 1900), (2, 1900, 600), (3, 1800, 600)))
    assert found(*several(3), thin, wide, usual)["extreme_shape"].ids == (1, 2)


def test_pictures_that_lose_more_than_half_to_their_bucket_are_told_the_worst_first():
    told = found(*several(3), entry(1, width=9000, height=600), entry(2, width=18000, height=600))["cropped"]
    assert told.ids == (2, 1)
    assert told.text.startswith("pictures that lose more than half to cropping: 2, worst 02.png (18000x600, of which")
    assert told.details[1] == "1024x256 keeps 27%"
    assert told.remedies == ("crop", "take_out")
    assert "cropped" not in found(entry(1, width=2000, height=600))


@pytest.mark.parametrize(
    ("batch_size", "told"), [(1, (1,)), (2, (1,)), (3, (1, 2, 3)), (6, (1, 2, 3)), (7, ())], ids=str
)
def test_bucket_with_too_few_pictures_for_a_batch_is_told_where_others_have_enough(batch_size, told):
    tall = [entry(n, width=512, height=768) for n in (2, 3)]
    one = found(*several(6), entry(1, width=768, height=512), *tall, batch_size=batch_size).get("lonely_bucket")
    assert (one.ids if one else ()) == told
    if one:
        assert (one.severity, one.details[1]) == ("note", "bucket 640x384 holds 1")


def test_drawings_of_a_shape_each_are_no_finding():
    assert found(*(entry(n, width=640, height=640 + 320 * n) for n in range(4))) == {}


def test_transparent_animated_and_damaged_pictures_are_noted():
    one, other, third = entry(1, transparent=True), entry(2, animated=True), entry(3, damaged=True)
    told = found(*several(3), one, other, third, config=DatasetConfig(alpha_color="#00ff00"))
    assert {code: finding.ids for code, finding in told.items()} == {
        "transparent": (1,),
        "animated": (2,),
        "damaged": (3,),
    }
    assert told["transparent"].text == (
        "pictures with transparent parts, which are trained as #00ff00: 1, such as 01.png"
    )


def test_transparent_borders_are_told_apart_from_other_transparent_parts():
    told = found(*several(3), entry(1, transparent=True, clear_edge=True), entry(2, transparent=True))
    assert (told["transparent_border"].ids, told["transparent"].ids) == ((1,), (2,))
    assert told["transparent_border"].severity == "warning"


def test_small_picture_is_blurred_only_beside_sharper_ones():
    small = [entry(n, width=128, height=128, sharpness=4.0) for n in range(1, 5)]
    assert "blurred" not in found(*small)
    assert found(*small, entry(9, width=128, height=128, sharpness=0.5))["blurred"].ids == (9,)


def test_pictures_that_were_taken_out_are_never_found():
    assert found(*several(3), entry(1, problem="x", left_out=True), entry(2, "", width=99, left_out=True)) == {}
