"""Certificates: one for 127.0.0.1, for the servers that are to encrypt."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from asgi_conformance.servers import TLS


@cache
def find_certificate() -> TLS:
    """The certificate of this process, made when it is first asked for, removed at its end."""
    # Only here: few checks encrypt, and cryptography takes long to import.
    import trustme
    from cryptography.hazmat.primitives import serialization

    kept = TemporaryDirectory(prefix="asgi-conformance-")
    atexit.register(kept.cleanup)
    directory = Path(kept.name)
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    files = TLS(directory / "cert.pem", directory / "key.pem", directory / "authority.pem")
    files.certfile.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    # granian takes no other form than this one, which trustme does not write.
    files.keyfile.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    authority.cert_pem.write_to_path(files.authority)
    return files
