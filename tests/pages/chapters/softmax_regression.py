"""Softmax regression from scratch on synthetic clusters, with one-hot targets and a confusion table."""

import diffkit as torch

torch.manual_seed(7)


def softmax(X):
    exponentials = torch.exp(X)
    return exponentials / exponentials.sum(1, keepdims=True)


probabilities = softmax(torch.normal(0, 1, (2, 5)))
assert bool((probabilities > 0).all())
assert torch.allclose(probabilities.sum(1), torch.ones(2))

# picking one entry per row
y = torch.tensor([0, 2])
y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])
picked = y_hat[[0, 1], y]
assert torch.allclose(picked, torch.tensor([0.1, 0.5]))
assert torch.allclose(y_hat[range(len(y_hat)), y], picked)


def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y])


assert torch.allclose(cross_entropy(y_hat, y), torch.tensor([2.3026, 0.6931]), atol=1e-4)


def correct(y_hat, y):
    """How many rows have their largest entry in the right place."""
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    hits = y_hat.type(y.dtype) == y
    return float(hits.type(y.dtype).sum())


assert correct(y_hat, y) / len(y) == 0.5

centres = torch.tensor([[2.0, 0, 0, 1], [-2, 1, 0, 0], [0, -2, 2, 0], [0, 2, -2, -1]])
labels = torch.randint(0, 4, (400,))
features = centres[labels] + 0.5 * torch.randn(400, 4)

W = torch.normal(0, 0.01, size=(4, 4), requires_grad=True)
b = torch.zeros(4, requires_grad=True)
history = []
for _ in range(5):
    for i in range(0, 400, 20):
        X, target = features[i : i + 20], labels[i : i + 20]
        loss = cross_entropy(softmax(torch.matmul(X.reshape((-1, W.shape[0])), W) + b), target)
        loss.mean().backward()
        with torch.no_grad():
            W -= 0.5 * W.grad
            b -= 0.5 * b.grad
        W.grad.zero_()
        b.grad.zero_()
    history.append(loss.mean().item())
assert history[-1] < history[0]

with torch.no_grad():
    scores = softmax(features @ W + b)
assert correct(scores, labels) / len(labels) > 0.95

# rows: truth, columns: guess
confusion = torch.zeros((4, 4), dtype=torch.int64)
for truth, guess in zip(labels, scores.argmax(axis=1), strict=True):
    confusion[truth, guess] += 1
assert confusion.sum() == 400
assert sum(confusion[i, i] for i in range(4)) == correct(scores, labels)

# the library's own names agree with ours
own = torch.nn.functional.softmax(y_hat, dim=1)
assert torch.allclose(own, softmax(y_hat))
one_hot = torch.nn.functional.one_hot(y, 3)
assert one_hot.tolist() == [[1, 0, 0], [0, 0, 1]]
assert torch.allclose(
    torch.nn.functional.cross_entropy(y_hat, y), cross_entropy(softmax(y_hat), y).mean(), atol=1e-6
)
