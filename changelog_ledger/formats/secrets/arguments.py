"""Passwords that follow a subcommand: ``vault login SECRET``. Nothing marks them, so the command must stand where a shell starts one.

People write about these commands too ("vault login fails since noon"): a word that reads on is none. After each rule stands the manual that says so.
"""

from __future__ import annotations

from changelog_ledger.model.secret_rules import SecretCatalogue, SecretPattern, Spelling, secret_pattern

_BARE_WORD = rb"(?:[^\s\"'\\;&|<>()`]|\\[^\n]|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+')++"
_WORD = rb"(?P<secret>" + _BARE_WORD + rb")"
_STARTED = (  # what stands before a command: nothing, a sign of the shell, a command that starts another, "alex ran"
    rb"(?:^|[\"'`=:/;|&($#>!{]|[ \t]-[ \t])[ \t]*\Z"
    rb"|\b(?:sudo|doas|runuser|su|ssh|exec|docker|podman|kubectl|env|timeout|watch|xargs|nice)\b[^;|&\n]{0,300}[ \t]\Z"
    rb"|\b(?:ran|run|root|then|do|else|if|time|nohup|command)[ \t]+\Z"
)
_OPTIONS = rb"(?:[ \t]+-[\w-]{1,40}(?:=[^\s\"']{0,200})?){0,8}"
_READS_ON = (  # a word of a sentence
    rb"(?!(?i:\w{0,40}(?:ed|en|ing|able|ible|ory|ful|less|ly|n't)|fails?|works?|was|were|is|are|has|had|for|from|with|without|to|on|in|at|by|of|the|and"
    rb"|or|not?|now|after|before|since|until|again|page|prompt|help|issues?|problems?|errors?|loop|then|via|when|as)[.,:!?)]{0,3}(?![^\s\"';|&]))"
)
_TELLS = rb"(?=[\"']|[^\s\"';|&]{0,200}?(?:[0-9@#$%^*+=~?!_]|[a-z][A-Z])|[^\s\"';|&]{1,256}[ \t]*(?:\r?$|[\"';|&)<>`}]|[ \t]as[ \t]))"
_GIVEN = rb"[ \t]+(?![-|&;<>#])" + _READS_ON + _TELLS + _WORD
_NAME = rb"[ \t]+(?!(?:for|of|to|by|from|is|was|with)[ \t])[^\s\"';|&<>-][^\s;|&<>]{0,200}"


def _argument(name: str, command: bytes, words: str, given: bytes = _GIVEN) -> SecretPattern:
    """A word after a command and its subcommands."""
    return secret_pattern(name, command + given, spelling=Spelling.SHELL, words=words, lead=_STARTED)


CATALOGUE = SecretCatalogue(
    patterns=(
        _argument(
            "nmcli password", rb"nmcli\b[^\n;|&]{1,300}?[ \t](?:password|wep-key|[\w-]{1,40}\.(?:psk|password|leap-password|wep-key[0-3]))", "nmcli"
        ),
        _argument(  # rabbitmqctl(8)
            "rabbitmqctl",
            rb"rabbitmqctl" + rb"(?:[ \t]+-(?:-[\w-]{1,40}(?:=\S{1,200})?|[np][ \t]+\S{1,200}|\w)){0,6}"
            rb"[ \t]+(?:add_user|change_password|authenticate_user)" + _OPTIONS + _NAME,
            "rabbitmqctl",
        ),
        _argument(  # vault(1): key=value after a method's name is read by the name
            "vault",
            rb"vault[ \t]+(?:login|operator[ \t]+(?:unseal|rekey|generate-root)|unwrap|token[ \t]+(?:lookup|renew|revoke|capabilities))" + _OPTIONS,
            "vault",
            rb"(?![ \t]+(?!token=)\w{1,64}=[^=\s])" + _GIVEN,
        ),
        _argument("mc alias", rb"mc(?:li)?[ \t]+(?:alias[ \t]+set|config[ \t]+host[ \t]+add)" + _OPTIONS + _NAME * 3, "mc mcli"),
        _argument("mc admin user", rb"mc(?:li)?[ \t]+admin[ \t]+user[ \t]+add" + _OPTIONS + _NAME * 2, "mc mcli"),
        _argument(  # openssl-passwd(1)
            "openssl passwd",
            rb"openssl[ \t]+passwd(?:[ \t]+-(?:[156]|apr1|aixmd5|crypt|noverify|quiet|table|reverse|salt[ \t]+\S{1,64}))*+",
            "openssl",
        ),
        _argument("mysqladmin password", rb"(?:mysqladmin|mariadb-admin)\b[^\n;|&]{0,300}?[ \t](?:old-)?password", "mysqladmin mariadb"),
        _argument(
            "redis AUTH", rb"(?:redis|valkey)-cli\b[^\n;|&]{0,300}?[ \t](?i:auth)(?:[ \t]+[^\s\"';|&-]{1,64}(?=[ \t]+[^\s;|&]))?", "redis valkey"
        ),
        _argument("redis requirepass", rb"(?:redis|valkey)-cli\b[^\n;|&]{0,300}?(?i:requirepass|masterauth)[\"']?", "redis valkey"),
        _argument("ipmitool user", rb"ipmitool\b[^\n;|&]{0,300}?[ \t]user[ \t]+set[ \t]+password[ \t]+\d{1,3}", "ipmitool"),
        _argument("racadm", rb"racadm\b[^\n;|&]{0,300}?[ \t]set[ \t]+\S{1,200}(?i:password)", "racadm"),
        _argument("aws configure", rb"aws[ \t]+configure[ \t]+set[ \t]+[\w.-]{0,64}(?:secret_access_key|session_token)", "aws"),
        _argument("ansible-vault", rb"ansible-vault[ \t]+encrypt_string" + _OPTIONS, "ansible"),
        _argument("neo4j-admin", rb"neo4j-admin[ \t]+(?:dbms[ \t]+)?set-initial-password" + _OPTIONS, "neo4j"),
        _argument("drush", rb"drush\b[^\n;|&]{0,200}?[ \t](?:user:password|user-password|upwd)" + _NAME, "drush"),
        _argument("grafana", rb"grafana(?:-cli|[ \t]+cli)[^\n;|&]{0,200}?[ \t]admin[ \t]+reset-admin-password" + _OPTIONS, "grafana"),
        _argument("npm config", rb"npm[ \t]+config[ \t]+set[ \t]+\S{0,200}_(?:authToken|auth|password)", "npm", rb"(?:=|[ \t]+)" + _WORD),
        _argument("git config", rb"git[ \t]+config\b[^\n;|&]{0,200}?[ \t][\w.-]{0,100}\.(?:password|token|secret|oauthtoken)", "git"),
        _argument("wireless key", rb"iwconfig[ \t]+\S{1,32}[ \t]+(?:key|enc)(?=[ \t]+(?!(?:on|off|open|restricted)\b))", "iwconfig"),
        _argument("iw key", rb"iw\b[^\n;|&]{1,200}?[ \t]keys?", "iw", rb"[ \t]+(?:d:)?\d:" + _WORD),
        _argument("wpa_cli", rb"wpa_cli\b[^\n;|&]{0,200}?[ \t](?:psk|password|sae_password|wep_key\d)", "wpa"),
        _argument("ip xfrm", rb"ip[ \t]+xfrm\b[^\n;|&]{1,300}?[ \t](?:auth|enc|aead|auth-trunc)[ \t]+\S{1,64}", "xfrm"),
        _argument("Ubuntu Pro", rb"(?:pro|ua)[ \t]+attach" + _OPTIONS, "attach"),
        _argument("samba-tool user", rb"samba-tool[ \t]+user[ \t]+(?:create|add)" + _OPTIONS + _NAME, "samba"),
        _argument(
            "token of a tunnel", rb"(?:ngrok[ \t]+(?:authtoken|config[ \t]+add-authtoken)|cloudflared[ \t]+service[ \t]+install)", "ngrok cloudflared"
        ),
        _argument(
            "rclone", rb"rclone[ \t]+(?:obscure|config\b[^\n;|&]{1,200}?[ \t]\w{0,40}(?:secret_access_key|pass|token|secret|password))", "rclone"
        ),
        _argument("doveadm", rb"doveadm[ \t]+auth[ \t]+(?:test|login)" + _OPTIONS + _NAME, "doveadm"),
        _argument("virsh secret", rb"virsh\b[^\n;|&]{0,200}?[ \t]secret-set-value[ \t]+[^\s-]\S{0,63}(?:[ \t]+--base64)?", "virsh"),
        _argument("virsh secret --base64", rb"virsh\b[^\n;|&]{0,200}?[ \t]secret-set-value\b[^\n;|&]{0,200}?[ \t]--base64", "virsh"),
        _argument("hdparm", rb"hdparm\b[^\n;|&]{0,200}?[ \t]--security-(?:unlock|erase|erase-enhanced|disable|set-pass)", "hdparm"),
        _argument("ceph dashboard", rb"ceph[ \t]+dashboard[ \t]+ac-user-(?:create|set-password)" + _OPTIONS + _NAME, "ceph"),
        _argument("crudini", rb"crudini\b[^\n;|&]{0,200}?[ \t]--set(?:[ \t]+\S{1,200}){2}[ \t]+\w{0,60}(?:password|passwd|secret|token)", "crudini"),
        _argument("augtool", rb"augtool\b[^\n;|&]{0,200}?[ \t]set[ \t]+\S{1,200}(?:password|passwd|secret|psk)[\"']?", "augtool"),
        _argument("mkpasswd", rb"mkpasswd(?:[ \t]+(?:-[mSRP][ \t]+\S{1,64}|--?[\w-]{1,40}(?:=\S{1,64})?))*+", "mkpasswd"),
        _argument("pihole", rb"pihole[ \t]+(?:-a[ \t]+-p|setpassword)", "pihole"),
        _argument("account number", rb"mullvad[ \t]+account[ \t]+(?:login|set)", "mullvad"),
        _argument("Bitwarden", rb"bw[ \t]+(?:unlock|login[ \t]+[^\s-]\S{0,100})", "bw"),
        _argument("isql", rb"isql[ \t]+[\w.-]{1,64}[ \t]+[\w.-]{1,64}", "isql"),
        _argument("smbclient", rb"smbclient[ \t]+[\"']?(?://|\\\\)[^\s]{1,200}", "smbclient"),
        _argument(
            "consul kv",
            rb"(?:consul[ \t]+kv|etcdctl)[ \t]+put" + _OPTIONS + rb"[ \t]+[\w./-]{0,200}(?i:password|passwd|secret|token)",
            "consul etcdctl",
        ),
        _argument("iscsiadm", rb"iscsiadm\b[^\n;|&]{1,300}?\.password(?:_in)?[ \t]+(?:-v|--value)[= \t]", "iscsiadm", rb"[ \t]{0,4}" + _WORD),
        _argument("occ config", rb"occ[ \t]+config:\w{1,20}:set\b[^\n;|&]{1,200}?(?:password|secret)[ \t]+--value", "occ", rb"(?:=|[ \t]+)" + _WORD),
        _argument(  # htpasswd(1): options in any order, the number of rounds after -C
            "htpasswd",
            rb"(?:htpasswd|mosquitto_passwd)(?=[^\n;|&]{0,100}?[ \t]-\w{0,8}b)(?:[ \t]+-(?:\w{0,8}C[ \t]+\d+|\w{1,8}))++"
            rb"(?:(?<=n)|(?<=nb)|(?<=nbB)|(?<=nB)|(?<=nbm)|(?<=nb[25ds])|[ \t]+\S{1,200})" + _NAME,
            "htpasswd mosquitto",
        ),
    ),
)
