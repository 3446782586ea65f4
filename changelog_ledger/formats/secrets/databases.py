"""Databases: password files, access lists, connection strings, SQL."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, Spelling, secret_block, secret_pattern

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # https://www.postgresql.org/docs/current/libpq-pgpass.html
            "pgpass",
            rb"^(?!#)(?:(?:[^:\\\n]|\\.)*+:){4}(?P<secret>[^\r\n]+)",
            paths=(".pgpass*", "pgpass.conf", "*pgpass*"),
            spelling=Spelling.BACKSLASH,
        ),
        secret_pattern("PgBouncer users", rb"^[ \t]*\"[^\"\n]*+\"[ \t]+(?P<secret>\"(?:[^\"\n]|\"\")*+\")", paths=("userlist.txt*",)),
        secret_pattern("Galera state transfer", rb"\bwsrep_sst_auth[ \t]*=[ \t]*[\"']?[^:\s\"']*:(?P<secret>[^\"'\s]+)", (b"wsrep_sst_auth",)),
        secret_block(  # https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
            "Redis access list",
            rb"^[ \t]*user[ \t]+\S+[ \t]",
            rb"$",
            rb"(?<=[ \t])[>#](?P<secret>[^\s<]\S*)",
            (b" >", b" #"),
            ("users.acl", "*.acl", "redis*.conf*", "valkey*.conf*", "/etc/redis/**", "/etc/valkey/**"),
        ),
        secret_pattern("Sentinel password", rb"^[ \t]*sentinel[ \t]+auth-pass[ \t]+\S+[ \t]+" + VALUE, (b"auth-pass",)),
        secret_pattern("Go data source", rb":(?P<secret>[^\s\"'/:@][^\s\"']{0,127})@(?:tcp|unix)6?\(", spelling=Spelling.BARE, words="tcp tcp6 unix"),
        secret_pattern("Oracle thin driver", rb"jdbc:oracle:\w{1,8}:[^/\s\"'@]{1,64}/(?P<secret>[^@\s\"']{1,128})@", words="oracle"),
        secret_pattern(
            "SQL identified by",
            rb"(?i:\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+(?:password[ \t]+)?)(?P<secret>'(?:[^'\n]|'')*+'|\"[^\"\n]*+\")",
            words="identified",
        ),
        secret_pattern("SQL password function", rb"(?i:\bpassword)\([ \t]*(?P<secret>'(?:[^'\n]|'')*+')", (b"password(",)),
        secret_pattern("SQL password", rb"(?i:\bpassword)[ \t]+(?P<secret>'(?:[^'\n]|'')*+')", (b"password '",)),
    ),
)
