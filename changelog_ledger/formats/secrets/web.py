"""Web servers and proxies: password files, access lists. Headers and variables (``proxy_set_header X-Api-Key …``) speak by their names."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import SecretCatalogue, secret_pattern

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern("HAProxy statistics", rb"^[ \t]*stats[ \t]+auth[ \t]+[^:\s]{1,128}:(?P<secret>[^\s<]\S*)", words="stats"),
        secret_pattern("Squid peer", rb"\blogin=[^:\s]{1,128}:(?P<secret>[^\s<]\S*)", words="peer"),
        secret_pattern(
            "web password hash",
            rb"^[^:\n#][^:\n]*+:!{0,2}(?P<secret>[^:*!\r\n<][^:\r\n]*+)",
            paths=("*htpasswd*", "lighttpd.user", "passwd.db"),
        ),
        secret_pattern("digest password hash", rb"^[^:\n#][^:\n]*+:[^:\n]*+:(?P<secret>[^:\r\n]+)", paths=("*htdigest*",)),
        secret_pattern("Caddy hash", rb"(?<![A-Za-z0-9+/])(?P<secret>JDJ[hby]JD[A-Za-z0-9+/=]{40,})", words="basicauth"),
    ),
)
