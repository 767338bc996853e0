"""The exceptions of diffkit. Each also inherits the builtin that a caller would expect."""


class DiffkitError(Exception):
    """Any error that diffkit raises on purpose."""


class ShapeError(DiffkitError, ValueError):
    """Shapes that do not fit the operation or each other."""


class DTypeError(DiffkitError, TypeError):
    """A dtype, or a type of argument, that the operation does not take."""


class AxisError(DiffkitError, IndexError):
    """An axis or a position that does not exist."""


class ArgumentError(DiffkitError, ValueError):
    """Any other bad argument."""


class AutogradError(DiffkitError, RuntimeError):
    """A misuse of automatic differentiation."""


class LinAlgError(DiffkitError, ValueError, RuntimeError):
    """A matrix without the property that the decomposition needs."""


class AllocationError(DiffkitError, MemoryError):
    """Memory that is not to be had."""


class MissingNameError(DiffkitError, AttributeError):
    """A name that diffkit does not have."""
