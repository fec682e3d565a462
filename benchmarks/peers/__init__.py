"""Peers: other frameworks and servers, as documented, where they do the same job."""
