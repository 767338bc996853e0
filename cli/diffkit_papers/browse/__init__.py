"""The log in a browser, read-only: Datasette with queries that say what a reader asks.

`metadata` is what Datasette shows and hides, `plugin` what is added to it, `server` runs it on this machine
alone.
"""
