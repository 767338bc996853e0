"""A perceptron with one hidden layer, from scratch: three interleaved rings of points."""

import math

import diffkit as torch

torch.manual_seed(3)


def rings(count):
    """Points at three distances from the origin, and which distance it was."""
    labels = torch.arange(3 * count) % 3
    angle = torch.rand(3 * count) * 2 * math.pi
    radius = (labels + 1) + torch.randn(3 * count) * 0.1
    return torch.stack((radius * torch.cos(angle), radius * torch.sin(angle)), dim=1), labels


def relu(X):
    zeros = torch.zeros_like(X)
    return torch.max(X, zeros)


def cross_entropy(scores, y):
    shifted = scores - scores.max(dim=1, keepdim=True)[0]
    logsumexp = torch.log(torch.exp(shifted).sum(dim=1))
    return logsumexp - shifted[range(len(shifted)), y]


def accuracy(scores, y):
    return (scores.argmax(axis=1) == y).type(torch.float32).mean().item()


inputs, hidden, outputs = 2, 32, 3
W1 = (torch.randn(inputs, hidden) * 0.5).requires_grad_(True)
b1 = torch.zeros(hidden, requires_grad=True)
W2 = (torch.randn(hidden, outputs) * 0.2).requires_grad_(True)
b2 = torch.zeros(outputs, requires_grad=True)
parameters = [W1, b1, W2, b2]


def net(X):
    return relu(X @ W1 + b1) @ W2 + b2


X, y = rings(150)
first = cross_entropy(net(X), y).mean().item()
assert abs(first - math.log(3)) < 1
for _ in range(250):
    loss = cross_entropy(net(X), y).mean()
    loss.backward()
    with torch.no_grad():
        for parameter in parameters:
            parameter -= 0.5 * parameter.grad
            parameter.grad.zero_()
assert loss.item() < 0.2 * first

with torch.no_grad():
    fresh, truth = rings(100)
    assert accuracy(net(fresh), truth) > 0.95

# torch.max shares the gradient of a tie, relu gives it to nobody
tie = torch.zeros(1, requires_grad=True)
torch.relu(tie).backward()
assert tie.grad.item() == 0
