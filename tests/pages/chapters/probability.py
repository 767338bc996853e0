"""Chance by sampling: frequencies, expectation, variance, Bayes.

Every bound is five standard errors wide, so a right sampler breaks one of these nineteen bounds for about one
seed in 90,000; the seed is fixed.
"""

import math

import diffkit as torch
from diffkit.distributions import multinomial

torch.manual_seed(2)

# a die
fair = torch.ones(6) / 6
one = multinomial.Multinomial(1, fair).sample()
assert one.shape == (6,)
assert one.sum() == 1
ten = multinomial.Multinomial(10, fair).sample()
assert ten.sum() == 10
assert bool((ten >= 0).all())

n = 6000
counts = multinomial.Multinomial(n, fair).sample()
error = math.sqrt(1 / 6 * 5 / 6 / n)
assert bool((torch.abs(counts / n - 1 / 6) < 5 * error).all())

# many small experiments: the running frequency settles at the chance
rolls = multinomial.Multinomial(10, fair).sample((600,))
assert rolls.shape == (600, 6)
assert bool((rolls.sum(dim=1) == 10).all())
running = rolls.cumsum(dim=0)
frequency = running / running.sum(dim=1, keepdims=True)
assert frequency.shape == (600, 6)
assert bool((torch.abs(frequency[-1] - 1 / 6) < 5 * error).all())

# a face that cannot come up never does
loaded = torch.tensor([0.5, 0.0, 0.5])
assert multinomial.Multinomial(1000, loaded).sample()[1] == 0

# expectation and variance of a table: E[X] = 2.2, Var[X] = 1.16
values = torch.tensor([0.0, 1, 2, 3, 4])
chances = torch.tensor([0.1, 0.1, 0.4, 0.3, 0.1])
expectation = (values * chances).sum()
variance = ((values - expectation) ** 2 * chances).sum()
assert abs(expectation.item() - 2.2) < 1e-6
assert abs(variance.item() - 1.16) < 1e-6
# Var[X] = E[X^2] - E[X]^2 and, of a function, E[f(X)] = sum of f(x) P(x)
assert abs(((values**2 * chances).sum() - expectation**2 - variance).item()) < 1e-5

# the same by sampling
n = 20000
counts = multinomial.Multinomial(n, chances).sample()
mean = (counts * values).sum() / n
assert abs(mean.item() - 2.2) < 5 * math.sqrt(1.16 / n)

# a normal: mean and standard deviation
x = torch.normal(3.0, 2.0, (20000,))
assert x.shape == (20000,)
assert abs(x.mean().item() - 3) < 5 * 2 / math.sqrt(20000)
assert abs(x.std().item() - 2) < 5 * 2 / math.sqrt(2 * 20000)

# Bayes: an illness of 1 in 100, a test that finds 95% of the ill and alarms 10% of the well
n = 100000
ill = torch.rand(n) < 0.01
positive = torch.where(ill, torch.rand(n) < 0.95, torch.rand(n) < 0.1)
exact = 0.01 * 0.95 / (0.01 * 0.95 + 0.99 * 0.1)
positives = positive.float().sum()
sampled = ((ill & positive).float().sum() / positives).item()
assert abs(sampled - exact) < 5 * math.sqrt(exact * (1 - exact) / positives.item())
# the sum rule: P(positive) = P(positive, ill) + P(positive, well)
marginal = 0.01 * 0.95 + 0.99 * 0.1
assert abs(positives.item() / n - marginal) < 5 * math.sqrt(marginal * (1 - marginal) / n)

# joint, conditional and marginal of a table of counts
table = torch.tensor([[30.0, 20], [10, 40]])
joint = table / table.sum()
first = joint.sum(dim=1)
given_first = joint / first.reshape(-1, 1)
assert torch.allclose(first, torch.tensor([0.5, 0.5]))
assert torch.allclose(given_first, torch.tensor([[0.6, 0.4], [0.2, 0.8]]))
second = joint.sum(dim=0)
reverse = given_first * first.reshape(-1, 1) / second
assert torch.allclose(reverse[:, 0], torch.tensor([0.75, 0.25]))

# other distributions
binomial = torch.distributions.binomial.Binomial(10, torch.tensor(0.3)).sample((5000,))
assert abs(binomial.mean().item() - 3) < 5 * math.sqrt(2.1 / 5000)
poisson = torch.distributions.poisson.Poisson(torch.tensor(4.0)).sample(sample_shape=(5000,))
assert abs(poisson.mean().item() - 4) < 5 * math.sqrt(4 / 5000)
