"""Mail: Postfix, Exim, Dovecot; and the files of mail and file clients."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, secret_pattern

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(
            "mail relay password",
            rb"^[^\s#][^\s]*+[ \t]+[^:\s]*+:(?P<secret>[^\s<]\S*)",
            paths=("sasl_passwd*", "sasl_password*", "sasl/passwd*", "/etc/exim4/passwd.client*", "smtp_auth*"),
        ),
        secret_pattern("Exim client password", rb"^[^#:\n][^:\n]*+:[^:\n]*+:(?P<secret>[^:\r\n]+)", paths=("/etc/exim4/passwd.client*",)),
        secret_pattern("Exim client's words", rb"\bclient_send[ \t]*=[^\n]{0,200}?[:^][ \t]*(?P<secret>[^\s:^<$][^\s:^]*)[ \t\r]*$", words="send"),
        secret_pattern(
            "Exim database",
            rb"\b(?:mysql|pgsql|ibase|oracle)_servers[ \t]*=[ \t]*[^/\n]{1,128}/[^/\n]{1,64}/[^/\n]{1,64}/(?P<secret>[^\s:]+)",
            words="servers",
        ),
        secret_pattern("sendmail's authinfo", rb"^AuthInfo:[^\n]{0,400}?\"P[:=](?P<secret>[^\"\n]+)\"", (b"authinfo:",)),
        secret_pattern("Postfix static map", rb"\bstatic:[^:\s]{1,128}:(?P<secret>[^\s,<]+)", words="static"),
        secret_pattern(
            "Dovecot passwd-file",
            rb"^[^:\n#][^:\n]*+:(?P<secret>[^:\r\n]+)",
            paths=("/etc/dovecot/users*", "/etc/dovecot/passwd*", "/etc/dovecot/*.passwd", "/etc/mosquitto/passwd*", "/etc/mosquitto/pwfile*"),
        ),
        secret_pattern(  # ftp(1); .authinfo is the same
            "netrc",
            rb"(?:^|[ \t])(?:password|passwd|account)[ \t\r\n]{1,80}" + VALUE,
            paths=(".netrc*", "_netrc", "/etc/netrc", "*.netrc", ".authinfo"),
        ),
    ),
)
