"""Scalars, vectors, matrices; sums along axes; products and norms."""

import diffkit as torch

# scalars
x = torch.tensor(6.0)
y = torch.tensor(1.5)
assert (x + y, x - y, x * y, x / y) == (7.5, 4.5, 9.0, 4.0)
assert x.shape == ()
assert x.ndim == 0

# vectors
v = torch.arange(5)
assert v[2] == 2
assert len(v) == 5
assert v.shape == (5,)

# matrices
A = torch.arange(12, dtype=torch.float32).reshape(3, 4)
assert A.T.shape == (4, 3)
assert A.T[3, 1] == A[1, 3]
S = torch.tensor([[2, 7, 1], [7, 0, 5], [1, 5, 3]])
assert bool((S == S.T).all())

# element-wise
B = A.clone()
B[0, 0] = 100
assert A[0, 0] == 0
assert (A + A).tolist() == (2 * A).tolist()
assert (A * A)[2, 3] == 121
X = torch.arange(24).reshape(2, 3, 4)
assert (3 + X).shape == (3 * X).shape == (2, 3, 4)

# sums, means, and the axes that go
assert A.sum() == 66
assert A.sum(axis=0).tolist() == [12, 15, 18, 21]
assert A.sum(axis=1).tolist() == [6, 22, 38]
assert A.sum(axis=[0, 1]) == A.sum()
assert A.mean() == A.sum() / A.numel() == 5.5
assert A.mean(axis=0).tolist() == [4, 5, 6, 7]
assert A.sum(axis=1, keepdims=True).shape == (3, 1)
assert torch.allclose((A / A.sum(axis=1, keepdims=True)).sum(axis=1), torch.ones(3))
assert A.cumsum(axis=0).tolist() == [[0, 1, 2, 3], [4, 6, 8, 10], [12, 15, 18, 21]]
assert X.sum(axis=1).shape == (2, 4)

# products
a = torch.tensor([1.0, 2, 3, 4])
b = torch.ones(4, dtype=torch.float32)
assert torch.dot(a, b) == 10
assert torch.sum(a * b) == 10
assert torch.mv(A, a).tolist() == [20, 60, 100]
C = torch.ones(4, 2)
assert torch.mm(A, C).tolist() == [[6, 6], [22, 22], [38, 38]]
assert (A @ C).tolist() == torch.matmul(A, C).tolist()
assert torch.matmul(torch.ones(5, 3, 4), C).shape == (5, 3, 2)
for wrong in (lambda: torch.mm(A, A), lambda: torch.mv(A, torch.ones(3)), lambda: torch.dot(A, A)):
    try:
        wrong()
    except (RuntimeError, ValueError):
        continue
    raise AssertionError("shapes that do not fit must be refused")

# norms
u = torch.tensor([3.0, -4.0])
assert torch.norm(u) == 5
assert torch.abs(u).sum() == 7
assert torch.linalg.norm(u, 1) == 7
assert torch.linalg.norm(u, float("inf")) == 4
assert torch.norm(torch.ones((4, 9))) == 6

# systems
M = torch.tensor([[3.0, 1], [1, 2]])
solution = torch.linalg.solve(M, torch.tensor([9.0, 8]))
assert torch.allclose(solution, torch.tensor([2.0, 3]))
assert torch.allclose(torch.linalg.inv(M) @ M, torch.eye(2), atol=1e-6)
assert torch.allclose(torch.det(M), torch.tensor(5.0))
values, vectors = torch.linalg.eigh(M)
assert torch.allclose(M @ vectors, vectors * values, atol=1e-6)
assert torch.allclose(values.sum(), torch.trace(M))
