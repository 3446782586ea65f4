"""What an independent set of configuration, written without knowledge of the rules, brought to light: a labelled example for each general rule."""

import re

import pytest

from tests.redaction.rules import redact

HIDDEN = [
    # names
    ("/srv/a.conf", "remotepass = S", "names that end in pass"),
    ("/srv/a.php", "$amp_conf['AMPDBPASS'] = 'S';", "names that end in pass"),
    ("/srv/a.php", "$settings['hash_salt'] = 'S';", "salts"),
    ("/srv/a.conf", 'const TicketSalt = "S"', "salts"),
    ("/srv/a.yml", "devise_pepper: S", "pepper"),
    ("/srv/a.yml", "network_key: S", "owners of keys"),
    # spellings
    ("/srv/a.conf", 'if ($http_x_token != "S") { return 403; }', "comparisons"),
    ("/srv/a.yaml", "? db_password\n: S\n", "explicit keys of YAML"),
    ("/srv/a.config", '[{rabbit, [{default_pass, <<"S">>}]}].', "tuples of Erlang"),
    ("/srv/a.conf", 'device-property "S3_SECRET_KEY" "S"', "directives of two strings"),
    ("/srv/a.nmconnection", "[vpn-secrets]\nIPSec secret=S and S\n", "keys of several words"),
    ("/srv/a.yml", "password: <%= ENV['DB'] || \"S\" %>", "fallbacks of templates"),
    ("/srv/README.md", "Default password is S for all nodes.", "told in prose"),
    ("/srv/a.xml", "<AdministratorPassword><Value>S</Value></AdministratorPassword>", "answer files"),
    ("/srv/a.py", 'conn = connect("dbname=x user=y password=S")', "text within code"),
    ("/srv/a.tf", 'provider "x" { token = "s.Zq7hunter2xZq7hunter2x" }', "quoted text in HCL"),
    ("/srv/a.conf", 'setenv.add-request-header = ( "Authorization" => "Basic S" )', "headers with =>"),
    ("/srv/a.yml", 'users: "test:$$apr1$$H6uskkkW$$Zq7hunter2xZq7hunter2x"', "doubled dollars"),
    ("/srv/a.conf", 'tacacs-server host 1.1.1.1 key "a\\"S"', "escaped quotes"),
    ("/srv/a.py", 'tokens = [\n  "S",\n', "collections without an end"),
    # formats
    ("/etc/couchdb/local.ini", "[admins]\nroot = S\n[log]\nlevel = info\n", "CouchDB"),
    ("/etc/cron.d/a", "1 2 * * * root sqlplus -s scott/S@ORCL @/opt/a.sql", "sqlplus"),
    ("/etc/nginx/a.conf", 'secure_link_md5 "$secure_link_expires$uri S";', "secure link"),
    ("/etc/caddy/Caddyfile", "tls {\n  dns cloudflare SSSS\n}\n", "Caddy"),
    ("/etc/squid/squid.conf", "auth_param basic program /usr/lib/squid/basic_ldap_auth -D cn=x -w S ldap1", "Squid helpers"),
    ("/etc/exim4/exim4.conf", "  client_send = : user@example.com : S", "Exim"),
    ("/etc/exim4/exim4.conf", "hide mysql_servers = localhost/mail/exim/S", "Exim"),
    ("/etc/ipsec.secrets", ': RSA moon.key "S S"', "IPsec"),
    ("/etc/xl2tpd/l2tp-secrets", "* * S", "L2TP"),
    ("/etc/davfs2/secrets", "https://dav.example.com/ bob S", "davfs2"),
    ("/etc/pam_radius_auth.conf", "radius1:1812 S 3", "RADIUS"),
    ("/etc/nagios/resource.cfg", "$USER4$=S", "Nagios"),
    ("/etc/nagios/commands.cfg", "command_line $USER1$/check_mysql -H h -u nagios -p S -d shop", "monitoring plugins"),
    ("/etc/nut/upsmon.conf", "MONITOR ups@localhost 1 monuser S master", "NUT"),
    ("/var/lib/snmp/snmpd.conf", "usmUser 1 3 0x80 0x62 0x62 NULL .1.3.6.1.6.3.10.1.1.3 0x5a71375a71375a71 .1.3.6 0x", "SNMP users"),
    ("/etc/monit/monitrc", "set httpd port 2812 and\n  allow admin:S", "monit"),
    ("/srv/a.yml", "ping_url: https://hc-ping.com/S-S-S", "pings"),
    ("/etc/kafka/server.properties", 'sasl.jaas.config=x.PlainLoginModule required user_alice="S";', "JAAS"),
    ("/srv/a.tfstate", '{"type":"random_password","instances":[{"attributes":{"length":16,"result":"S"}}]}', "Terraform"),
    ("/srv/a.py", 'requests.get(url, auth=("bob", "S"))', "Python"),
    ("/srv/appsettings.json", '{"Jwt": {"Issuer": "shop", "Key": "S"}}', "Jwt settings"),
    ("/etc/turnserver.conf", "user=bob:S", "TURN"),
    ("/root/vault-init.txt", "Unseal Key 1: S", "Vault"),
    ("/etc/consul.d/a.json", '{"encrypt": "WnE3aHVudGVyMlpxN2h1bnRlcjJ4Zg=="}', "gossip keys"),
    ("/usr/local/bin/a.sh", "echo S | kinit admin@EXAMPLE.COM", "kinit"),
    ("/usr/local/bin/a.sh", "xfreerdp /u:bob /p:S /v:host", "remote desktop"),
    ("/usr/local/bin/a.sh", "net ads join -U administrator%S", "net ads"),
    ("/etc/svnserve/passwd", "[users]\nharry = S\n", "Subversion"),
    ("/etc/ha.d/authkeys", "auth 1\n1 sha1 S\n", "Heartbeat"),
    ("/etc/tgt/targets.conf", "incominguser bob S", "iSCSI"),
    ("/etc/asterisk/voicemail.conf", "100 => 824193,Bob,bob@example.com", "mailboxes"),
    ("/srv/ha/secrets.yaml", "wifi_ssid: Home\nopenweather: S\n", "secrets.yaml"),
    ("/srv/configs/a.cfg", "tacacs-server key plaintext S", "network devices"),
    ("/srv/configs/a.cfg", 'password manager user-name "admin" sha1 "5a71375a71375a71"', "network devices"),
    ("/srv/configs/a.cfg", "failover key S", "network devices"),
    ("/srv/configs/a.cfg", "sys snmp { communities { c1 { community-name S source default } } }", "network devices"),
    ("/etc/config/wireless", "\toption key 'S'", "OpenWrt"),
    ("/srv/config.xml", f"<prv>{'WnE3aHVudGVyMng' * 4}</prv>", "firewalls"),
    ("/etc/vsftpd/virtual_users.txt", "bob\nS\n", "virtual users"),
    ("/root/jwk.json", '{"kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","d":"SS"}', "JSON web keys"),
    ("/root/.google_authenticator", "WXYZ2345WXYZ2345WXYZ2345WX\n\" WINDOW_SIZE 17\n", "one-time passwords"),
    ("/etc/tinyproxy.conf", "BasicAuth bob S", "tinyproxy"),
    ("/etc/proxychains.conf", "socks5 10.0.0.5 1080 bob S", "proxychains"),
    ("/etc/deluge/auth", "bob:S:5", "Deluge"),
    ("/etc/php/www.conf", 'php_value[session.save_path] = "tcp://r:6379?auth=S"', "session stores"),
]  # fmt: skip
_SECRET = "Zq7hunter2x"
_TELLING = ("Zq7hunter2x", "5a71375a71375a71", "WnE3aHVudGVyM", "824193", "WXYZ2345")

SHOWN = [
    ("/etc/wireguard/wg0.conf", "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n"),
    ("/srv/a.config", '<assemblyIdentity name="Newtonsoft.Json" publicKeyToken="30ad4fe6b2a6aeed"/>\n'),
    ("/srv/.env", "STRIPE_KEY=pk_live_51H8xQzLkd93kdlw02kd\n"),
    ("/etc/fstab", "//nas/b /mnt/b cifs credentials=/root/.smbcredentials,uid=1000 0 0\n"),
    ("/etc/samba/smb.conf", "unix password sync = yes\npasswd program = /usr/bin/passwd %u\nmachine password timeout = 604800\n"),
    ("/etc/openvpn/server.conf", "secret static.key\n"),
    ("/srv/compose.yml", "services:\n  db:\n    secrets:\n      - db_password\nsecrets:\n  db_password:\n    file: ./db_password.txt\n"),
    ("/srv/compose.yml", "environment:\n  OTHER: ${TOKEN:?token missing}\n"),
    ("/srv/values.yaml", "auth:\n  existingSecret: my-db-secret\n"),
    ("/srv/a.py", "def check(password, token=None):\n    return password == stored\napi_key = config.get('api', 'key')\n"),
    ("/srv/a.js", "authKey: getKey(),\npassword: process.env.DB_PASSWORD,\n"),
    ("/srv/ha/configuration.yaml", "username: !secret mqtt_user\n"),
    ("/srv/schema.sql", "  password varchar(255) NOT NULL,\n  token char(64) DEFAULT NULL,\n"),
    ("/etc/etc.hcl", "secret = data.aws_ssm_parameter.p.value\n"),
    ("/etc/haproxy/haproxy.cfg", "http-request set-header X-Token %[req.hdr(x-token)]\n"),
    ("/usr/local/bin/a.sh", 'echo "usage: $0 --password PASSWORD --token TOKEN"\nunset PASSWORD TOKEN\n'),
    ("/etc/unbound/root.key", ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"),
    ("/srv/configs/junos.conf", "set system login password minimum-length 12\nset system login password format sha512\n"),
    ("/etc/redis/sentinel.conf", "sentinel auth-pass mymaster <secret:abcdef>\n"),
    ("/etc/logstash/a.conf", 'match => { "message" => "token=%{WORD:token}" }\n'),
]


@pytest.mark.parametrize(("path", "text", "rule"), HIDDEN)
def test_it_is_masked(path, text, rule, fingerprint):
    content = _with_secret(text).encode()
    got = redact(path, content, fingerprint)
    assert any(part.encode() in content for part in _TELLING), rule
    assert not any(part.encode() in got.content for part in _TELLING), rule
    assert got.content.count(b"\n") == content.count(b"\n")
    assert redact(path, got.content, fingerprint).secrets == 0


def _with_secret(text: str) -> str:
    """Every S that is a word of its own becomes the secret, twice where it stands twice."""
    return re.sub(r"(?<![A-Za-z0-9_$])S{1,4}(?![A-Za-z0-9_])", lambda mark: _SECRET * len(mark[0]), text)


@pytest.mark.parametrize(("path", "text"), SHOWN)
def test_it_stays(path, text, fingerprint):
    assert redact(path, text.encode(), fingerprint).content.decode() == text


def test_a_collection_without_an_end_masks_no_more_than_itself(fingerprint):
    text = "passwords = [\n  'Zq7hunter2x'\nuser = bob\nport = 5432\n"
    masked = redact("/srv/a.conf", text.encode(), fingerprint).content.decode()
    assert "hunter2" not in masked
    assert masked.endswith("user = bob\nport = 5432\n")
