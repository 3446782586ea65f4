"""Labelled configuration with and without secrets, generated from a seed: what recall and precision of the redaction are measured on.

A case is a file of a host and the secrets in it. *Declared* cases are what the documentation promises (names and formats of
``docs/reference/redaction.md``); *beyond* are unusual names and spellings that nothing promises; cases without secrets look as if they had some.
"""

from __future__ import annotations

import base64
import json
import random
import shlex
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from benchmarks.redaction_negatives import NEGATIVES

SEED = 20250601


@dataclass(frozen=True)
class Case:
    """One file.

    :ivar spelling: how the secret is written; the figures are printed by it.
    :ivar secrets: the secrets themselves, without quotes and escapes.
    """

    path: str
    content: str
    secrets: tuple[str, ...]
    spelling: str
    declared: bool = True


def corpus(seed: int = SEED) -> list[Case]:
    """Every case, always the same for a seed."""
    draw = random.Random(seed)
    return [*_spelled(draw), *_products(draw), *_beyond(draw), *_harmless(draw)]


# ---- secrets

_LETTERS = string.ascii_letters + string.digits
_SIGNS = "!@%^*_+=~?.-"
_HARD_SIGNS = "!@%^*_+=~?.-$&/:;,#()[]{}|"


def _word(draw: random.Random) -> str:
    """A random word that no file would hold otherwise."""
    return draw.choice(string.ascii_letters) + "".join(draw.choice(_LETTERS) for _ in range(draw.randint(10, 18))) + draw.choice(string.digits)


def _signed(draw: random.Random) -> str:
    return _word(draw) + draw.choice(_SIGNS) + _word(draw)[:5] + draw.choice(_SIGNS) + draw.choice(_LETTERS)


def _hard(draw: random.Random) -> str:
    return _word(draw) + "".join(draw.choice(_HARD_SIGNS) for _ in range(3)) + _word(draw)[:6]


def _spaced(draw: random.Random) -> str:
    return " ".join(_word(draw)[:7] for _ in range(3))


def _quoted(draw: random.Random) -> str:
    return f"{_word(draw)}'{_word(draw)[:4]}\"{_word(draw)[:5]}\\{draw.choice(_SIGNS)}{draw.choice(_LETTERS)}"


def _dictionary(draw: random.Random) -> str:
    words = "hunter sword fish winter letmein qwerty dragon monkey summer castle velvet marble copper falcon".split()
    return draw.choice(words) + draw.choice(words) + str(draw.randint(0, 99))


# ---- names and spellings

NAMES = (
    "password db_password DB_PASSWORD dbPassword admin-password passwd userPasswd passphrase key_passphrase secret client_secret clientSecret "
    "CLIENT_SECRET app.secret token auth_token API_TOKEN access-token refreshToken api_key apiKey X-Api-Key private_key secret_key SECRET_KEY "
    "encryption_key aws_secret_access_key accountKey SharedAccessKey psk pre-shared-key session_secret jwt_secret webhook_secret signing_key "
    "bindpw rootpw spring.datasource.password ldap.bind.password db_pass DB_PASSWORD_PROD credential smtp_pass old_password password2 mypassword"
).split()


def _json(value: str) -> str:
    return json.dumps(value)


def _yaml_single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _double(value: str) -> str:
    for sign in '\\"$`':
        value = value.replace(sign, "\\" + sign)
    return f'"{value}"'


def _php(value: str) -> str:
    return "'" + value.replace("'", "\\'") + "'"


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@dataclass(frozen=True)
class _Spelling:
    """One way to write ``name`` and ``value``; ``kinds`` are the sorts of secrets that it can hold."""

    name: str
    path: str
    write: Callable[[str, str], str]
    kinds: tuple[Callable[[random.Random], str], ...]


_EASY = (_word, _signed, _dictionary)
_LINE = (*_EASY, _hard, _spaced)
_ALL = (*_LINE, _quoted)


def _identifier(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


SPELLINGS = (
    _Spelling("name = value", "/etc/app/app.ini", lambda name, value: f"[main]\nuser = app\n{name} = {value}\nport = 5432\n", _LINE),
    _Spelling("name=value, properties", "/srv/app/app.properties", lambda name, value: f"user=app\n{name}={value}\nport=1\n", (*_EASY, _spaced)),
    _Spelling("name: value", "/etc/app/app.yaml", lambda name, value: f"db:\n  user: app\n  {name}: {_yaml_single(value)}\n  port: 5432\n", _ALL),
    _Spelling("name: value, plain", "/etc/app/plain.conf", lambda name, value: f"user: app\n{name}: {value}\nport: 1\n", (*_EASY, _spaced)),
    _Spelling("YAML, double quotes", "/etc/app/b.yml", lambda name, value: f"a:\n- {name}: {_json(value)}\n  user: x\n", _ALL),
    _Spelling("YAML block", "/etc/app/c.yaml", lambda name, value: f"a:\n  {name}: |\n    {value}\n    {value[::-1]}\n  b: 1\n", (_word, _hard)),
    _Spelling("YAML list", "/etc/app/d.yaml", lambda name, value: f"users: 3\npasswords:\n  - {_yaml_single(value)}\nnext: 1\n", _ALL),
    _Spelling("YAML map", "/etc/app/e.yaml", lambda name, value: f"secrets:\n  main:\n    username: app\n    x1: {_json(value)}\nnext: 1\n", _ALL),
    _Spelling("YAML name and value", "/etc/app/f.yaml", lambda name, value: f"env:\n- name: {name}\n  value: {_json(value)}\n- name: A\n  value: b\n", _ALL),
    _Spelling("JSON", "/etc/app/app.json", lambda name, value: f'{{"user": "app", {_json(name)}: {_json(value)}, "port": 1}}\n', _ALL),
    _Spelling("JSON, three lines", "/etc/app/b.json", lambda name, value: f'{{\n{_json(name)}\n:\n{_json(value)}\n}}\n', _ALL),
    _Spelling("JSON name and value", "/etc/app/c.json", lambda name, value: f'[{{"name": {_json(name)}, "value": {_json(value)}}}]\n', _ALL),
    _Spelling("XML attribute", "/etc/app/app.xml", lambda name, value: f"<c><db user=\"app\" {name}={quoteattr(value)} port='1'/></c>\n", _LINE),
    _Spelling("XML element", "/etc/app/b.xml", lambda name, value: f"<c>\n  <{name}>{escape(value)}</{name}>\n</c>\n", _ALL),
    _Spelling("XML name and value", "/etc/app/c.xml",
              lambda name, value: f"<property>\n  <name>{name}</name>\n  <value>{escape(value)}</value>\n</property>\n", _ALL),
    _Spelling("shell export", "/etc/profile.d/app.sh", lambda name, value: f"export A=1\nexport {_identifier(name)}={shlex.quote(value)}\necho $A\n", _ALL),
    _Spelling(".env, quoted", "/srv/app/.env", lambda name, value: f"A=1\n{_identifier(name)}={_double(value)}\nB=2\n", _ALL),
    _Spelling(".env, bare", "/srv/app/prod.env", lambda name, value: f"A=1\n{_identifier(name)}={value}\nB=2\n", (*_EASY, _spaced)),
    _Spelling("systemd Environment", "/etc/systemd/system/a.service", lambda name, value: f'[Service]\nEnvironment=A=1 "{_identifier(name)}={value}"\n',
              (*_EASY, _spaced)),
    _Spelling("nginx variable", "/etc/nginx/conf.d/a.conf", lambda name, value: f"  set ${_identifier(name)} {_double(value)};\n  listen 80;\n", (*_EASY, _spaced)),
    _Spelling("nginx header", "/etc/nginx/conf.d/b.conf", lambda name, value: f"  proxy_set_header {name} {value};\n", (_word,)),
    _Spelling("Apache SetEnv", "/etc/apache2/sites-enabled/a.conf", lambda name, value: f"  SetEnv {_identifier(name)} {_double(value)}\n", (*_EASY, _spaced)),
    _Spelling("command line flag", "/etc/cron.d/a", lambda name, value: f"5 4 * * * root /usr/bin/tool --{name}={shlex.quote(value)} --port 1\n", _LINE),
    _Spelling("command line flag, word", "/etc/systemd/system/b.service", lambda name, value: f"ExecStart=/usr/bin/tool -v --{name} {value} --port 1\n", (_word, _signed)),
    _Spelling("list of arguments", "/etc/app/g.yaml", lambda name, value: f'args: ["run", "--{name}", {_json(value)}, "-v"]\n', _LINE),
    _Spelling("comment", "/etc/app/h.conf", lambda name, value: f"# {name} = {value}\nuser = x\n", (*_EASY, _hard)),
    _Spelling("comment, told", "/etc/app/i.conf", lambda name, value: f"# old password was {value}\nuser = x\n", (_word, _signed)),
    _Spelling("TOML", "/etc/app/app.toml", lambda name, value: f'[db]\n"{name}" = {_json(value)}\nuser = "x"\n', _ALL),
    _Spelling("TOML, many lines", "/etc/app/b.toml", lambda name, value: f'{_identifier(name)} = """\n{value}\n{value[::-1]}\n"""\nuser = "x"\n', (_word, _signed)),
    _Spelling("PHP", "/srv/app/config.php", lambda name, value: f"<?php\n$user = 'app';\n${_identifier(name)} = {_php(value)};\n", (*_LINE,)),
    _Spelling("PHP array", "/srv/app/b.php", lambda name, value: f"return [\n  'user' => 'app',\n  '{name}' => {_php(value)},\n];\n", (*_LINE,)),
    _Spelling("Terraform", "/srv/tf/a.tf", lambda name, value: f'variable "{name}" {{\n  type = string\n  default = {_json(value)}\n}}\n', (*_EASY, _spaced)),
    _Spelling("here-document", "/srv/tf/b.tf", lambda name, value: f"x {{\n  {_identifier(name)} = <<EOT\n{value}\n{value[::-1]}\nEOT\n}}\n", (_word, _hard)),
    _Spelling("connection string", "/srv/app/appsettings.json", lambda name, value: f'{{"Main": "Server=db;User Id=app;Password={value};Encrypt=true"}}\n', (_word, _dictionary)),
    _Spelling("URL", "/etc/app/j.conf", lambda name, value: f"url = postgres://app:{quote(value, safe='')}@db.example:5432/x\n", _ALL),
    _Spelling("query", "/etc/app/k.conf", lambda name, value: f"hook = https://x.example/in?user=a&{name}={quote(value, safe='')}&x=1\n", (_word, _dictionary)),
    _Spelling("Kubernetes data", "/etc/k8s/a.yaml",
              lambda name, value: f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  x: {_base64(value)}\n", _ALL),
    _Spelling("Kubernetes stringData", "/etc/k8s/b.yaml",
              lambda name, value: f"---\nkind: ConfigMap\ndata:\n  a: b\n---\n# Source: chart/secret.yaml\nkind: Secret\nstringData:\n  x: {_json(value)}\n", _ALL),
    _Spelling("Kubernetes JSON", "/etc/k8s/c.json",
              lambda name, value: f'{{"kind": "List", "items": [{{"data": {{"x": "{_base64(value)}"}}, "kind": "Secret"}}]}}\n', _ALL),
)  # fmt: skip


def _spelled(draw: random.Random) -> Iterator[Case]:
    for spelling in SPELLINGS:
        for number in range(22):
            name = NAMES[number % len(NAMES)] if number < 11 else draw.choice(NAMES)
            value = spelling.kinds[number % len(spelling.kinds)](draw)
            multiline = spelling.name in ("YAML block", "TOML, many lines", "here-document")
            yield Case(f"{spelling.path}", spelling.write(name, value), (value, value[::-1]) if multiline else (value,), spelling.name)


# ---- products: path, text with a secret at {s}, how the secret is drawn

PRODUCTS: tuple[tuple[str, str, str], ...] = (
    *(("accounts", path, "root:{sha512}:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n") for path in
      ("/etc/shadow", "/etc/shadow-", "/var/backups/shadow.bak", "/root/shadow.bak", "/etc/shadow~", "/etc/shadow.dpkg-old", "/srv/copy/gshadow.old")),
    ("accounts", "/etc/shadow.bak", "old:{word}:1:0:9:7:::\n"),
    *(("crypt hash", "/srv/app/users.txt", text) for text in ("bob {sha512}\n", "bob={yescrypt}\n", "x '{bcrypt}' y\n", "- {argon}\n", "u {md5crypt}\n", "ldap: {{SSHA}}{word}{word}\n")),
    ("accounts", "/etc/samba/smbpasswd", "bob:1000:{hex32}:{hex32}:[U          ]:LCT-5F:\n"),
    ("accounts", "/etc/grub.d/40_custom", "set superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.{hex32}.{hex32}\n"),
    ("accounts", "/boot/grub/menu.lst", "title x\npassword --md5 {md5crypt}\n"),
    ("accounts", "/etc/ldap.secret", "{signed}\n"),
    ("accounts", "/etc/ldap/init.ldif", "userPassword:: {b64}\ncn: x\n"),
    ("accounts", "/etc/openldap/slapd.ldif", "olcRootPW: {{SSHA}}{word}\n"),
    ("cloud-init", "/etc/cloud/user-data", "#cloud-config\nchpasswd:\n  expire: false\n  list: |\n    root:{signed}\n    bob:{word}\nruncmd: []\n"),
    ("cloud-init", "/etc/cloud/cloud.cfg.d/9.cfg", "chpasswd:\n  users:\n  - name: bob\n    password: {word}\n    type: text\nssh_pwauth: true\n"),
    ("kubeconfig", "/root/.kube/config", "users:\n- name: x\n  user:\n    client-certificate-data: LS0tLS1CRUdJTiBDRVJU\n    client-key-data: {b64}\n    token: {word}\n"),
    ("kubeconfig", "/etc/kubernetes/admin.conf", "users:\n- user:\n    client-key-data: {b64}\n"),
    ("Kubernetes", "/srv/k/s.yaml", "apiVersion: v1\nitems:\n- kind: Secret\n  data:\n    a.b: {b64}\n- kind: ConfigMap\n  data:\n    c: shown\n"),
    ("Kubernetes", "/srv/k/t.yaml", "kind: Secret # {{{{ .Values.x }}}}\ndata: {{user: {b64}, pw: {b64b}}}\n"),
    ("Docker", "/root/.docker/config.json", '{{"auths": {{"r.example": {{"auth": "{b64}", "identitytoken": "{word}"}}}}}}\n'),
    ("JSON", "/etc/x.json", '{{"passwords": ["{word}", "{signed}"], "n": 1}}\n'),
    ("JSON", "/etc/x.json", '{{"credentials": {{"username": "bob", "pin": "{word}"}}}}\n'),
    ("JSON", "/etc/gcp.json", '{{"type": "service_account", "private_key_id": "0a1b2c3d", "private_key": "-----BEGIN PRIVATE KEY-----\\n{b64}\\n-----END PRIVATE KEY-----\\n"}}\n'),
    *(("command line", "/etc/cron.d/b", f"1 2 * * * root {text}\n") for text in (
        "curl -s -u bob:{word} https://x.example/", "curl --user 'bob:{signed}' https://x.example/", "mysql -h db -u root -p{word} shop",
        "mysqldump --password={word} shop | gzip", "sshpass -p {word} ssh bob@x.example", "sshpass -p'{spaced}' ssh bob@x.example",
        "docker login -u bob -p {word} r.example", "ldapsearch -x -D cn=admin -w {word} -b dc=x", "redis-cli -h c -a {word} ping",
        "PGPASSWORD={word} psql -h db", 'echo "bob:{word}" | chpasswd', "smbclient //s/x -U bob%{word}", "echo {word} | docker login --password-stdin",
        "curl -H 'Authorization: Bearer {word}' https://x.example/", 'curl -H "X-Api-Key: {word}" https://x.example/', "wget --password={word} https://x.example/",
        "openssl rsa -passin pass:{word} -in x", "mongodump -u a -p {word} --db x", "snmpget -v2c -c {word} 10.0.0.1 sysName.0", "lftp -u bob,{word} ftp.example",
        "htpasswd -b /etc/x bob {word}", "/usr/bin/tool --token {word}", "/usr/bin/tool \\\n  --password \\\n  {word}")),
    ("rsync", "/etc/rsyncd.secrets", "bob:{spaced}\n"), ("PgBouncer", "/etc/pgbouncer/userlist.txt", '"bob" "{word}"\n"eve" "md5{hex32}"\n'),
    ("pgpass", "/root/.pgpass", "db:5432:*:app:{word}\n# db:1:*:old:x\n"), ("my.cnf", "/root/.my.cnf", "[client]\nuser=root\npassword='{spaced}'\n"),
    ("netrc", "/root/.netrc", "machine x.example login bob password {signed}\n"), ("netrc", "/root/.netrc", "machine x\n  login bob\n  password {word}\n"),
    ("Galera", "/etc/mysql/conf.d/galera.cnf", "wsrep_sst_auth = sst:{word}\n"), ("Redis", "/etc/redis/redis.conf", "user app on >{word} ~* +@all\nrequirepass {word2}\n"),
    ("Redis", "/etc/redis/users.acl", "user bob on #{hex32}{hex32} ~* +@all\n"), ("Redis", "/etc/redis/sentinel.conf", "sentinel auth-pass main {word}\n"),
    ("Go data source", "/etc/app.conf", "dsn = app:{signed}@tcp(10.0.0.1:3306)/shop\n"), ("JDBC", "/etc/app.properties", "url=jdbc:sqlserver://db;databaseName=x;password={word};encrypt=true\n"),
    ("JDBC", "/etc/app.properties", "url=jdbc:mysql://db/x?user=a&password={word}&ssl=true\n"), ("SQL", "/etc/db/init.sql", "CREATE USER a IDENTIFIED BY '{spaced}';\n"),
    ("SQL", "/etc/db/init.sql", "ALTER ROLE a WITH PASSWORD '{word}';\n"),
    ("token", "/etc/a.conf", "remote = https://{word}{word2}@git.example/x.git\n"), ("token", "/etc/a.conf", "x = ghp_{alnum40}\n"), ("token", "/etc/a.conf", "x sk-proj-{alnum40}\n"),
    ("token", "/etc/a.conf", "id ASIA{upper16}\n"), ("token", "/etc/a.conf", "hook https://hooks.slack.com/services/T000/B000/{alnum40}\n"), ("token", "/etc/a.conf", "t glpat-{word}{word2}\n"),
    ("token", "/etc/a.conf", "j eyJhbGciOiJIUzI1NiJ9.eyJ{word}.{word2}\n"), ("npm", "/root/.npmrc", "//r.example/:_authToken={word}\n_auth={b64}\n"),
    ("AWS", "/root/.aws/credentials", "[default]\naws_access_key_id = AKIA{upper16}\naws_secret_access_key = {word}/{word2}\n"),
    ("Azure", "/etc/a.conf", "c = DefaultEndpointsProtocol=https;AccountName=x;AccountKey={b64};EndpointSuffix=y\n"), ("Azure", "/etc/a.conf", "u = https://x.example/?sv=2020&sp=r&sig={word}%3D\n"),
    ("wireless", "/etc/wpa_supplicant/wpa_supplicant.conf", 'network={{\n  ssid="home"\n  psk="{spaced}"\n  password="{word}"\n}}\n'),
    ("wireless", "/etc/hostapd/hostapd.conf", "wpa_passphrase={signed}\nwpa_psk_file=/etc/hostapd/psk\n"),
    ("WireGuard", "/etc/wireguard/wg0.conf", "[Interface]\nPrivateKey = {b64}\n[Peer]\nPublicKey = qqqqqqqqqqqq=\nPresharedKey = {b64b}\n"),
    ("OpenVPN", "/etc/openvpn/a.conf", "<key>\n-----BEGIN PRIVATE KEY-----\n{b64}\n-----END PRIVATE KEY-----\n</key>\n<auth-user-pass>\nbob\n{word}\n</auth-user-pass>\n"),
    ("OpenVPN", "/etc/openvpn/b.conf", "<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\n{hex32}\n{hex32}\n-----END OpenVPN Static key V1-----\n</tls-auth>\n"),
    ("IPsec", "/etc/ipsec.secrets", '1.2.3.4 : PSK "{spaced}"\nbob : EAP {word}\n'), ("IPsec", "/etc/swanctl/conf.d/a.conf", 'ike-1 {{\n  secret = "{word}"\n}}\n'),
    ("RADIUS", "/etc/freeradius/clients.conf", "client x {{\n  ipaddr = 10.0.0.1\n  secret = {signed}\n}}\n"), ("RADIUS", "/etc/freeradius/users", 'bob Cleartext-Password := "{word}"\n'),
    ("SNMP", "/etc/snmp/snmpd.conf", "rocommunity {word} default\ncom2sec ro default {word2}\n"), ("SNMP", "/etc/snmp/snmpd.conf", 'createUser bob SHA "{spaced}" AES {word}\n'),
    ("PPP", "/etc/ppp/chap-secrets", 'bob * "{spaced}" *\n'), ("HAProxy", "/etc/haproxy/haproxy.cfg", "stats auth admin:{word}\nuserlist u\n  user a insecure-password {word2}\n  user b password {sha512}\n"),
    ("Asterisk", "/etc/asterisk/sip.conf", "register => 100:{word}@sip.example\n[100]\nsecret={word2}\n"), ("htpasswd", "/etc/nginx/.htpasswd", "bob:{md5crypt}\neve:{word}\n"),
    ("htdigest", "/etc/apache2/site.htdigest", "bob:realm:{hex32}\n"), ("mail", "/etc/postfix/sasl_passwd", "[smtp.example]:587 bob@x.example:{signed}\n"),
    ("mail", "/etc/dovecot/users", "bob:{{PLAIN}}{word}:1000:1000::/home/bob\n"), ("mail", "/etc/exim4/passwd.client", "*.example:bob:{word}\n"), ("mail", "/etc/dovecot/dovecot-sql.conf.ext", "connect = host=db dbname=mail user=m password={word}\n"),
    *(("network device", "/srv/configs/router.cfg", f"hostname r1\n{text}\nend\n") for text in (
        "enable secret 9 $9${word}${alnum40}", "enable secret 5 {md5crypt}", "username bob privilege 15 secret 0 {word}", "username bob password 7 {cisco7}", "username bob secret 8 $8${word}${alnum40}",
        "snmp-server community {word} RO 10", "tacacs-server key 7 {cisco7}", "tacacs-server host 10.0.0.1 key {word}", "radius server R1\n address ipv4 10.0.0.1\n key {word}", "radius server R1\n key 7 {cisco7}",
        " neighbor 10.0.0.1 password {word}", "key chain K\n key 1\n  key-string {word}", "crypto isakmp key {word} address 10.0.0.1", " ip ospf message-digest-key 1 md5 {word}", " ip ospf message-digest-key 1 md5 7 {cisco7}",
        "wlan x 1 x\n security wpa psk set-key ascii 0 {word}", "interface d0\n ppp chap password 0 {word}", "username bob secret sha512 {sha512}", "ntp authentication-key 1 md5 {word}", "snmp-server host 10.0.0.1 version 2c {word}",
        "snmp-server user u g v3 auth sha {word} priv aes 128 {word2}", " standby 1 authentication {word}", "ip ftp password 0 {word}", "line vty 0 4\n password {word}")),
    *(("network device", "/srv/configs/junos.conf", f"{text}\n") for text in (
        'system {{\n  root-authentication {{\n    encrypted-password "{sha512}"; ## SECRET-DATA\n  }}\n}}', 'set system root-authentication encrypted-password "{sha512}"', 'radius-server {{ 10.0.0.1 secret "{junos9}"; }}',
        'set system login user bob authentication encrypted-password "{sha512}"', 'set protocols bgp group g authentication-key "{junos9}"', 'set security ike policy p pre-shared-key ascii-text "{junos9}"',
        "set snmp community {word} authorization read-only", "snmp {{\n  community {word} {{\n    authorization read-only;\n  }}\n}}")),
    *(("network device", "/srv/configs/fortigate.conf", f"{text}\n") for text in (
        'config user local\n  edit "bob"\n    set passwd ENC {b64}\n  next\nend', "config system admin\n  edit admin\n    set password ENC {b64}\n  next\nend", "    set psksecret ENC {b64}",
        'config system snmp community\n  edit 1\n    set name "{word}"\n  next\nend')),
    *(("network device", "/srv/configs/mikrotik.rsc", f"{text}\n") for text in (
        '/user add name=bob group=full password="{signed}"', "/interface wireless security-profiles\nset [ find ] wpa2-pre-shared-key={word} mode=dynamic-keys", "/ppp secret add name=bob password={word} service=l2tp")),
    ("multi-line", "/etc/a/.env", 'A=1\nDB_PASSWORD="{word}\n{word2}"\nB=2\n'), ("multi-line", "/etc/a.xml", "<a>\n<password>\n  {word}\n</password>\n</a>\n"), ("multi-line", "/etc/a.ini", "[a]\npassword = {word}\n    {word2}\nuser = x\n"),
    ("multi-line", "/etc/a.sh", "export DB_PASSWORD={word}\\\n{word2}\necho\n"), ("multi-line", "/etc/a.properties", "db.password={word}\\\n    {word2}\nuser=x\n"),
    ("multi-line", "/etc/a.yaml", "password: >-\n  {word}\n  {word2}\nuser: x\n"), ("multi-line", "/etc/a.yaml", 'password: "{word}\n  {word2}"\nuser: x\n'),
    ("multi-line", "/etc/a.yaml", "password:\n  {word}\nuser: x\n"), ("index", "/etc/a.sh", "password[0]={word}\n"), ("pam", "/etc/pam_ldap.conf", "bindpw {word}\n"),
    ("private key", "/etc/ssl/private/a.pem", "-----BEGIN RSA PRIVATE KEY-----\n{b64}\n{b64b}\n-----END RSA PRIVATE KEY-----\n"), ("private key", "/etc/app/a.yaml", "tls:\n  key: |\n    -----BEGIN EC PRIVATE KEY-----\n    {b64}\n    -----END EC PRIVATE KEY-----\n"),
    *(("further products", path, text) for path, text in (
        ("/etc/couchdb/local.ini", "[admins]\nroot = {word}\n[log]\nlevel = info\n"), ("/etc/ipsec.secrets", ': RSA moon.key "{spaced}"\n'),
        ("/etc/xl2tpd/l2tp-secrets", "* * {signed}\n"), ("/etc/davfs2/secrets", "https://dav.example/ bob {signed}\n"), ("/etc/pam_radius_auth.conf", "radius:1812 {signed} 3\n"),
        ("/etc/nagios/resource.cfg", "$USER4$={word}\n"), ("/etc/nut/upsmon.conf", "MONITOR ups@localhost 1 monuser {word} master\n"), ("/etc/monit/monitrc", "set httpd port 2812 and\n  allow admin:{word}\n"),
        ("/etc/nagios/commands.cfg", "command_line $USER1$/check_mysql -H h -u nagios -p {word} -d shop\n"), ("/etc/exim4/exim4.conf", "  client_send = : user@example.com : {word}\n"),
        ("/etc/exim4/exim4.conf", "hide mysql_servers = localhost/mail/exim/{word}\n"), ("/etc/kafka/a.properties", 'sasl.jaas.config=PlainLoginModule required user_alice="{word}";\n'),
        ("/srv/appsettings.json", '{{"Jwt": {{"Issuer": "shop", "Key": "{spaced}"}}}}\n'), ("/etc/turnserver.conf", "user=bob:{word}\n"), ("/root/vault-init.txt", "Unseal Key 1: {b64}\n"),
        ("/usr/local/bin/a.sh", "echo {word} | kinit admin@EXAMPLE.COM\n"), ("/usr/local/bin/a.sh", "net ads join -U administrator%{word}\n"), ("/etc/svnserve/passwd", "[users]\nharry = {word}\n"),
        ("/etc/ha.d/authkeys", "auth 1\n1 sha1 {word}\n"), ("/etc/tgt/targets.conf", "incominguser bob {word}\n"), ("/srv/ha/secrets.yaml", "openweather: {word}\n"), ("/etc/config/wireless", "\toption key '{spaced}'\n"),
        ("/root/jwk.json", '{{"kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","d":"{alnum40}"}}\n'), ("/etc/tinyproxy.conf", "BasicAuth bob {word}\n"), ("/etc/proxychains.conf", "socks5 10.0.0.5 1080 bob {word}\n"),
        ("/etc/deluge/auth", "bob:{word}:5\n"), ("/srv/a.py", 'requests.get(url, auth=("bob", "{word}"))\n'), ("/etc/a.config", '[{{rabbit, [{{default_pass, <<"{word}">>}}]}}].\n'),
        ("/srv/a.yaml", "? db_password\n: {word}\n"), ("/srv/a.php", "$settings['hash_salt'] = '{alnum40}';\n"))),
    ("private key", "/etc/ssh/ssh_host_rsa_key", "-----BEGIN OPENSSH PRIVATE KEY-----\n{b64}\n-----END OPENSSH PRIVATE KEY-----\n"), ("DNS", "/etc/bind/rndc.key", 'key "rndc" {{\n  algorithm hmac-sha256;\n  secret "{b64}";\n}};\n'),
)  # fmt: skip

_KEY_7 = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def _cisco_7(secret: str, draw: random.Random) -> str:
    seed = draw.randint(0, 15)
    return f"{seed:02d}" + "".join(f"{byte ^ _KEY_7[(seed + place) % len(_KEY_7)]:02X}" for place, byte in enumerate(secret.encode()))


def _letters(draw: random.Random, count: int, letters: str = _LETTERS) -> str:
    return "".join(draw.choice(letters) for _ in range(count))


def _fields(draw: random.Random) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What may stand in a product's text: as it is written, and the secrets that it holds."""

    def same(text: str) -> tuple[str, tuple[str, ...]]:
        return text, (text,)

    hidden, other, typed = _signed(draw) + _word(draw), _word(draw) + _word(draw) + "=", _word(draw)
    crypt, cisco = "./" + _LETTERS, _cisco_7(typed, draw)
    return {
        "word": same(_word(draw)), "word2": same(_word(draw)), "signed": same(_signed(draw)), "spaced": same(_spaced(draw)),
        "b64": (_base64(hidden), (_base64(hidden),)), "b64b": (_base64(other), (_base64(other),)), "hex32": same(_letters(draw, 32, "0123456789ABCDEF")),
        "alnum40": same(_letters(draw, 40)), "upper16": same(_letters(draw, 16, string.ascii_uppercase)), "cisco7": (cisco, (cisco, typed)),
        "junos9": same("$9$LbHX-wg4Z" if draw.random() < 0.1 else "$9$" + _letters(draw, 24)), "sha512": same("$6$" + _letters(draw, 12, crypt) + "$" + _letters(draw, 86, crypt)),
        "yescrypt": same("$y$j9T$" + _letters(draw, 16, crypt) + "$" + _letters(draw, 43, crypt)), "bcrypt": same("$2b$12$" + _letters(draw, 53, crypt)),
        "argon": same("$argon2id$v=19$m=65536,t=3,p=4$" + _letters(draw, 16) + "$" + _letters(draw, 43)), "md5crypt": same("$1$" + _letters(draw, 8, crypt) + "$" + _letters(draw, 22, crypt)),
    }  # fmt: skip


def _products(draw: random.Random) -> Iterator[Case]:
    for name, path, text in PRODUCTS:
        for _ in range(2):
            fields = _fields(draw)
            secrets = tuple(secret for field, (_, hidden) in fields.items() if "{" + field + "}" in text for secret in hidden)
            yield Case(path, text.format(**{field: written for field, (written, _) in fields.items()}), secrets, name)


# ---- beyond what is declared

BEYOND: tuple[tuple[str, str], ...] = (
    ("/etc/app.conf", "the_word_of_power = {word}\n"), ("/etc/app.conf", "kennwort = {word}\n"), ("/etc/app.conf", "contraseña: {word}\n"), ("/etc/app.conf", "pin = 4{word}\n"),
    ("/etc/app.conf", "login bob/{word}@db\n"), ("/etc/app.conf", "# bob's is {word}\n"), ("/etc/app.conf", "unlock {word}\n"), ("/etc/app.py", 'connect("db", "bob", "{word}")\n'),
    ("/etc/app.py", 'PASSWORD = "{word}" + "{word2}"\n'), ("/etc/app.conf", "db: bob / {word}\n"), ("/etc/app.csv", "name,password\nbob,{word}\n"), ("/etc/app.js", "login({{u: 'bob', p: '{word}'}})\n"),
    ("/etc/app.conf", "auth bob {word}\n"), ("/etc/app.lua", "local pass = [[{word}]]\n"), ("/etc/notes.txt", "The password of bob: he says it is {word}, I think\n"), ("/etc/app.conf", "salt = {word}\n"),
    ("/etc/app.conf", "cookie: {word}\n"), ("/etc/app.conf", "hash {hex32}\n"), ("/etc/app.sh", "expect -c 'send \"{word}\\r\"'\n"), ("/etc/app.sql", "INSERT INTO users VALUES ('bob', '{word}');\n"),
    ("/etc/app.conf", "license {word}-{word2}\n"), ("/etc/app.conf", "-pw {word}\n"), ("/etc/app.conf", "plink -pw {word} host\n"), ("/etc/app.conf", "apikey {word}\n"), ("/etc/app.rb", "password: ENV.fetch('A', '{word}')\n"),
)  # fmt: skip


def _beyond(draw: random.Random) -> Iterator[Case]:
    for path, text in BEYOND:
        for _ in range(3):
            fields = _fields(draw)
            secrets = tuple(secret for field, (_, hidden) in fields.items() if "{" + field + "}" in text for secret in hidden)
            yield Case(
                path, text.format(**{field: written for field, (written, _) in fields.items()}), secrets, "beyond what is declared", declared=False
            )


# ---- what looks like a secret


def _harmless(draw: random.Random) -> Iterator[Case]:
    for path, text in NEGATIVES:
        for _ in range(2):
            digest, number = _letters(draw, 64, "0123456789abcdef"), draw.randint(2, 9999)
            yield Case(path, text.replace("DIGEST", digest).replace("NUMBER", str(number)), (), "no secret")
