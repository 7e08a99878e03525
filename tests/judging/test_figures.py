"""Each figure against its plain formula, computed here anew from the answers."""

import pytest
import torch
import torch.nn.functional as F

from lib_train.judging import figures
from lib_train.judging.figures import figures_of
from lib_train.judging.probes import Pair
from tests.fake_model import FakeModel
from tests.judging.made import asked, network_on, probes_on, shown


@pytest.fixture(scope="module")
def told():
    """Probes, and answers without and with a network."""
    model = FakeModel()
    trained = [shown(1), shown(2, caption="mochi, sea")]
    mirrored = [one._replace(latents=one.latents.flip(-1)) for one in trained]
    probes = probes_on(model, trained, unseen=mirrored, mirrored=True)
    before = asked(model, probes)
    with network_on(model).attached():
        after = asked(model, probes)
    return probes, before, after


def mse(one, other):
    return float(F.mse_loss(one.double(), other.double()))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def test_gain_is_how_much_lower_the_loss_is_and_gap_its_difference_to_mirror_images(told):
    probes, before, after = told
    found = figures_of(probes, before, after)

    def gain(aims, band):
        aims = [aim for aim in aims if aim.band == band]
        off, on = (mean(mse(some[aim.place], aim.target) for aim in aims) for some in (before, after))
        return (off - on) / off

    gains, mirrors = [gain(probes.trained, band) for band in range(3)], [gain(probes.unseen, band) for band in range(3)]
    assert found.bands["gain"] == pytest.approx(gains)
    assert found.bands["gap"] == pytest.approx(
        [one - other for one, other in zip(gains, mirrors, strict=True)], abs=1e-6
    )
    assert found.values["gain"] == pytest.approx(mean(gains))
    losses = [mean(mse(after[aim.place], aim.target) for aim in probes.trained if aim.band == band) for band in (0, 1)]
    assert found.bands["loss"][:2] == pytest.approx(losses)


def test_leak_is_the_change_of_neutral_predictions_over_what_their_prompts_change(told):
    probes, before, after = told
    found = figures_of(probes, before, after)
    some = [one for one in probes.neutral if one.band == 1]
    moved = mean(mse(after[one.place], before[one.place]) for one in some)
    said = mean(mse(before[one.place], before[one.empty]) for one in some if one.place != one.empty)
    assert found.bands["leak"][1] == pytest.approx(moved / said)
    own = mean(mse(after[one.place], before[one.place]) for one in probes.subject if one.band == 1)
    assert found.bands["selectivity"][1] == pytest.approx(own / moved)


def test_obedience_is_the_cosine_of_what_a_word_changes_and_reaction_its_projection(told):
    probes, before, after = told
    found = figures_of(probes, before, after)
    some = [pair for pair in probes.pairs if pair.band == 2]
    new, old = (
        torch.cat([(answers[pair.second] - answers[pair.first]).flatten() for pair in some])
        for answers in (after, before)
    )
    assert found.bands["obedience"][2] == pytest.approx(float(F.cosine_similarity(new, old, 0)), rel=1e-5)
    assert found.bands["reaction"][2] == pytest.approx(float(new @ old / (old @ old)), rel=1e-5)


def test_a_figure_is_the_mean_of_its_bands_and_what_prompts_say_of_the_highest_alone():
    bands = dict.fromkeys(("gain", "leak", "obedience", "reaction"), [1.0, 2.0, 3.0, 4.0, 8.0])
    assert figures.summary(bands) == {"gain": 3.6, "leak": 6.0, "obedience": 5.0, "reaction": 8.0}


def test_obedience_is_1_where_a_word_changes_the_same_and_minus_1_where_it_does_the_opposite():
    answers = [torch.zeros(1), torch.ones(1)]
    pairs = [Pair(0, 1, 0)]
    assert figures.obedience(pairs, answers, [torch.full((1,), 5.0), torch.full((1,), 7.0)], 1) == ([1.0], [2.0])
    assert figures.obedience(pairs, answers, answers[::-1], 1) == ([-1.0], [-1.0])


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_variety_compares_the_distance_of_estimated_pictures_with_and_without(prediction):
    model = FakeModel(prediction)
    probes = probes_on(model)
    before = asked(model, probes)
    with network_on(model).attached():
        after = asked(model, probes)
    bar = float(model.alphas_cumprod[900])

    def spread(answers):
        pictures = []
        for start in probes.starts:
            noisy, answer = probes.questions[start.place].noisy, answers[start.place]
            eps = answer if prediction == "epsilon" else bar**0.5 * answer + (1 - bar) ** 0.5 * noisy
            pictures.append((noisy - (1 - bar) ** 0.5 * eps) / bar**0.5)
        return mean(mse(one, other) ** 0.5 for i, one in enumerate(pictures) for other in pictures[i + 1 :])

    expected = spread(after) / spread(before)
    assert figures_of(probes, before, after).values["variety"] == pytest.approx(expected, rel=1e-4)


def test_a_network_that_changes_nothing_has_learned_and_changed_nothing(told):
    probes, before, _ = told
    found = figures_of(probes, before, before)
    assert found.values["gain"] == found.values["gap"] == found.values["leak"] == 0
    assert found.values["obedience"] == pytest.approx(1)
    assert found.values["reaction"] == found.values["variety"] == pytest.approx(1)
