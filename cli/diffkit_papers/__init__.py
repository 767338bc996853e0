"""The reading log: papers, and what each of the three passes through them found.

Layers: `schema` (the database and its migrations), `store` (functions on a database that return plain
`records`), `passes` (questions, gates and states, without a database), `importers`, `latex` and `identifiers`
(BibTeX, arXiv, DOI), `keys` (names for papers), `commands`, `asking` and `views` (the command line). Only
`commands` and `asking` know click; only `schema` and `store` know SQL.
"""
