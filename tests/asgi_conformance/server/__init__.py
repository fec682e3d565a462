"""The layer of the server: what the ASGI specification and HTTP demand of what runs applications.

The subject is the probe, an application that does what the request's script says.
"""
