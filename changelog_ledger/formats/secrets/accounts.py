"""Accounts of a system: shadow(5) and its copies, crypt(5) hashes, LDAP, boot loaders, keys of hosts and users."""

from __future__ import annotations

from changelog_ledger.model.secret_rules import VALUE, SecretCatalogue, Spelling, secret_block, secret_pattern

_FIELD = rb"^[^:\n#][^:\n]*+:!{0,2}(?P<secret>[^:*!\r\n<][^:\r\n]*+)"
_SHADOW = tuple(
    name + copy
    for name in ("shadow", "gshadow")
    for copy in ("", "-", "~", ".*", ".bak*", "-*", "_*", "+")  # dpkg, vipw, useradd and people leave copies
)
_PASSWD = tuple(folder + name + copy for folder in ("/etc/", "/var/backups/") for name in ("passwd", "group") for copy in ("", "-", ".bak", ".org"))
_PAM = ("/etc/pam.d/**", "/etc/pam.conf", "/usr/share/pam-configs/**", "/usr/lib/pam.d/**")
_PAM_NAME = rb"(?i:passwd|password|bindpw|bind_pw|secret|key)=(?!~?/[\w.-]{1,64}/|~/|\$\{)"  # pam_google_authenticator's secret is a file
_SUDOERS = ("sudoers", "sudoers.*", "/etc/sudoers.d/*")

CATALOGUE = SecretCatalogue(
    patterns=(
        secret_pattern("password hash", _FIELD, paths=(*_SHADOW, "/etc/security/opasswd*", "master.passwd*", "/etc/tcb/*/shadow")),
        secret_pattern("password hash in passwd", rb"^[^:\n#][^:\n]*+:(?P<secret>[^:*!\r\n<]{2,})", paths=_PASSWD),
        secret_pattern("Samba passwords", rb"^[^:\n#][^:\n]*+:\d*:(?P<secret>[0-9A-Fa-fX]{32}:[0-9A-Fa-f]{32})", paths=("smbpasswd*",)),
        secret_pattern(  # crypt(5); $8$ and $9$ are Cisco's
            "crypt hash",
            rb"(?P<secret>\$(?:1|5|6|7|y|gy|sha1|md5|apr1|8|9)\${1,2}[./A-Za-z0-9=,-]{1,64}\$[./A-Za-z0-9$]{4,256})",
            (b"$",),
        ),
        secret_pattern(
            "modular hash",
            rb"(?P<secret>\$(?:2[abxy]?\$\d\d|argon2(?:id|i|d)\$|pbkdf2(?:-sha\d+)?\$|scrypt\$|bcrypt(?:-sha256)?\$|[PH]\$)[./A-Za-z0-9$=,+_-]{8,512})",
            (b"$",),
        ),
        secret_pattern(  # RFC 2307, Dovecot
            "hash with its scheme",
            rb"(?P<secret>\{(?i:S?SHA(?:256|384|512)?|S?MD5|CRYPT|ARGON2(?:I|ID)?|PBKDF2[\w-]{0,16}|BLF-CRYPT|SHA(?:256|512)-CRYPT|CRAM-MD5|PLAIN|CLEARTEXT)"
            rb"(?:\.\w{3,6})?\}[^\s:\"',;{}<]{4,512})",
            (b"}",),
        ),
        secret_pattern(
            "password in LDIF",
            rb"^(?i:userPassword|olcRootPW|sambaNTPassword)::[ \t]*(?P<secret>[A-Za-z0-9+/=]+)",
            (b"password::", b"rootpw::"),
            spelling=Spelling.BASE64,
        ),
        secret_pattern("GRUB password", rb"^[ \t]*password_pbkdf2[ \t]+\S+[ \t]+(?P<secret>[^\s<]\S*)", (b"password_pbkdf2",)),
        secret_pattern("GRUB hash", rb"\b(?P<secret>grub\.pbkdf2\.[\w.]{16,})", words="pbkdf2"),
        secret_pattern("GRUB plain password", rb"^[ \t]*password[ \t]+(?!--)[^\s=]+[ \t]+(?P<secret>[^\s<]\S*)", paths=("grub*", "/etc/grub.d/*")),
        secret_pattern("LDAP secret", rb"^(?P<secret>[^\r\n]+)", paths=("ldap.secret", "nslcd.secret", "pam_ldap.secret", "libnss-ldap.secret")),
        secret_block(
            "chpasswd of cloud-init",
            rb"^[ \t]*(?:- )?[\"']?chpasswd[\"']?:",
            rb"^(?=[^\s#-])",
            rb"^[ \t]+(?:- )?[\"']?(?!(?:list|users|expire|name|type|password)\b)[\w.-]{1,64}:(?P<secret>[^\s\"'][^\r\n\"']*)",
            (b"chpasswd",),
        ),
        secret_block(
            "chpasswd, here-document",
            rb"\bchpasswd\b[^\n]{0,80}<<-?[ \t]*[\"']?\w+[\"']?[ \t]*$",
            rb"^[ \t]*\w+[ \t]*$",
            rb"^[ \t]*[\w.-]{1,64}:(?P<secret>[^\r\n]+)",
            (b"chpasswd",),
        ),
        secret_pattern(
            "kickstart password",
            rb"^[ \t]*(?:rootpw|user|bootloader)\b[^\n]{0,200}?--(?:iscrypted|plaintext|password)[ =]" + VALUE,
            (b"rootpw", b"--password"),
        ),
        secret_pattern("conserver password", rb"^[^:\n#][^:\n]*+:(?P<secret>[^:*!\r\n<][^:\r\n]*+)", paths=("*.passwd",)),
        secret_pattern("one-time password", rb"^(?P<secret>[A-Z2-7]{16,}|\d{8})[ \t\r]*$", paths=(".google_authenticator*",)),
        secret_pattern("answer file", rb"(?i:password)>\s{0,64}<Value>(?P<secret>[^<\n]{1,512})</Value>", (b"password>",)),
        secret_pattern(  # RFC 7517, 6.3.2: what only the owner of a key knows
            "JSON web key", rb"\"(?:d|p|q|dp|dq|qi|k)\"\s{0,16}:\s{0,16}\"(?P<secret>[\w-]{16,})\"", words="kty"
        ),
        secret_pattern("argument of a PAM module", rb"(?<![\w\[-])" + _PAM_NAME + rb"(?P<secret>[^\s#]\S*)", paths=_PAM),
        secret_pattern("argument of a PAM module in brackets", rb"(?<=\[)" + _PAM_NAME + rb"(?P<secret>(?:[^\]\\\n]|\\[^\n])++)", paths=_PAM),
        secret_pattern(  # sudoers(5): a comma ends a command, and a backslash stands before what is none
            "option of a command in sudoers",
            rb"(?<![\w-])--?(?:[A-Za-z0-9]{1,32}-){0,4}(?:password|passwd|passphrase|token|secret)(?:\\?=|[ \t]+|[ \t]*\\\r?\n[ \t]*)(?!-)"
            rb"(?P<secret>\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|(?:[^\s,\\\"']|\\[^\n])++)",
            paths=_SUDOERS,
            spelling=Spelling.BACKSLASH,
        ),
        secret_pattern("preseeded password", rb"\bpasswd/\S*password\S*[ \t]+(?:password|string)[ \t]+(?P<secret>[^\r\n]+)", (b"passwd/",)),
    ),
    private_files=(
        *("/etc/ssh/*_key", "/root/.ssh/id_*", "/home/*/.ssh/id_*", "secring.gpg", "private-keys-v1.d/*", "*.gpg-key", "*.age-key", "*.ppk", "*.pvk"),
        *("*.keytab", "/etc/machine-secret", "/var/lib/systemd/random-seed", "/etc/munge/munge.key", "/etc/corosync/authkey"),
        *("*.kdbx", "*.kdb", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.jceks", "*.bcfks", "cwallet.sso", "ewallet.p12", "key4.db"),
    ),
    key_files=(
        *("*.key", "*_key", "*.psk", "*.secret", "*.token", ".vault_pass*", "vault-password*", "vault_password*", "*.cookie", ".erlang.cookie"),
        *("authkey", "shadowsocks*.key", ".vault-token", "*.pass", "*.pw", "*.passphrase", "*.password"),
    ),
    public_files=("*.pub", "*.crt", "*.cer", "*-cert.pub", "*.csr", "root.key", "K*.+*.key"),
    nameless_files=(
        *("/etc/nsswitch.conf", "/etc/login.defs", "/etc/pam.d/*", "/etc/pam.conf", "/usr/share/pam-configs/*", "/etc/security/pwquality.conf"),
        *("/etc/adduser.conf", "/etc/services", *_SUDOERS),
    ),
)
