"""A conformance suite for streaming over ASGI: any application, under any server, over sockets.

The suite knows its subject by what CONTRACT.md lets everybody see: the environment variables
that configure it, HTTP on a real connection, and a recorder that stands between the server and
the application. It imports no application.
"""
