"""What is asked is a noisy picture by the formula of diffusion, and its answer the target of training."""

import pytest
import torch

from lib_train.diffusion.noise import generator_of
from lib_train.judging.words import words_for
from tests.fake_model import FakeModel
from tests.judging.made import TIMESTEPS, probes_on, shown


def noise_of(index, timestep, shape, seed=3):
    return torch.randn(shape, generator=generator_of(seed, "judge", index, timestep))


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_a_question_is_the_picture_with_its_noise_and_the_target_is_that_of_training(prediction):
    model = FakeModel(prediction)
    probes, picture = probes_on(model), shown(2, (8, 12), "mochi, sea")
    aim = next(one for one in probes.trained if one.band == 2 and probes.questions[one.place].caption == "mochi, sea")
    question, noise = probes.questions[aim.place], noise_of(1, 900, (4, 8, 12))
    bar = model.alphas_cumprod[900]
    torch.testing.assert_close(question.noisy, bar.sqrt() * picture.latents + (1 - bar).sqrt() * noise)
    v = bar.sqrt() * noise - (1 - bar).sqrt() * picture.latents
    torch.testing.assert_close(aim.target, noise if prediction == "epsilon" else v)


def test_a_mirror_image_is_asked_with_mirrored_noise_and_compared_with_its_own_picture():
    model, trained = FakeModel(), [shown(1), shown(2)]
    mirrored = [one._replace(latents=one.latents.flip(-1)) for one in trained[:1]]
    probes = probes_on(model, trained, unseen=mirrored, mirrored=True)
    assert [one.place for one in probes.compared] == [one.place for one in probes.trained[:3]]
    for one, other in zip(probes.compared, probes.unseen, strict=True):
        assert torch.equal(probes.questions[one.place].noisy.flip(-1), probes.questions[other.place].noisy)
        assert torch.equal(one.target.flip(-1), other.target)


def test_held_out_pictures_have_noise_of_their_own_and_are_compared_with_all_trained_ones():
    probes = probes_on(FakeModel(), [shown(1), shown(2)], unseen=[shown(9)])
    assert probes.compared == probes.trained
    assert torch.equal(probes.unseen[0].target, noise_of(2, 100, (4, 8, 8)))


def test_without_unseen_pictures_nothing_is_compared():
    probes = probes_on(FakeModel())
    assert (probes.compared, probes.unseen) == ((), ())


def test_captions_stand_on_the_same_noisy_picture_as_the_empty_one_and_no_question_is_asked_twice():
    probes = probes_on(FakeModel())
    for one in (*probes.neutral, *probes.subject):
        asked, empty = probes.questions[one.place], probes.questions[one.empty]
        assert empty.caption == ""
        assert torch.equal(asked.noisy, empty.noisy)
        assert asked.timestep == TIMESTEPS[one.band]
    for pair in probes.pairs:
        first, second = probes.questions[pair.first], probes.questions[pair.second]
        assert torch.equal(first.noisy, second.noisy)
        assert first.caption != second.caption
    keys = [(one.noisy.numpy().tobytes(), one.timestep, one.caption) for one in probes.questions]
    assert len(set(keys)) == len(keys)
    subject = {probes.questions[one.place].caption for one in probes.subject}
    assert subject == {"mochi, hat", "mochi, sea"}
    assert not any("mochi" in probes.questions[one.place].caption for one in probes.neutral)


def test_starts_are_noise_alone_and_differ_by_seed():
    model = FakeModel()
    probes = probes_on(model)
    noises = [probes.questions[one.place].noisy for one in probes.starts]
    bar = model.alphas_cumprod[900]
    torch.testing.assert_close(noises[0], (1 - bar).sqrt() * noise_of(-1, 900, (4, 8, 8)))
    assert len({one.numpy().tobytes() for one in noises}) == len(noises) == 8


def test_other_seeds_ask_with_other_noise_and_the_same_seed_with_the_same():
    same, again, other = (probes_on(FakeModel(), seed=seed).questions[0].noisy for seed in (3, 3, 4))
    assert torch.equal(same, again)
    assert not torch.equal(same, other)


def test_words_are_those_of_captions_without_the_trigger_word_and_pairs_with_it():
    words = words_for("mochi", ["mochi, hat, sea", "mochi, hat", "mochi"])
    assert words.neutral[:3] == ("", "hat, sea", "hat")
    assert ("mochi, hat", "mochi, sea") in words.pairs
    assert ("mochi, white background", "mochi, black background") in words.pairs
    drawn = words_for("mochi", ["mochi"], drawn=True)
    assert "red circle, large, center, white background" in drawn.neutral
    assert words_for("", ["hat"]).pairs[0] == ("white background", "black background")
