"""The full-screen view of the log: a queue to choose from, a paper to read, the questions of a pass.

`app` holds the list, `answering` a pass, `texts` what a paper looks like. Everything is written the moment it
is typed, through the same functions as the commands.
"""
