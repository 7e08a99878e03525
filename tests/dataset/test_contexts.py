import torch

from lib_train.dataset.batches import Batches, captions_of
from lib_train.dataset.contexts import ContextStore
from lib_train.pictures.scan import scan
from tests.dataset.encoders import Encoder, dataset_config, encode_captions


def test_each_distinct_caption_is_encoded_once_and_kept_on_disk(tmp_path):
    store = ContextStore(["a", "bb", "a"], "key", tmp_path)
    assert list(store.fill(encode_captions))[-1] == (3, 3)  # the empty caption too
    assert list(ContextStore(["a", "bb"], "key", tmp_path).fill(encode_captions)) == []
    assert list(ContextStore(["a"], "other", tmp_path).fill(encode_captions))[-1] == (2, 2)
    for file in tmp_path.iterdir():
        file.write_bytes(b"broken")
    assert list(ContextStore(["a"], "key", tmp_path).fill(encode_captions))[-1] == (2, 2)


def test_progress_of_captions_is_told_after_each_sixteen_and_at_the_end(tmp_path):
    store = ContextStore([str(number) for number in range(35)], "key", None)
    progress = []
    for done, total in store.fill(encode_captions):
        progress.append((done, total))
        store.condition([str(number) for number in range(done - 1)])  # the empty one is the first
    assert progress == [(16, 36), (32, 36), (36, 36)]


def test_pooled_outputs_of_sdxl_are_kept_on_disk_too(tmp_path):
    def with_pooled(captions):
        return encode_captions(captions)[0], torch.full((len(captions), 3), float(len(captions[0])))

    list(ContextStore(["a", "bb"], "key", tmp_path).fill(with_pooled))
    again = ContextStore(["a", "bb"], "key", tmp_path)
    assert list(again.fill(with_pooled)) == []
    _, pooled = again.condition(["bb", "a"])
    assert pooled is not None
    assert pooled.tolist() == [[2.0] * 3, [1.0] * 3]


def test_captions_of_different_length_come_as_one_batch_filled_with_the_empty_one():
    store = ContextStore(["a", "bb"], "key", None)
    list(store.fill(encode_captions))
    context, pooled = store.condition(["a", "bb"])
    assert context[:, :, 0].tolist() == [[1, 0], [2, 2]]
    assert store.condition(["a"])[0][:, :, 0].tolist() == [[1]]
    assert pooled is None


def test_captions_to_encode_are_those_that_batches_ask_for(pictures):
    settings = dataset_config(pictures, caption_prefix="x", drop_tags=("blue",))
    found = scan(settings)
    store = ContextStore(captions_of(found, settings), "key", None)
    list(store.fill(encode_captions))
    made = Batches(found, settings, batch_size=2, seed=7, contexts=store, encode_images=Encoder())
    for uses in made.epoch(1):
        batch = made.batch(uses, 1)
        assert batch.captions[0] == f"x, mochi, number {uses[0].index}"
        assert batch.context is not None
