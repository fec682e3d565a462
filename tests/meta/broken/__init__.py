"""Broken applications: each makes one mistake that a check of the suite must notice.

A mistake is a function that takes an ASGI application and returns it broken. Those of one
family stand in one module; `controls` says which check is meant for which.
"""
