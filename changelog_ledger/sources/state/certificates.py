"""Server certificates where servers usually have them: subject, issuer, serial number, end, names; not the CA bundle, and no private key.

A folder or a file there that is closed may hold one, so nothing is told then. No "days left", which would be another number every day: what
counts is that ``not after`` moved, or did not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.trees import Tree, text_of

PLACES = (
    *("/etc/letsencrypt/live", "/etc/nginx", "/etc/apache2", "/etc/httpd", "/etc/haproxy", "/etc/pki/tls/certs", "/etc/pki/nginx"),
    *(
        "/etc/postfix",
        "/etc/dovecot",
        "/etc/exim4",
        "/etc/postgresql",
        "/etc/mysql",
        "/etc/openvpn",
        "/etc/kubernetes/pki",
        "/etc/cockpit/ws-certs.d",
    ),
    *("/etc/docker", "/etc/etcd", "/etc/rabbitmq", "/etc/prosody/certs", "/etc/ssl/server", "/usr/local/etc/ssl"),
)
"""Where to look. ``/etc/ssl/certs`` is the list of authorities, which is no server's."""

_MOST = 500
_DEPTH = 3
_LARGEST = 64 * 1024
_MOST_IN_ONE = 6  # more of them in one file are a list of authorities
_NAMES = re.compile(r".*\.(pem|crt|cer|cert|chain|combined)", re.IGNORECASE)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----")


def certificates(probe: Probe) -> str:
    """See the module."""
    found: dict[str, Tree] = {}
    for path, data in _candidates(probe):
        if len(found) >= _MOST:
            raise CollectionFailed(f"there are more than {_MOST} certificates")
        pieces = _CERTIFICATE.findall(data)
        if 0 < len(pieces) <= _MOST_IN_ONE:
            found[path] = _described(pieces[0])
    if not found:
        raise NotAvailable("there is no certificate in the usual places")
    return text_of(found)


def _candidates(probe: Probe) -> Iterator[tuple[str, bytes]]:
    for place in PLACES:
        for path in probe.files_below(place, _DEPTH):
            if _NAMES.fullmatch(path):
                try:
                    data = probe.head(path, _LARGEST + 1)
                except NotAvailable:  # gone meanwhile
                    continue
                if len(data) <= _LARGEST:  # else a list of authorities
                    yield path, data


def _described(pem: bytes) -> Tree:
    from cryptography import x509  # slow to import, and needed where there is a certificate only

    try:
        certificate = x509.load_pem_x509_certificate(pem)
        return {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "not after": certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "names": _names(certificate),
        }
    except ValueError as error:
        return {"unreadable": str(error).splitlines()[0] if str(error) else "no certificate"}


def _names(certificate: object) -> list[str]:
    from cryptography import x509

    assert isinstance(certificate, x509.Certificate)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return sorted(str(name.value) for name in names)
