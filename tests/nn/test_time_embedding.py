import torch

from gde.nn import TimeEmbedding


def test_near_times_differ_and_each_time_is_on_its_own():
    torch.manual_seed(0)
    embed = TimeEmbedding(8)
    time = torch.linspace(0, 1, 50)
    embedding = embed(time)
    assert embedding.shape == (50, 8) and torch.isfinite(embedding).all()
    torch.testing.assert_close(embedding[7:8], embed(time[7:8]))
    assert torch.cdist(embedding, embedding).fill_diagonal_(torch.inf).min() > 1e-4


def test_is_continuous_at_the_highest_frequency():
    embed = TimeEmbedding(8).double()
    time = torch.linspace(0, 1, 50, dtype=torch.float64)
    torch.testing.assert_close(embed(time), embed(time + 1e-9), rtol=0, atol=1e-5)


def test_frequencies_are_saved_with_the_model_but_not_trained():
    embed = TimeEmbedding(8)
    assert "frequencies" in embed.state_dict()
    assert "frequencies" not in dict(embed.named_parameters())
