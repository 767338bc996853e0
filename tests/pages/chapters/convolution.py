"""Cross-correlation by loops and index writes, learnt back from its output; pooling; a recurrent step."""

import diffkit as torch

torch.manual_seed(1)


def corr2d(X, K):
    height, width = K.shape
    Y = torch.zeros((X.shape[0] - height + 1, X.shape[1] - width + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + height, j : j + width] * K).sum()
    return Y


X = torch.arange(9.0).reshape(3, 3)
K = torch.arange(4.0).reshape(2, 2)
assert corr2d(X, K).tolist() == [[19, 25], [37, 43]]

# an edge detector, and learning it back: the writes into Y are differentiated
image = torch.ones((4, 6))
image[:, 2:4] = 0
target = corr2d(image, torch.tensor([[1.0, -1.0]]))
assert target[0].tolist() == [0, 1, 0, -1, 0]
kernel = torch.randn((1, 2), requires_grad=True)
for _ in range(60):
    loss = ((corr2d(image, kernel) - target) ** 2).sum()
    loss.backward()
    kernel.data[:] -= 0.03 * kernel.grad
    kernel.grad.zero_()
assert torch.allclose(kernel.detach(), torch.tensor([[1.0, -1.0]]), atol=0.02)

# largest and mean of a window
window = X[0:2, 0:2]
assert window.max() == 4
assert window.mean() == 2

# several channels: stack of sums
channels = torch.stack((X, X + 1))
kernels = torch.stack((K, K + 1))
both = sum(corr2d(x, k) for x, k in zip(channels, kernels, strict=True))
assert both.tolist() == [[56, 72], [104, 120]]
doubled = torch.stack([both, both * 2], 0)
assert doubled.shape == (2, 2, 2)

# two products or one of the joined: a recurrent state
inputs, state = torch.randn(3, 1), torch.randn(3, 4)
W_x, W_h = torch.randn(1, 4), torch.randn(4, 4)
apart = torch.matmul(inputs, W_x) + torch.matmul(state, W_h)
joined = torch.matmul(torch.cat((inputs, state), 1), torch.cat((W_x, W_h), 0))
assert torch.allclose(apart, joined, atol=1e-5)
