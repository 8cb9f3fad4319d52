"""The certificate authorities that requests trusts: which file, and whether it can be used."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from hub.diagnosis.check import Check

_NAME = "certificates"
_READ = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_UNREAD = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def check_certificates(environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Read the certificate authorities as a TLS connection would.

    Args:
        environ: The environment that requests reads.
    """
    path, origin = _find_bundle(environ)
    found = f"{path} ({origin})"
    advice = _advise(origin)
    try:
        count = _count_authorities(path)
    except ssl.SSLError as error:
        found = f"{found} holds no certificates that can be read: {error.reason or error}"
        return [Check(_NAME, "failed", found, advice)]
    except OSError as error:
        found = f"{found} cannot be read: {error.strerror or error}"
        return [Check(_NAME, "failed", found, advice)]
    if count == 0:
        return [Check(_NAME, "failed", f"{found} holds no certificate authority", advice)]
    found = f"{found}, TLS by {ssl.OPENSSL_VERSION}"
    unread = [name for name in _UNREAD if environ.get(name)]
    if unread and origin not in _READ:
        found = f"{found}; {' and '.join(unread)} is set, but requests does not read it"
        advice = "set REQUESTS_CA_BUNDLE to the same place, if that is what hosts need"
        return [Check(_NAME, "warning", found, advice)]
    return [Check(_NAME, "ok", found)]


def _find_bundle(environ: Mapping[str, str]) -> tuple[Path, str]:
    for name in _READ:
        if value := environ.get(name):
            return Path(value), name
    import certifi

    return Path(certifi.where()), "certifi"


def _count_authorities(path: Path) -> int:
    """Load a file as OpenSSL does; of a folder it reads only what it needs, so count its files."""
    if path.is_dir():
        return sum(1 for _ in path.iterdir())
    path.open("rb").close()  # whose error names the reason, as OpenSSL's does not
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=path)
    return len(context.get_ca_certs())


def _advise(origin: str) -> str:
    if origin in _READ:
        return f"set {origin} to a file of PEM certificates, or unset it"
    return "pip install --force-reinstall certifi, or set REQUESTS_CA_BUNDLE to a file of your own"
