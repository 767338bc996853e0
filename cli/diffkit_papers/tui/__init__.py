"""The full-screen view of the log: a queue to choose from, the questions of a pass, recall.

`app` is the program, `queue` its list of papers, `answering` a pass, `quiz` the recall of what is due,
`dialogs` the small questions in between, `texts` what a paper looks like. Everything is written through the
same functions as the commands, and the log is never held open while somebody thinks.
"""
