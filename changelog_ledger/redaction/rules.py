"""What counts as a secret, as data. The engine (:mod:`changelog_ledger.redaction.redact`) knows no product; everything it knows is here.

Four sorts of rule:

* :data:`KEY_WORDS` and their neighbours: a *name* that says secret (``db_password = …``), in whatever spelling;
* :data:`RULES`: patterns for what is secret by its look or by its file (``scheme://user:PASS@host``, the hash in ``/etc/shadow``);
* :data:`PRIVATE_FILES`: files that are secret as a whole;
* :data:`HARMLESS_VALUE`: values that are no secret under any name (``yes``, ``/run/secrets/db``, ``${DB_PASSWORD}``).

All patterns run over bytes, have no nested repetition, and bound whatever comes before the part that they search for, so time is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from changelog_ledger.model import globs

PLACEHOLDER = re.compile(rb"<secret:[0-9a-f]{2,64}>")
"""What a masked value reads."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose group ``secret`` is masked.

    :ivar name: for people.
    :ivar pattern: a bytes pattern with a group ``secret``; ``^`` and ``$`` mean a line.
    :ivar needles: the pattern is tried only if the lower-cased content holds one of these; none means always (then give ``paths``). One that holds
        one of :data:`NEEDLES` costs nothing where that is absent.
    :ivar paths: globs of the paths it holds for (:mod:`changelog_ledger.model.globs`); none means any.
    """

    name: str
    pattern: re.Pattern[bytes]
    needles: tuple[bytes, ...] = ()
    paths: tuple[str, ...] = ()


def _rule(name: str, pattern: bytes, needles: tuple[bytes, ...] = (), paths: tuple[str, ...] = ()) -> Rule:
    return Rule(name, re.compile(pattern, re.MULTILINE), needles, paths)


_HASH_FIELD = rb"^[^:\n#][^:\n]*+:!{0,2}(?P<secret>[^:*!\r\n][^:\r\n]*+)"

RULES = (
    _rule(
        "password hash", _HASH_FIELD, paths=("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd", "master.passwd")
    ),
    _rule(
        "password hash in passwd", rb"^[^:\n#][^:\n]*+:(?P<secret>[^:*!\r\n]{2,})", paths=("/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-")
    ),
    _rule(
        "web password hash",
        _HASH_FIELD,
        paths=("*htpasswd*", "*.htpasswd", "/etc/dovecot/users", "/etc/dovecot/passwd", "/etc/mosquitto/passwd*", "passwd.db"),
    ),
    _rule("digest password hash", rb"^[^:\n#][^:\n]*+:[^:\n]*+:(?P<secret>[^:\r\n]+)", paths=("*htdigest*", "*.htdigest")),
    _rule("pgpass", rb"^(?!#)(?:(?:[^:\\\n]|\\.)*+:){4}(?P<secret>[^\r\n]+)", paths=(".pgpass", "pgpass.conf", "*pgpass*")),
    _rule("netrc", rb"\b(?:password|account)[ \t\r\n]{1,80}(?P<secret>[^\s<][^\s]*)", paths=(".netrc", "_netrc", "/etc/netrc", "*.netrc")),
    _rule("git credentials", rb"^[a-z+]{2,20}://[^:/@\s]{0,128}:(?P<secret>[^@\s/]+)@", paths=(".git-credentials",)),
    _rule("ppp secret", rb"^[ \t]*+(?!#)[^\s#]+[ \t]+[^\s#]+[ \t]+(?P<secret>[^\s#]+)", paths=("chap-secrets", "pap-secrets", "srp-secrets")),
    _rule(
        "ipsec secret",
        rb":[ \t]*(?:PSK|XAUTH|EAP|NTLM|PIN|ppk)[ \t]+\"?(?P<secret>[^\"\s]+)",
        paths=("ipsec.secrets", "/etc/ipsec.d/*.secrets", "strongswan*.secrets"),
    ),
    _rule(
        "mail relay password", rb"^[^\s#][^\s]*+[ \t]+[^:\s]*+:(?P<secret>[^\s]+)", paths=("sasl_passwd", "/etc/exim4/passwd.client", "smtp_auth*")
    ),
    _rule("exim client password", rb"^[^#:\n][^:\n]*+:[^:\n]*+:(?P<secret>[^:\r\n]+)", paths=("/etc/exim4/passwd.client",)),
    _rule("redis acl", rb"[ \t][>#](?P<secret>[^\s]+)", paths=("users.acl", "redis*.acl")),
    _rule("snmp community", rb"^[ \t]*com2sec6?(?:[ \t]+-Cn[ \t]+\S+)?[ \t]+\S+[ \t]+\S+[ \t]+(?P<secret>[^\s<]\S*)", paths=("snmp*.conf",)),
    _rule("snmp user", rb"^[ \t]*createUser[ \t]+\S+[ \t]+\w+[ \t]+\"?(?P<secret>[^\s\"<]+)", paths=("snmp*.conf",)),
    _rule("snmp user, second", rb"^[ \t]*createUser[ \t]+\S+[ \t]+\w+[ \t]+\S+[ \t]+\w+[ \t]+\"?(?P<secret>[^\s\"<]+)", paths=("snmp*.conf",)),
    _rule("url password", rb"://[^\s/:@\"'<>]{0,128}:(?P<secret>[^\s/\"'<>@][^\s/\"'<>]{0,255})@", (b"://",)),
    _rule(
        "authorization header",
        rb"(?i:\b(?:bearer|basic|token|digest|negotiate|apikey))[ \t]+(?P<secret>[A-Za-z0-9+/._~-]{12,}=*)(?![A-Za-z0-9])",
        (b"authorization",),
    ),
    _rule(
        "network device key",
        rb"\b(?i:radius|tacacs|ntp|md5|sha1?|authentication|ospf|eigrp|isis|hsrp|vrrp|glbp)\b[^\n]{0,120}?"
        rb"[ \t](?:key|key-string|text)[ \t]+(?:[0-9][ \t]+)?(?P<secret>[^\s<;{\"]{4,})[ \t]*$",
        (b" key ", b" key-string "),
    ),
    _rule("network key string", rb"^[ \t]*key-string[ \t]+(?:[0-9][ \t]+)?(?P<secret>[^\s<;{\"]{4,})[ \t]*$", (b"key-string",)),
    _rule("AWS key id", rb"\b(?P<secret>AKIA[0-9A-Z]{16})\b", (b"akia",)),
    _rule(
        "provider token",
        rb"\b(?P<secret>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}"
        rb"|hvs\.[\w-]{20,}|dop_v1_[0-9a-f]{40,}|xox[abeprs]-[\w-]{10,}|(?:sk|rk|pk)_live_\w{16,}"
        rb"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+)",
        (
            b"ghp_",
            b"gho_",
            b"ghu_",
            b"ghs_",
            b"ghr_",
            b"github_pat_",
            b"glpat-",
            b"xox",
            b"_live_",
            b"npm_",
            b"aiza",
            b"sg.",
            b"hvs.",
            b"dop_v1_",
            b"eyj",
        ),
    ),
)
"""What is secret by its look or its file."""

LONE_SECRET = re.compile(rb"^[ \t]*(?P<secret>[A-Za-z0-9+/_=.-]{16,})[ \t\r]*$", re.MULTILINE)
"""A line that is nothing but a secret, in a file whose name says that it holds one."""

KEY_FILES = (
    "*.key",
    "*_key",
    "*.psk",
    "*.secret",
    "*.token",
    ".vault_pass*",
    "vault-password*",
    "*.cookie",
    ".erlang.cookie",
    "authkey",
    "shadowsocks*.key",
)
"""Files that hold keys as text: a PEM block, or a line that is the key."""

PRIVATE_FILES = (
    *("*.kdbx", "*.kdb", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.jceks", "*.bcfks", "*.keytab", "*.ppk", "*.gpg-key", "*.age-key"),
    *(
        "/etc/ssh/*_key",
        "/root/.ssh/id_*",
        "/home/*/.ssh/id_*",
        "cwallet.sso",
        "ewallet.p12",
        "secring.gpg",
        "private-keys-v1.d/*",
        "/etc/corosync/authkey",
    ),
    *("/etc/munge/munge.key", "/etc/machine-secret", "/var/lib/systemd/random-seed", "key4.db", "*.pvk"),
)
"""Files that are secret as a whole (those that end in ``.pub`` or are certificates are not)."""

PUBLIC_FILES = ("*.pub", "*.crt", "*.cer", "*-cert.pub", "*.csr")

PEM_BEGIN = re.compile(rb"-----BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----")
PEM_END = re.compile(rb"-----END [A-Za-z0-9 ]{0,60}-----")
PEM_HEADER = re.compile(rb"[ \t]*(?:Proc-Type|DEK-Info|Version|Comment|Hash):[^\n]*")


def _words(text: str) -> frozenset[str]:
    """A set, written as people write lists of words."""
    return frozenset(text.split())


# ---- names -----------------------------------------------------------------------------------------------------------------------------------

NEEDLES = (b"pass", b"secret", b"token", b"key", b"psk", b"pw", b"communit", b"cred", b"auth")
"""Where a name that may say secret can be found. The fewer and rarer the better: every file is searched for each."""

STRONG_WORDS = frozenset(
    (
        "password passwd passphrase passwort passcode pass pwd pw secret secrets token tokens psk credential credentials apikey "
        "secretkey privatekey accesskey authtoken authkey accesstoken requirepass masterauth authpass bindpw rootpw userpw "
        "userpassword dbpass dbpassword keypass storepass keystorepass truststorepass presharedkey sharedkey community rocommunity "
        "rwcommunity rocommunity6 rwcommunity6 trapcommunity"
    ).split()
)
"""A name whose last telling word is one of these, or ends in one of :data:`STRONG_ENDINGS`, says secret."""

STRONG_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "apikey",
    "secretkey",
    "privatekey",
    "authkey",
    "rootpw",
    "bindpw",
    "authtoken",
    "pskey",
)

KEY_OWNERS = frozenset(
    (
        "api private secret access encryption encrypt signing sign shared master account auth hmac session crypt cookie license app "
        "storage preshared wep wpa webhook jwt service sas rndc tsig wireguard deploy aes des client server0 cipher fernet rails "
        "django flask nacl push integration"
    ).split()
)
"""``KEY`` is secret after one of these (``api_key``); alone it may be a name, a path or a column."""

WEAK_WORDS = frozenset("auth authorization key hash salt signature cookie bearer sig passhash pwhash".split())
"""Names that say secret only where the value looks like one (:data:`OPAQUE`)."""

TELLS_OTHERWISE = frozenset(
    (
        "file files filename path paths dir directory ttl expiry expires expire expiration expired timeout lifetime age days day min "
        "max minimum maximum length len policy enabled enable disabled disable required require authentication authenticator type name "
        "names id ids url uri endpoint method methods algorithm algorithms algo alg format prompt command cmd program store provider "
        "manager change changes reset warn rotation rotate count size limit limits header headers field param parameter column label "
        "ref reference version class agent issuer audience scope scopes check strength complexity history retry retries validate "
        "validation validity callback cache encryption encoding module backend driver plugin index usage mode bits exchange exchanges "
        "types list prefix suffix pattern regex location group role user username owner host port interval period quality server "
        "servers service services through always lookup binding bindings request requests delay attempts level script hashing email "
        "enc space set map mapping selector revision sync"
    ).split()
)
"""A name whose last word is one of these is about a secret and holds none (``password_file``, ``token_ttl``)."""

NOT_A_PASSWORD_BEFORE = frozenset("proxy fastcgi uwsgi scgi grpc memcached by no without reverse".split())
"""``pass`` after one of these means to hand on (``proxy_pass``)."""

NEUTRAL_WORDS = frozenset(
    ("value data text string plain plaintext cleartext crypted encrypted base b64 old new current default hash primary secondary").split()
)
"""Words after the telling one that change nothing (``password_hash``, ``secret_value``)."""

SPACE_WORDS = frozenset(
    (
        "password passwd passphrase secret token psk credential requirepass masterauth authpass bindpw rootpw community rocommunity "
        "rwcommunity rocommunity6 rwcommunity6 trapcommunity keypass storepass pass authtoken presharedkey"
    ).split()
)
"""Names whose value may follow after white space only (``requirepass hunter2``, ``enable secret 5 $1$…``)."""

NOT_THESE_PATHS = (
    "/etc/nsswitch.conf",
    "/etc/login.defs",
    "/etc/pam.d/*",
    "/etc/pam.conf",
    "/etc/security/pwquality.conf",
    "/etc/adduser.conf",
    "/etc/services",
)
"""Files of which the names say password and the values never are one."""

# ---- values ----------------------------------------------------------------------------------------------------------------------------------

HARMLESS_VALUE = re.compile(
    rb"(?:"
    rb"(?i:yes|no|true|false|on|off|0|1|none|null|nil|~|never|always|ask|prompt|enabled?|disabled?|required|requisite|sufficient|optional|include|substack"
    rb"|default|auto|files|compat|systemd|sss|ldap|nis|both|standard|extended|additive|no-export|no-advertise|internet|undefined|md5|sha-?(?:1|256|512)"
    rb"|scram-sha-256|bcrypt|yescrypt|plain|login|string|required;|optional;|prohibit-password|publickey|keyboard-interactive|password)"
    rb"|\*+|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$[A-Z_][A-Z0-9_]*|\$[a-z][a-z0-9]*_[a-z0-9_]+|\{\{[^\n]*\}\}|\{%[^\n]*%\}|<%[^\n]*%>|%\([a-zA-Z_]\w*\)s|@[A-Z_]+@|\[\[[^\n]*\]\]"
    rb"|(?i:file|env|vault|ssm|arn|awskms|gcpkms|op|keyring|secretref|ref):[^\s]*"
    rb"|(?:/(?:etc|run|var|usr|opt|srv|home|root|tmp|dev|proc|mnt|data|secrets?|app|config|certs?|ssl|vault|keys?|pki|private|Users|Library)(?:/[\w.@%+:,-]*)*)"
    rb"|\.{1,2}/[\w./@%+-]*|~/[\w./@%+-]*|[A-Za-z]:\\[\w .\\-]*"
    rb"|!vault|!(?:Ref|Sub|GetAtt|ImportValue|secret)\b[^\n]*|ENC\[[^\]\n]*\]"
    rb"|(?:os\.environ|getenv|System\.getenv|process\.env|env|lookup|var\.|local\.|data\.)[\w.]*(?:[\[(][^\n]*[\])])?"
    rb"|\d{1,5}:\d{1,5}|\$\{?\w+\}?(?:/|::)[\w./@%+:-]*|"
    rb")"
)
"""Matched against a whole value: this is no secret whatever the name says."""

OPAQUE = re.compile(rb"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=_.:$-]{16,}")
"""A value that looks like nothing a person would write."""

LONGEST_HARMLESS = 512
"""A value longer than this is not looked at any further: it is masked."""

SPECIAL = globs.any_of([*(glob for rule in RULES for glob in rule.paths), *KEY_FILES, *PRIVATE_FILES, *PUBLIC_FILES, *NOT_THESE_PATHS])
"""Every path that a rule names. Most match none of them, and that is decided once."""
