"""Notebooks from their one source: ``tutorials/src/NN_topic.py`` → notebooks, labs and executed solutions.

Needs the extra ``lessons``. `source` reads, `starter` empties answers, `products` writes, `running` executes,
`form` and `inspection` check, `skeleton` begins a new lesson.
"""
