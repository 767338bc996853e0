"""The reading log: papers, and what each of the three passes through them found.

Layers: `schema` (the tables and their migrations) and `database` (opening, transactions); `passes`
(questions, gates and states, without a database) and `records` (plain data); `store` (papers in and out of
the database) and `derived` (what SQL filters by); a module for each topic, whose functions take an open
database and return documents (`reading`, `ordering`, `marking`, `finding`, ...; all of them in `api`);
`commands`, `asking` and `views` (the command line, which only parses and prints).
"""
