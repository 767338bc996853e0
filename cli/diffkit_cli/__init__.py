"""The command line of diffkit: a small host, and commands that it finds through entry points."""

__version__ = "0.1.0"
