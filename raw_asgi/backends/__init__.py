"""Where streams come from and go to: files, tables, events, uploads.

Nothing here knows ASGI or HTTP. What blocks says so and is called in a worker thread.
"""
