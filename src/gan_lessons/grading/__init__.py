"""Graded labs: students' code answers in a sandbox, trusted code scores its arrays.

`sandbox` holds untrusted code; `submission` and `scan` read a notebook, `scoring` grades it. `labs` are the tasks with
their truth and rubric, `lab` is what they are made of, `secret` what hides their tests, `notebook` what students get.
"""
