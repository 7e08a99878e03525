"""The contract of ``BaseModel`` on captions whose brackets weigh words."""

import torch


def test_weighted_captions_are_read_as_prompts_are(place):
    """Emphasis "Original": states times their weights, and each encoder's mean brought back to what it was."""
    host, ref = place
    with host.borrow(ref) as model:
        heavy, light, plain = model.encode_captions(["a (cat:1.5)", "[a cat]", "a cat"], 1, 75, True).context
        assert torch.equal(plain, model.encode_captions(["a (cat:1.5)", "a cat"], 1, 75).context[1])
    parts = {"sdxl": (64, 64)}.get(model.family, (plain.shape[-1],))
    for found, weights in ((heavy, [1, 1, 1.5]), (light, [1, 1 / 1.1, 1 / 1.1])):
        factors = torch.ones(77, 1)
        factors[: len(weights), 0] = torch.tensor(weights)
        for ours, states in zip(found.split(parts, -1), plain.split(parts, -1), strict=True):
            stressed = states * factors
            assert torch.allclose(ours, stressed * states.mean() / stressed.mean(), rtol=1e-3, atol=1e-3)
