"""Calls SciPy, scikit-learn and einops with tensors and with arrays; prints as JSON how the results compare.

Run as a program, for test_consumers.py: SciPy reads its switch SCIPY_ARRAY_API when it is imported. The
argument is the module whose `asarray` makes the tensors: `diffkit`; or `torch`, to see what is possible.
"""

# ruff: noqa: E402, F401 (the switch comes first; expressions use what is imported)

import importlib
import json
import os
import sys
import warnings

os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np

#: Cases by library and name: functions of a converter, which makes tensors or leaves arrays as they are.
CASES = {"scipy": {}, "sklearn": {}, "einops": {}}

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)) @ np.diag([3.0, 1.0, 0.5, 2.0]) + [1.0, 0.0, -1.0, 0.5]
Y = X @ [1.0, -2.0, 0.5, 3.0] + 0.1 * rng.normal(size=60)
LABELS = (X[:, 0] + X[:, 3] > 1.5).astype("int64")
a = np.array([0.5, 2.0, 1.0, 4.0, 3.0])
b = np.array([1.5, 2.5, 0.5, 4.5, 2.0])


def case(library):
    def register(function):
        CASES[library][function.__name__] = function
        return function

    return register


def one_liners(library, text):
    """Registers `name: expression in xp, X, Y, ...` lines; `t` converts."""
    for line in text.strip().splitlines():
        expression = line.strip()
        code = compile(expression, expression, "eval")
        CASES[library][expression] = lambda t, code=code: eval(code, {**globals(), "t": t})


# ---- SciPy ----

import scipy.cluster.vq
import scipy.differentiate
import scipy.fft
import scipy.integrate
import scipy.ndimage
import scipy.signal
import scipy.spatial.transform
import scipy.special
import scipy.stats

one_liners(
    "scipy",
    """
    scipy.special.logsumexp(t(X), axis=1)
    scipy.special.softmax(t(X), axis=1)
    scipy.special.log_softmax(t(X), axis=0)
    scipy.special.erf(t(a))
    scipy.special.gammaln(t(a))
    scipy.special.expit(t(a))
    scipy.special.xlogy(t(a), t(b))
    scipy.special.ndtr(t(a))
    scipy.special.i0(t(a))
    scipy.special.betainc(t(a), t(b), t(a / 5))
    scipy.special.entr(t(a))
    scipy.stats.zscore(t(X))
    scipy.stats.skew(t(X))
    scipy.stats.kurtosis(t(X))
    scipy.stats.moment(t(X), order=3)
    scipy.stats.gmean(t(a))
    scipy.stats.hmean(t(a))
    scipy.stats.pmean(t(a), 2)
    scipy.stats.variation(t(X))
    scipy.stats.sem(t(X))
    scipy.stats.tmean(t(a), (0.6, 3.5))
    scipy.stats.circmean(t(a))
    scipy.stats.entropy(t(a), t(b))
    scipy.stats.ttest_1samp(t(a), 0.0).pvalue
    scipy.stats.ttest_ind(t(a), t(b)).statistic
    scipy.stats.ttest_rel(t(a), t(b)).pvalue
    scipy.stats.pearsonr(t(a), t(b)).statistic
    scipy.stats.chisquare(t(a), t(a[::-1].copy())).pvalue
    scipy.stats.bartlett(t(a), t(b)).pvalue
    scipy.stats.jarque_bera(t(a)).statistic
    scipy.stats.rankdata(t(a))
    scipy.stats.quantile(t(a), 0.3)
    scipy.fft.fft(t(a))
    scipy.fft.ifft(t(a))
    scipy.fft.rfft(t(X), axis=0)
    scipy.fft.fft2(t(X))
    scipy.fft.dct(t(a))
    scipy.fft.fftshift(t(a))
    scipy.signal.convolve(t(a), t(b))
    scipy.signal.fftconvolve(t(a), t(b))
    scipy.signal.correlate(t(a), t(b))
    scipy.signal.detrend(t(a))
    scipy.signal.hilbert(t(a))
    scipy.signal.lfilter(t(a), t(b), t(a))
    scipy.integrate.trapezoid(t(X), axis=0)
    scipy.integrate.simpson(t(X), axis=0)
    scipy.integrate.cumulative_trapezoid(t(a), initial=0)
    scipy.integrate.cubature(lambda x: x[:, 0] ** 2, t(np.zeros(1)), t(np.ones(1))).estimate
    scipy.cluster.vq.whiten(t(X))
    scipy.cluster.vq.vq(t(X), t(X[:3]))[1]
    scipy.ndimage.gaussian_filter(t(X), 1.0)
    scipy.ndimage.sobel(t(X))
    scipy.ndimage.rotate(t(X), 30.0, reshape=False)
    scipy.differentiate.derivative(lambda x: x**3, t(a)).df
    scipy.spatial.transform.Rotation.from_rotvec(t(X[:, :3])).as_matrix()
    scipy.spatial.transform.Rotation.from_quat(t(X)).apply(t(X[:, :3]))
    """,
)

# ---- scikit-learn ----

from sklearn import (
    config_context,
    decomposition,
    discriminant_analysis,
    kernel_approximation,
    linear_model,
    metrics,
    mixture,
    model_selection,
    naive_bayes,
    pipeline,
    preprocessing,
)

one_liners(
    "sklearn",
    """
    preprocessing.StandardScaler().fit_transform(t(X))
    preprocessing.MinMaxScaler().fit_transform(t(X))
    preprocessing.MaxAbsScaler().fit_transform(t(X))
    preprocessing.Normalizer().fit_transform(t(X))
    preprocessing.Binarizer(threshold=0.5).fit_transform(t(X))
    preprocessing.PolynomialFeatures(2).fit_transform(t(X))
    metrics.mean_squared_error(t(Y), t(Y + 1))
    metrics.mean_absolute_error(t(Y), t(Y + 1))
    metrics.r2_score(t(Y), t(Y + 0.1 * X[:, 0]))
    metrics.accuracy_score(t(LABELS), t(LABELS[::-1].copy()))
    metrics.pairwise.cosine_similarity(t(X), t(X[:5]))
    metrics.pairwise.euclidean_distances(t(X), t(X[:5]))
    metrics.pairwise.rbf_kernel(t(X), t(X[:5]))
    model_selection.train_test_split(t(X), t(Y), random_state=0)
    model_selection.cross_val_score(linear_model.Ridge(solver="svd"), t(X), t(Y))
    model_selection.cross_val_predict(linear_model.Ridge(solver="svd"), t(X), t(Y))
    """,
)


@case("sklearn")
def ridge(t):
    model = linear_model.Ridge(alpha=0.5, solver="svd").fit(t(X), t(Y))
    return model.coef_, model.intercept_, model.predict(t(X)), model.score(t(X), t(Y))


@case("sklearn")
def ridge_cv(t):
    model = linear_model.RidgeCV(alphas=[0.1, 1.0, 10.0]).fit(t(X), t(Y))
    return model.coef_, model.alpha_


@case("sklearn")
def logistic_regression(t):
    model = linear_model.LogisticRegression(tol=1e-10, max_iter=1000).fit(t(X), t(LABELS))
    return model.coef_, model.predict(t(X)), model.predict_proba(t(X))


@case("sklearn")
def pca(t):
    model = decomposition.PCA(n_components=2, svd_solver="full").fit(t(X))
    codes = model.transform(t(X))
    return model.components_, model.explained_variance_, codes, model.inverse_transform(codes)


@case("sklearn")
def whitening_pca(t):
    return decomposition.PCA(svd_solver="covariance_eigh", whiten=True).fit_transform(t(X))


@case("sklearn")
def discriminants(t):
    model = discriminant_analysis.LinearDiscriminantAnalysis().fit(t(X), t(LABELS))
    return model.predict(t(X)), model.predict_proba(t(X))


@case("sklearn")
def gaussian_mixture(t):
    start = {"means": X[:2], "weights": np.array([0.5, 0.5]), "precisions": np.stack([np.eye(4)] * 2)}
    start = {f"{name}_init": t(array) for name, array in start.items()}
    model = mixture.GaussianMixture(2, init_params="random_from_data", random_state=0, **start).fit(t(X))
    return model.means_, model.covariances_, model.weights_, model.predict(t(X)), model.score_samples(t(X))


@case("sklearn")
def naive_bayes_of_gaussians(t):
    model = naive_bayes.GaussianNB().fit(t(X), t(LABELS))
    return model.theta_, model.var_, model.predict(t(X)), model.predict_proba(t(X))


@case("sklearn")
def nystroem(t):
    return kernel_approximation.Nystroem(n_components=10, random_state=0).fit(t(X)).transform(t(X[:5]))


@case("sklearn")
def pipelines(t):
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(),
        decomposition.PCA(n_components=3, svd_solver="full"),
        linear_model.Ridge(solver="svd"),
    )
    return model.fit(t(X), t(Y)).predict(t(X))


@case("sklearn")
def grid_search(t):
    search = model_selection.GridSearchCV(linear_model.Ridge(solver="svd"), {"alpha": [0.1, 1.0, 10.0]}, cv=3)
    search.fit(t(X), t(Y))
    return (
        search.best_params_["alpha"],
        search.best_score_,
        search.best_estimator_.coef_,
        search.predict(t(X)),
    )


# ---- einops ----

import einops.array_api

one_liners(
    "einops",
    """
    einops.array_api.rearrange(t(X), "(a b) c -> b (a c)", a=6)
    einops.array_api.rearrange([t(a), t(b)], "two n -> n two")
    einops.array_api.reduce(t(X), "(a b) c -> a c", "mean", a=6)
    einops.array_api.reduce(t(X), "a b -> b", "max")
    einops.array_api.reduce(t(X), "a b -> ", "sum")
    einops.array_api.repeat(t(a), "n -> n two", two=2)
    einops.array_api.pack([t(X), t(X[:, :2])], "n *")[0]
    einops.array_api.unpack(t(X), [(1,), (3,)], "n *")
    """,
)


def leaves(result):
    return (
        [leaf for part in result for leaf in leaves(part)] if isinstance(result, tuple | list) else [result]
    )


def distance(x, y):
    """The largest difference, relative to the largest value."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype.kind != y.dtype.kind:
        return f"{x.dtype}{x.shape} instead of {y.dtype}{y.shape}"
    difference = x != y if y.dtype == bool else np.abs(x - y)
    return float(difference.max(initial=0)) / max(1.0, float(np.abs(y).max(initial=0)))


def compare(library, function, make):
    """How the results for tensors differ from those for arrays, and their types."""
    expected = leaves(function(lambda array: array))
    with config_context(array_api_dispatch=library == "sklearn"):
        found = leaves(function(make))
    tensor = type(make(a))
    return {
        "types": ["tensor" if isinstance(x, tensor) else type(x).__name__ for x in found],
        "distances": [distance(x, y) for x, y in zip(found, expected, strict=True)],
    }


def main(make):
    warnings.simplefilter("ignore")
    for library, cases in CASES.items():
        for name, function in cases.items():
            try:
                outcome = compare(library, function, make)
            except Exception as error:
                outcome = {"raised": f"{type(error).__name__}: {error}"}
            print(json.dumps({"library": library, "case": name, **outcome}), flush=True)


if __name__ == "__main__":
    main(importlib.import_module(*sys.argv[1:]).asarray)
