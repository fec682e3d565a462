"""The reference server: the shortest complete ASGI server, and one that errs when it is told to.

It does all that the suite's server layer asks for, over HTTP/1.1 and HTTP/2 on one socket. It is
the suite's positive control, since every check can be passed by it, and its negative control: a
mistake (`reference.mistakes`) alters one decision of `reference.policy`, or wraps the application.

    python -m reference package.module:app --port 8000
"""
