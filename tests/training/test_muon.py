import torch

from gan_lessons.training.muon import Muon, orthogonalize


def test_singular_values_come_near_one_and_directions_stay():
    torch.manual_seed(0)
    for shape in ((32, 64), (64, 32), (5, 5)):
        matrix = torch.randn(shape)
        ours = orthogonalize(matrix)
        left, _, right = torch.linalg.svd(matrix, full_matrices=False)
        aligned = left.T @ ours @ right.T  # diagonal where the singular vectors are kept
        assert aligned.diagonal().min() > 0.5
        assert aligned.diagonal().max() < 1.3
        assert (aligned - torch.diag(aligned.diagonal())).abs().max() < 0.1


def test_a_step_is_as_long_as_adams():
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(16, 8, 3, 3))
    before = weight.detach().clone()
    weight.grad = torch.randn_like(weight) * 1e-6
    Muon([weight], rate=0.01, decay=0.0).step()
    assert 0.001 < (weight - before).square().mean().sqrt() < 0.003  # 0.2 of the rate


def test_a_poorly_scaled_problem_is_solved_sooner_than_by_gradient_descent():
    torch.manual_seed(0)
    inputs = torch.randn(512, 20) * torch.logspace(0, -2, 20)
    target = inputs @ torch.randn(20, 10)
    losses = {}
    for name, optimizer in (("muon", Muon), ("descent", torch.optim.SGD)):
        weight = torch.nn.Parameter(torch.zeros(10, 20))
        stepper = optimizer([weight], 0.05)
        for step in range(300):
            stepper.param_groups[0]["lr"] = 0.05 * (1 - step / 300)
            loss = (inputs @ weight.T - target).square().mean()
            stepper.zero_grad()
            loss.backward()
            stepper.step()
        losses[name] = float(loss.detach())
    assert losses["muon"] < 0.2 * losses["descent"]
