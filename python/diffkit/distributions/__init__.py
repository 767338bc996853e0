"""Distributions: draws, densities, moments.

Parameters broadcast, and a distribution with parameters of a shape is a batch of independent ones. `sample`
and `rsample` take a shape in front and a `generator`; `log_prob` is differentiated by the parameters and the
value.

>>> from diffkit.distributions import multinomial
>>> fair = diffkit.ones(6) / 6
>>> counts = multinomial.Multinomial(10, fair).sample()
>>> counts.sum()
tensor(10.)
"""

from diffkit.distributions.bernoulli import Bernoulli
from diffkit.distributions.binomial import Binomial
from diffkit.distributions.categorical import Categorical
from diffkit.distributions.distribution import Distribution
from diffkit.distributions.exponential import Exponential
from diffkit.distributions.multinomial import Multinomial
from diffkit.distributions.normal import Normal
from diffkit.distributions.poisson import Poisson
from diffkit.distributions.uniform import Uniform

__all__ = [
    "Bernoulli",
    "Binomial",
    "Categorical",
    "Distribution",
    "Exponential",
    "Multinomial",
    "Normal",
    "Poisson",
    "Uniform",
]
