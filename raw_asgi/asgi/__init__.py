"""What a framework does with ASGI messages: requests, responses, routing, errors, lifespan."""
