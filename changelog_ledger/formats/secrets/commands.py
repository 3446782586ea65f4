"""Passwords on command lines: in crontabs, units, scripts, containers' ``command:``, the journal. Options that say ``--password`` need no rule here.

What follows a subcommand without an option is in ``arguments``, what is given to standard input in ``piped``.
"""

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
        rb"-" + _OPENED + rb"(?:" + flags + rb")" + gap + rb"(?!-|(?:''|\"\")(?!\S))" + _LISTED_WORD,
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


def _under(name: str, command: bytes, words: str, options: bytes) -> SecretPattern:
    """A word after an option that says so only below some subcommand."""
    gap = rb"(?:=|" + _GAP + rb")"
    return secret_pattern(
        name, rb"-" + _OPENED + rb"(?:" + options + rb")" + gap + rb"(?!-)" + _LISTED_WORD, spelling=Spelling.SHELL, words=words, lead=command
    )


_MYSQL = "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlpump mariadb mariadb-dump mariadb-admin mariadb-check mariadb-import"

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern(  # crontab(5): to the end of the line, no shell reads it
            "environment of a crontab",
            rb"^[ \t]*(?P<name>[A-Za-z_]\w{0,127})[ \t]*=[ \t]*(?!(?i:yes|no|true|false|none|0|1)[ \t\r]*$)(?P<secret>[^\s\"'][^\r\n]*)",
            paths=("/etc/crontab", "/etc/cron.d/*", "/etc/anacrontab", "/var/spool/cron/**"),
        ),
        _pair("curl", "u -user U -proxy-user E -cert", b":"),
        _pair("curl", "(?<=\\s-)[A-Za-z#]{1,8}u(?=\\s)", b":"),
        secret_pattern(
            "cookie of curl",
            rb"-(?<=\s-)(?:b|-cookie)(?:=|[ \t]+)[\"']?[\w-]{1,64}=(?P<secret>[^\s\"';|&<>]+)",
            spelling=Spelling.BARE,
            words="curl",
            lead=_command("curl"),
        ),
        _option("curl", "[-]oauth2-bearer"),
        secret_pattern(  # HTTPie: https://httpie.io/docs/cli/authentication
            "http -a",
            rb"-(?<=\s-)(?:a|-auth)(?:=|[ \t]+)?" + _PAIR.replace(b"SEPARATOR", b":"),
            spelling=Spelling.BARE,
            words="http https xh xhs",
            lead=rb"(?<![\w.-])(?:https?|xhs?)[ \t]",
        ),
        _pair("etcdctl", "-user", b":"),
        _pair("jenkins-cli", "auth", b":"),
        _pair("smbclient rpcclient smbget winexe wmic samba-tool", "U -user", b"%"),
        _pair("lftp", "u -user", b","),
        secret_pattern(
            "net ads -U",
            rb"-(?:U|-user)(?:=|[ \t]+)[^\s%]{1,128}%(?P<secret>[^\s\"']+)",
            words="ads rpc wbinfo",
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
        secret_pattern(  # without its quotes, as sudo(8) logs a command; the rules of databases know the others
            "statement on a command line",
            rb"-(?<=\s-)(?:e|c|-execute|-command)[ \t=][^\n]{0,200}?(?i:identified[ \t]+by|with[ \t]+password|login[ \t]+password|=[ \t]*password)"
            rb"(?:[ \t]+|[ \t]*\()(?P<secret>[^\s\"'();$]+)",
            words="mysql mariadb psql",
            lead=_command("mysql mariadb psql"),
        ),
        _option("sshpass", "-p", attached=True),
        secret_pattern(
            "login -p",
            rb"-" + _OPENED + rb"p(?:=|" + _GAP + rb")?(?!-|assw)" + _LISTED_WORD,
            spelling=Spelling.SHELL,
            words="login",
            lead=rb"(?<![\w-])(?:docker|podman|helm|skopeo|buildah|oc|az|registry|cf)[ \t\"',].*\blogin\b",
        ),
        _option("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd ldapcompare", "-w", attached=True),
        _option("ldappasswd", "-s -a"),
        _option("kadmin", "-w -pw"),
        _option("smbpasswd ipa-client-install", "-w"),
        _option("ipa-server-install ipa-replica-install", "-a -p"),
        _option("plink pscp psftp", "-pw"),
        _option("evil-winrm hydra crackmapexec nxc netexec", "-p"),
        _option("cqlsh cypher-shell influx twine snowsql rabbitmqadmin testsaslauthd rdesktop racadm ncftp ncftpget ncftpput", "-p"),
        _option("influx", "-t"),
        _option("sqlcmd osql isql bcp mssql-cli tsql", "-P", attached=True),
        _option("rar unrar", "-p -hp", attached=True),
        _option("ssh-keygen", "-N -P"),
        _option("slappasswd", "-s"),
        _option("swaks", "-ap"),
        _option("sendemail sendEmail", "-xp"),
        _under(
            "doveadm pw -p",
            rb"(?:doveadm[ \t]+pw|caddy[ \t]+hash-password|gitea\b.{0,100}\bchange-password)",
            "doveadm caddy gitea",
            rb"p|-plaintext",
        ),
        _under("cluster auth -p", rb"(?<![\w-])(?:pcs[ \t].{0,100}\bauth\b|fence_\w{1,40})", "pcs fence", rb"p"),
        _under("az -p", rb"(?<![\w-])az[ \t]+(?:sql|mysql|mariadb|postgres|acr)\b", "az", rb"p"),
        _under(
            "cloud secret --value", rb"(?<![\w-])(?:az[ \t]+keyvault[ \t]+secret|aws[ \t]+ssm)[ \t]+(?:set|put-parameter)\b", "az aws", rb"-value"
        ),
        _under("gh secret", rb"(?<![\w-])gh[ \t]+(?:secret|variable)[ \t]+set\b", "gh", rb"b|-body"),
        _under("gitlab-runner register", rb"gitlab-runner[ \t]+register\b", "gitlab", rb"r"),
        _under("doctl auth", rb"doctl[ \t]+auth[ \t]+init\b", "doctl", rb"t"),
        _under(
            "registration key",
            rb"(?:subscription-manager|rhnreg_ks|landscape-config)\b",
            "activationkey registration",
            rb"-activationkey|-registration-key",
        ),
        secret_pattern("sonar login", rb"-Dsonar\.login=" + _WORD, spelling=Spelling.SHELL, words="sonar"),
        secret_pattern(  # kubectl(1)
            "kubectl create secret",
            rb"--from-literal(?:=|[ \t]+)[\"']?[^\s=\"']{1,253}=(?P<secret>[^\s\"';|&<>]+)",
            spelling=Spelling.BARE,
            words="literal",
            lead=rb"\bcreate[ \t]+secret\b",
        ),
        secret_pattern(  # each key=value; what begins with @ is a file
            "vault kv",
            rb"=(?<=\w=)(?![@=]|[\"'][^\"'\n]{0,80}\bkv[ \t])" + _WORD,  # no quote around the command itself
            spelling=Spelling.SHELL,
            words="vault bao",
            lead=rb"(?<![\w-])(?:vault|bao)[ \t]+kv[ \t]+(?:put|patch)\b[^\n;|&]{0,300}[ \t]\w[\w-]{0,64}\Z",
        ),
        secret_pattern(
            "dig -y",
            rb"-(?<=\s-)y[ \t]*(?:hmac-[\w-]{1,20}:)?[^\s:\"']{1,128}:(?P<secret>[^\s\"']+)",
            words="dig nsupdate delv",
            lead=_command("dig nsupdate delv"),
        ),
        secret_pattern(  # expect(1): what is sent after a question for a password ends in a return
            "expect",
            rb"[ \t;{\"'\r\n]send[ \t]+(?:--[ \t]+)?[\"']?(?P<secret>[^\s\"'\\$\[]{3,256})\\[rn]",
            spelling=Spelling.BARE,
            words="expect",
            lead=rb"(?i)assw|passphrase|\bexpect[ \t]+-c[ \t]*[\"']?\Z",
        ),
        _option("redis-cli valkey-cli", "-a"),
        _option("mongo mongosh mongodump mongorestore mongoexport mongoimport", "-p", attached=True),
        _option("ipmitool mosquitto_pub mosquitto_sub unzip zip", "-P", attached=True),
        _option("snmpget snmpwalk snmpset snmpbulkwalk snmpbulkget snmpstatus snmptable snmptrap snmpusm", "-c -A -X", attached=True),
        _under("net-snmp-create-v3-user", rb"net-snmp-create-v3-user", "snmp", rb"A|X"),
        _option("7z 7za", "-p", attached=True),
        _option("useradd usermod groupadd groupmod", "-p"),
        _option("basic_ldap_auth ext_ldap_group_acl squid_ldap_auth squid_ldap_group digest_ldap_auth", "-w"),
        _option("openssl", "-k -K"),
        secret_pattern(
            "sqlplus",
            rb"(?<=[ \t\"'])\w{1,64}/(?P<secret>[^\s/@\"']{1,128})@",
            words="sqlplus sqlldr expdp impdp rman",
            lead=_command("sqlplus sqlldr expdp impdp rman exp imp"),
        ),
        secret_pattern(
            "sqlplus without a host",
            rb"(?<=[ \t\"'])\w{1,64}/(?P<secret>[^\s/@\"']{1,128})(?=[\s\"']|\Z)",
            words="sqlplus sqlldr expdp impdp rman",
            lead=rb"(?<![\w-])(?:sqlplus|sqlldr|expdp|impdp|rman)(?:[ \t]+-\w{1,16}){0,4}[ \t]+[\"']?\Z",
        ),
        secret_pattern("Oracle easy connect", rb"(?<![\w:/.])\w{1,64}/(?P<secret>[^\s/@\"']{1,128})@//", (b"@//",)),
        secret_pattern("openssl pass:", rb"pass:(?<=[\s\"']pass:)(?P<secret>[^\s\"']+)", spelling=Spelling.BARE, words="openssl"),
        secret_pattern("wpa_passphrase", rb"\bwpa_passphrase[ \t]+\S+[ \t]+" + _WORD, (b"wpa_passphrase",), spelling=Spelling.SHELL),
    ),
)
