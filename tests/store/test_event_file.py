from lib_train.store.event_file import first_records, scalars
from tests.store.event_records import events, fields

THEIRS = (
    "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531100f000000000000006d532b090900002040fc"
    "54d94110013a020801e50ad86933000000000000000ca720560900005040fc54d94110ac022a250a130a0c6c6f73732f63757272656e74150000"
    "003e0a0e0a076c722f756e65741517b7d138fa7c2d70"
)
"""Written by RecordWriter of tensorboard 2.21.0 (tensorboard/summary/writer/record_writer.py): file_version
"brain.Event:2" and SessionLog.START at step 1, both at 1700000000.5 seconds; at 1700000001.25, step 300, loss/current
0.125 and lr/unet 1e-4."""


def test_records_are_those_that_tensorboard_itself_writes():
    ours = first_records(1700000000.5) + scalars(1700000001.25, 300, {"loss/current": 0.125, "lr/unet": 1e-4})
    assert ours.hex() == THEIRS


def test_numbers_of_any_size_come_back():
    steps = [1, 127, 128, 16_383, 16_384, 9_999_999]
    content = b"".join(scalars(0.5, step, {"x" * 200: 1e300}) for step in steps)
    found = list(events(content))
    assert [event[2] for event in found] == steps
    (value,) = (value for _, value in fields(found[0][5]))
    assert dict(fields(value)) == {1: b"x" * 200, 2: 3.4028234663852886e38}
