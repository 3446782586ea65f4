"""Web servers and proxies: password files, access lists. Headers and variables (``proxy_set_header X-Api-Key …``) speak by their names."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, secret_pattern

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern("HAProxy statistics", rb"^[ \t]*stats[ \t]+auth[ \t]+[^:\s]{1,128}:(?P<secret>[^\s<]\S*)", words="stats"),
        secret_pattern("secure link", rb"\bsecure_link_md5[ \t]+[^;\n]{0,400}?[ \t](?P<secret>[^\s\"'$;]{3,})[\"']?;", (b"secure_link_md5",)),
        secret_pattern("DNS provider of Caddy", rb"^[ \t]*dns[ \t]+\w+[ \t]+(?P<secret>[^\s{<]\S{15,})", paths=("Caddyfile*", "/etc/caddy/**")),
        secret_pattern("tinyproxy user", rb"^[ \t]*BasicAuth[ \t]+[^\s{/]+[ \t]+(?P<secret>[^\s{<]\S*)", words="basicauth"),
        secret_pattern(
            "parent proxy", rb"^[ \t]*(?i:upstream)[ \t]+\w+[ \t]+[^\s:@/]{1,64}:(?P<secret>[^\s@/]{1,128})@", paths=("tinyproxy*.conf*",)
        ),
        secret_pattern("proxychains", rb"^[ \t]*(?:socks[45]|http|raw)[ \t]+\S+[ \t]+\d+[ \t]+\S+[ \t]+" + VALUE, paths=("proxychains*.conf*",)),
        secret_pattern("hash of a password for NTLM", rb"^[ \t]*Pass(?:NTLMv2|NT|LM)[ \t]+(?P<secret>[^\s<]\S*)", paths=("cntlm*.conf*",)),
        secret_pattern("session store", rb"\?(?:[^\s\"'?]{0,200}&)?auth(?:%5B%5D|\[\])?=(?P<secret>[^&\s\"'<]{2,})", words="auth"),
        secret_pattern("monit user", rb"\ballow[ \t]+[A-Za-z_][\w.-]{0,64}:" + VALUE, paths=("monitrc*", "/etc/monit/**")),
        secret_pattern("Nagios macro", rb"^\$USER\d{1,3}\$[ \t]*=[ \t]*(?P<secret>[^\s/<][^\r\n]*)", paths=("resource*.cfg",)),
        secret_pattern("NUT monitor", rb"^[ \t]*MONITOR[ \t]+\S+[ \t]+\d+[ \t]+\S+[ \t]+" + VALUE, paths=("upsmon*.conf*",)),
        secret_pattern("key of a stream", rb"^\[(?P<secret>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]", paths=("stream.conf*",)),
        secret_pattern("ProFTPD database", rb"\bSQLConnectInfo[ \t]+\S+[ \t]+\S+[ \t]+" + VALUE, words="sqlconnectinfo"),
        secret_pattern(
            "virtual users",
            rb"^[^\n]+\n(?P<secret>[^\r\n]+)",
            paths=("*virtual_users*.txt", "*vusers*.txt", "vsftpd_login*.txt", "/etc/vsftpd/*users.txt"),
        ),
        secret_pattern("iSCSI target user", rb"(?i:\b(?:incoming|outgoing)user)[ \t]+\S+[ \t]+" + VALUE, words="incominguser outgoinguser"),
        secret_pattern("key of a cluster", rb"^[ \t]*\d{1,4}[ \t]+(?:sha1|md5)[ \t]+(?P<secret>\S+)", paths=("authkeys",)),
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
