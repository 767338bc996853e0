"""What can go wrong in the reading log. The command line maps each class to an exit code."""

from __future__ import annotations


class PaperError(Exception):
    """`message` says what is wrong, `fix` what to do about it."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class BadData(PaperError):
    """A value, an identifier or a BibTeX file that cannot be understood."""


class BadQuery(PaperError):
    """A question to the log that is not written as questions are."""


class GateClosed(PaperError):
    """A pass that may not begin yet."""


class NotFound(PaperError):
    """No such paper."""


class DatabaseProblem(PaperError):
    """The database cannot be opened, read or written."""


class Refused(PaperError):
    """Something that cannot be done as things stand."""
