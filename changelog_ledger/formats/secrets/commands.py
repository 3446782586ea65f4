"""Passwords on command lines: in crontabs, units, scripts, containers' ``command:``. Options that say ``--password`` need no rule here."""

from __future__ import annotations

import re

from changelog_ledger.model.secret_rules import SecretCatalogue, SecretPattern, Spelling, secret_pattern

_GAP = rb"(?:[ \t]+|[ \t]*\\\r?\n[ \t]*|[\"'],[ \t]*(?P<mark>[\"']))"  # also between the strings of a list
_BARE_WORD = rb"(?:[^\s\"'\\;&|<>()`]|\\[^\n]|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+')++"
_WORD = rb"(?P<secret>" + _BARE_WORD + rb")"


def _to_mark(group: bytes) -> bytes:
    """To the quote that a group is, if it is: between quotes ``&`` ends nothing."""
    return rb"(?(" + group + rb")(?:(?!(?P=" + group + rb"))[^\\\n]|\\[^\n])++(?=(?P=" + group + rb"))|(?!))"


_OPENED = rb"(?:(?<=(?P<open>[\"'])-)|(?<=\s-))"  # after the dash of an option
_LISTED_WORD = rb"(?P<secret>" + _to_mark(b"mark") + rb"|" + _to_mark(b"open") + rb"|" + _BARE_WORD + rb")"
_PAIR = rb"(?P<quote>[\"'])?[^\s:%,\"']{0,128}SEPARATOR(?P<secret>(?(quote)(?:(?!(?P=quote))[^\n])+|[^\s\"';|&<>]+))"


def _command(tools: str) -> bytes:
    return rb"(?<![\w-])(?:" + b"|".join(tool.encode() for tool in tools.split()) + rb")(?![\w-])"


def _first_words(tools: str) -> str:
    return re.sub(r"[-_]\w+", "", tools)


def _option(tools: str, options: str, *, attached: bool = False) -> SecretPattern:
    """A word after an option of a tool; ``attached`` where it may also follow at once (``-pSECRET``)."""
    flags = b"|".join(option.lstrip("-").encode() for option in options.split())
    gap = rb"(?:=|" + _GAP + (rb")?" if attached else rb")")
    return secret_pattern(
        f"{tools.split()[0]} {options.split()[0]}",
        rb"-" + _OPENED + rb"(?:" + flags + rb")" + gap + rb"(?!-)" + _LISTED_WORD,
        spelling=Spelling.SHELL,
        words=_first_words(tools),
        lead=_command(tools),
    )


def _pair(tools: str, options: str, separator: bytes) -> SecretPattern:
    """``user:password`` after an option of a tool, or with another separator."""
    flags = b"|".join(option.encode() for option in options.split())
    return secret_pattern(
        f"{tools.split()[0]} {options.split()[0]}",
        rb"-(?:" + flags + rb")(?:=|" + _GAP + rb")?" + _PAIR.replace(b"SEPARATOR", separator),
        spelling=Spelling.BARE,
        words=_first_words(tools),
        lead=_command(tools),
    )


_MYSQL = "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlpump mariadb mariadb-dump mariadb-admin mariadb-check mariadb-import"

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # crontab(5): to the end of the line, no shell reads it
            "environment of a crontab",
            rb"^[ \t]*(?P<name>[A-Za-z_]\w{0,127})[ \t]*=[ \t]*(?!(?i:yes|no|true|false|none|0|1)[ \t\r]*$)(?P<secret>[^\s\"'][^\r\n]*)",
            paths=("/etc/crontab", "/etc/cron.d/*", "/etc/anacrontab", "/var/spool/cron/**"),
        ),
        _pair("curl", "u -user U -proxy-user", b":"),
        _pair("smbclient rpcclient smbget", "U -user", b"%"),
        _pair("lftp", "u -user", b","),
        secret_pattern(
            "net ads -U",
            rb"-(?:U|-user)(?:=|[ \t]+)[^\s%]{1,128}%(?P<secret>[^\s\"']+)",
            words="ads wbinfo",
            lead=rb"(?<![\w-])(?:net|wbinfo)(?![\w-])",
        ),
        secret_pattern("remote desktop", rb"(?<=[ \t])/p:" + _WORD, spelling=Spelling.SHELL, words="xfreerdp wlfreerdp freerdp", lead=rb"freerdp"),
        secret_pattern(  # plugins: -p is a port where it is a number
            "monitoring plugin",
            rb"-(?:p|P|C|A|X|-community)[ \t=]+(?P<secret>(?!\d{1,5}(?!\S))[^\s\"'$!/-][^\s\"'!]*|'[^'\n]+'|\"[^\"\n]+\")",
            words="check",
            lead=rb"\bcheck_(?:mysql|pgsql|ldap|imap|pop|smtp|ftp|snmp|mssql|oracle|postgres|mongodb|redis|ipmi|ifstatus|ifoperstatus|vmware|esx|by_snmp)\w*",
        ),
        secret_pattern(  # only attached: after "-p " comes the database
            "mysql -p",
            rb"-" + _OPENED + rb"p(?=[^\s-])(?P<secret>" + _to_mark(b"open") + rb"|" + _BARE_WORD + rb")",
            spelling=Spelling.SHELL,
            words=_first_words(_MYSQL),
            lead=_command(_MYSQL),
        ),
        secret_pattern(
            "mysql -p in a list of YAML",
            rb"^[ \t]*-[ \t]+[\"']?(?:/[\w./-]{1,128}/)?" + _command(_MYSQL) + rb"[\"']?[ \t]*\r?\n(?:[ \t]*-[ \t]+(?![\"']?-p)[^\n]{0,200}\n){0,16}"
            rb"[ \t]*-[ \t]+(?P<mark>[\"'])?-p(?P<secret>" + _to_mark(b"mark") + rb"|[^\s\"'][^\r\n\"']*)",
            spelling=Spelling.BARE,
            words=_first_words(_MYSQL),
        ),
        _option("sshpass", "-p", attached=True),
        secret_pattern(
            "login -p",
            rb"-" + _OPENED + rb"p(?:=|" + _GAP + rb")(?!-)" + _LISTED_WORD,
            spelling=Spelling.SHELL,
            words="login",
            lead=rb"(?<![\w-])(?:docker|podman|helm|skopeo|buildah|oc|az|registry|cf)[ \t\"',].*\blogin\b",
        ),
        _option("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd ldapcompare", "-w", attached=True),
        _option("redis-cli valkey-cli", "-a"),
        _option("mongo mongosh mongodump mongorestore mongoexport mongoimport", "-p", attached=True),
        _option("ipmitool mosquitto_pub mosquitto_sub unzip zip", "-P"),
        _option("snmpget snmpwalk snmpset snmpbulkwalk snmpbulkget snmpstatus snmptable snmptrap", "-c -A -X"),
        _option("7z 7za", "-p", attached=True),
        _option("useradd usermod", "-p"),
        _option("basic_ldap_auth ext_ldap_group_acl squid_ldap_auth squid_ldap_group digest_ldap_auth", "-w"),
        _option("openssl", "-k -K"),
        secret_pattern(
            "sqlplus",
            rb"(?<=[ \t\"'])\w{1,64}/(?P<secret>[^\s/@\"']{1,128})@",
            words="sqlplus sqlldr expdp impdp rman",
            lead=_command("sqlplus sqlldr expdp impdp rman exp imp"),
        ),
        secret_pattern("Oracle easy connect", rb"(?<![\w:/.])\w{1,64}/(?P<secret>[^\s/@\"']{1,128})@//", (b"@//",)),
        secret_pattern("openssl pass:", rb"pass:(?<=[\s\"']pass:)(?P<secret>[^\s\"']+)", spelling=Spelling.BARE, words="openssl"),
        secret_pattern("wpa_passphrase", rb"\bwpa_passphrase[ \t]+\S+[ \t]+" + _WORD, (b"wpa_passphrase",), spelling=Spelling.SHELL),
        secret_pattern(
            "htpasswd -b", rb"htpasswd[ \t]+-\w*b\w*[ \t]+(?:-\w+[ \t]+){0,4}\S+[ \t]+\S+[ \t]+" + _WORD, (b"htpasswd",), spelling=Spelling.SHELL
        ),
        secret_pattern(
            "echo to chpasswd",
            rb"\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+)?[\"']?[^\s:\"'|]{1,64}:(?P<secret>[^\"'\n|]+?)[\"']?[ \t]*\|[^|\n]{0,40}?\bchpasswd\b",
            (b"chpasswd",),
            spelling=Spelling.BARE,
        ),
        secret_pattern("here-string to chpasswd", rb"chpasswd\b[^\n<]{0,40}<<<[ \t]*[\"']?[^\s:\"']{1,64}:(?P<secret>[^\s\"']+)", (b"chpasswd",)),
        secret_pattern(
            "echo to standard input",
            rb"[ep](?:cho|rintf)[ \t]+(?:-\w+[ \t]+)?(?:'%s(?:\\n)?'[ \t]+)?(?P<secret>\"[^\"\n]+\"|'[^'\n]+'|[^\s|\"'$]+)[ \t]*\|[^|\n]{0,120}?"
            rb"(?:--password-stdin|--stdin|--passphrase-fd|\bsudo[ \t]+-S|-S[ \t]|\bkinit\b|\bcryptsetup\b)",
            words="stdin fd sudo kinit cryptsetup",
        ),
    ),
)
