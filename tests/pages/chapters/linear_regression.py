"""Linear regression from scratch: synthetic data, minibatches, a hand-written step of gradient descent."""

import random

import diffkit as torch

random.seed(0)
torch.manual_seed(0)


def synthetic_data(w, b, count):
    """y = Xw + b + noise."""
    X = torch.normal(0, 1, (count, len(w)))
    y = torch.matmul(X, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def batches(batch_size, features, labels):
    """Minibatches in random order; the last may be smaller."""
    order = list(range(len(features)))
    random.shuffle(order)
    for i in range(0, len(order), batch_size):
        chosen = torch.tensor(order[i : min(i + batch_size, len(order))])
        yield features[chosen], labels[chosen]


def predict(X, w, b):
    return torch.matmul(X, w) + b


def squared_loss(predicted, y):
    return (predicted - y.reshape(predicted.shape)) ** 2 / 2


def sgd(parameters, rate, batch_size):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= rate * parameter.grad / batch_size
            parameter.grad.zero_()


true_w = torch.tensor([2, -3.4])
true_b = 4.2
features, labels = synthetic_data(true_w, true_b, 500)
assert features.shape == (500, 2)
assert labels.shape == (500, 1)

w = torch.normal(0, 0.01, size=(2, 1), requires_grad=True)
b = torch.zeros(1, requires_grad=True)
identities = id(w), id(b)
batch_size = 8
losses = []
for _ in range(3):
    for X, y in batches(batch_size, features, labels):
        loss = squared_loss(predict(X, w, b), y)
        loss.sum().backward()
        sgd([w, b], 0.1, batch_size)
    with torch.no_grad():
        losses.append(float(squared_loss(predict(features, w, b), labels).mean()))

assert losses[0] < 1
assert losses[-1] < 1e-4
assert (id(w), id(b)) == identities
assert w.requires_grad and w.grad_fn is None
assert torch.abs(true_w - w.reshape(true_w.shape)).max() < 0.01
assert abs(true_b - b.item()) < 0.01

# the normal equations say the same
ones = torch.ones(len(features), 1)
design = torch.cat((features, ones), 1)
exact = torch.linalg.solve(design.T @ design, design.T @ labels)
assert torch.allclose(exact.reshape(-1), torch.cat((w.detach().reshape(-1), b.detach())), atol=0.01)
