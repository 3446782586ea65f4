"""Secrets in the spellings of real configuration files, all invented; and what looks like one and is none."""

import pytest

from tests.redaction.rules import redact

HIDDEN = [
    ("/etc/app.ini", b"db_password = s3cr3t pass\n", b"s3cr3t"),
    ("/etc/app.ini", b"# db_password = hunter2\n", b"hunter2"),
    ("/etc/app.ini", b"; password=hunter2\n", b"hunter2"),
    ("/etc/app.yaml", b"db:\n  password: hunter2\n  user: x\n", b"hunter2"),
    ("/etc/app.yaml", b"apiKey: 'abc''def'\n", b"abc"),
    ("/etc/app.yaml", b"token: |\n  line-one\n  line-two\nnext: 1\n", b"line-two"),
    ("/etc/app.yaml", b"env:\n- name: DB_PASSWORD\n  value: hunter2\n", b"hunter2"),
    ("/etc/app.yaml", b"env: {DB_PASSWORD: hunter2, USER: x}\n", b"hunter2"),
    ("/etc/app.json", b'{"user": "x", "clientSecret": "hun\\"ter2", "n": 1}', b"ter2"),
    ("/etc/app.json", b'{"tokens": ["alpha-1", "beta-2"]}', b"beta-2"),
    ("/etc/app.xml", b"<user>x</user><password>hunter2</password>\n", b"hunter2"),
    ("/etc/app.xml", b'<Connector keystorePass="hunter2" port="1"/>\n', b"hunter2"),
    ("/etc/app.xml", b'<property name="password" value="hunter2"/>\n', b"hunter2"),
    ("/etc/app.xml", b'<entry key="secret">hunter2</entry>\n', b"hunter2"),
    ("/etc/app.env", b"export API_TOKEN=hunter2\n", b"hunter2"),
    ("/etc/app.env", b"DB_PASSWORD_PROD='hunter2'\n", b"hunter2"),
    ("/etc/systemd/system/a.service", b'Environment=A=1 DB_PASSWORD=hunter2 "API_TOKEN=zwei drei"\n', b"hunter2"),
    ("/etc/systemd/system/a.service", b'Environment=A=1 DB_PASSWORD=hunter2 "API_TOKEN=zwei drei"\n', b"zwei drei"),
    ("/etc/systemd/system/a.service", b"ExecStart=/bin/x --password=hunter2 --port 1\n", b"hunter2"),
    ("/etc/app.toml", b'url = "postgres://app:hunter2@db/x"\n', b"hunter2"),
    ("/etc/app.toml", b"dsn: mysql://app:p@ss:word@db:3306/x\n", b"word"),
    ("/etc/nginx/x.conf", b'proxy_set_header Authorization "Bearer abcdefghijklmnop.qrstuv";\n', b"qrstuv"),
    ("/etc/nginx/x.conf", b"proxy_set_header Authorization 'Basic dXNlcjpodW50ZXIyMzQ=';\n", b"dXNlcjpodW50"),
    ("/etc/redis/redis.conf", b"requirepass hunter2\n", b"hunter2"),
    ("/etc/redis/redis.conf", b"# requirepass hunter2\n", b"hunter2"),
    ("/etc/shadow", b"root:$6$salt$hash:19000:0:99999:7:::\ndaemon:*:19000::::::\n", b"$6$"),
    ("/etc/shadow", b"u:!$6$salt$hash:19000::::::\n", b"$6$"),
    ("/etc/nginx/.htpasswd", b"admin:$apr1$abc$def\n", b"$apr1$"),
    ("/root/.pgpass", b"db:5432:*:app:hun\\:ter2\n", b"ter2"),
    ("/root/.netrc", b"machine x login y password hunter2\n", b"hunter2"),
    ("/etc/wpa_supplicant/wpa_supplicant.conf", b'network={\n  ssid="x"\n  psk="hunter2x"\n}\n', b"hunter2x"),
    ("/etc/ssh/ssh_host_ed25519_key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----\n", b"BBBB"),
    (
        "/etc/ssl/x.pem",
        b"-----BEGIN CERTIFICATE-----\nCERT\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\nKKKK\n-----END RSA PRIVATE KEY-----\n",
        b"KKKK",
    ),
    ("/etc/app.yaml", b"key: |\n  -----BEGIN PRIVATE KEY-----\n  KKKK\n  -----END PRIVATE KEY-----\nz: 1\n", b"KKKK"),
    ("/etc/app.json", b'{"k": "-----BEGIN PRIVATE KEY-----\\nKKKK\\n-----END PRIVATE KEY-----\\n"}', b"KKKK"),
    ("/etc/wireguard/wg0.conf", b"[Interface]\nPrivateKey = aGVsbG8gd29ybGQ=\n", b"aGVsbG8"),
    ("/etc/wireguard/private.key", b"aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgMTI=\n", b"aGVsbG8"),
    ("/etc/bind/rndc.key", b'key "rndc-key" {\n  algorithm hmac-sha256;\n  secret "aGVsbG8=";\n};\n', b"aGVsbG8"),
    ("/etc/ppp/chap-secrets", b"user * hunter2 *\n", b"hunter2"),
    ("/etc/ipsec.secrets", b'1.2.3.4 : PSK "hunter2"\n', b"hunter2"),
    ("/etc/postfix/sasl_passwd", b"[smtp.x]:587 user:hunter2\n", b"hunter2"),
    ("/etc/snmp/snmpd.conf", b"rocommunity hunter2 default\n", b"hunter2"),
    ("/etc/snmp/snmpd.conf", b"com2sec readonly default hunter2\n", b"hunter2"),
    ("running-config", b"enable secret 5 $1$abcd$efgh\n", b"$1$abcd"),
    ("running-config", b"username admin privilege 15 password 7 0822455D0A16\n", b"0822455D0A16"),
    ("running-config", b"snmp-server community hunter2 RO\n", b"hunter2"),
    ("running-config", b"radius-server host 1.2.3.4 key hunter2\n", b"hunter2"),
    ("/etc/keepalived/keepalived.conf", b"    auth_pass hunter2\n", b"hunter2"),
    ("/root/.aws/credentials", b"aws_access_key_id = AKIAABCDEFGHIJKLMNOP\naws_secret_access_key = abc/def+ghi\n", b"abc/def"),
    ("/root/.aws/credentials", b"aws_access_key_id = AKIAABCDEFGHIJKLMNOP\n", b"AKIAABCD"),
    ("/root/.docker/config.json", b'{"auths": {"r": {"auth": "dXNlcjpodW50ZXIy"}}}', b"dXNlcjpod"),
    ("/root/.npmrc", b"//registry/:_authToken=npm_x\n", b"npm_x"),
    ("/etc/consul.d/acl.hcl", b'acl { tokens { agent = "1a2b3c4d-0000-1111-2222-333344445555" } }\n', b"333344445555"),
    ("/etc/odbc.ini", b"Conn = Server=db;Uid=x;Pwd=hunter2;Port=1\n", b"hunter2"),
    ("/etc/ldap.conf", b"bindpw hunter2\n", b"hunter2"),
    ("/etc/openldap/x.ldif", b"olcRootPW: {SSHA}abcdefgh\n", b"{SSHA}abc"),
    ("/etc/app.php", b"$db_password = 'hunter2';\n", b"hunter2"),
    ("/etc/app.php", b"'password' => 'hunter2',\n", b"hunter2"),
    ("/etc/app.php", b"define('DB_PASSWORD', 'hunter2');\n", b"hunter2"),
    ("/etc/latin1.conf", b"# caf\xe9\npassword=\xfchunter2\n", b"hunter2"),
]

SHOWN = [
    (
        "/etc/ssh/sshd_config",
        b"PasswordAuthentication no\nPermitEmptyPasswords no\nAuthorizedKeysFile .ssh/authorized_keys\nHostKey /etc/ssh/ssh_host_rsa_key\n",
    ),
    (
        "/etc/pam.d/common-password",
        b"password requisite pam_pwquality.so retry=3\npassword [success=1 default=ignore] pam_unix.so obscure yescrypt\n",
    ),
    ("/etc/login.defs", b"PASS_MAX_DAYS 99999\nPASS_MIN_LEN 5\n"),
    ("/etc/nsswitch.conf", b"passwd: files systemd\nshadow: files\n"),
    ("/etc/nginx/x.conf", b"proxy_pass http://backend:8080;\nfastcgi_pass unix:/run/php.sock;\nssl_certificate_key /etc/ssl/private/x.key;\n"),
    ("/etc/app.yaml", b"password: ${DB_PASSWORD}\ntoken_ttl: 3600\npassword_file: /run/secrets/db\nsecret: ''\ntoken: null\n"),
    ("/etc/app.yaml", b"secretName: db-credentials\nkey: value\n"),
    ("/etc/app.properties", b"keystore.path=/etc/ssl/x.jks\nsecret=file:/run/secret\npasswordEncoder=bcrypt\n"),
    ("/etc/postgresql/postgresql.conf", b"password_encryption = scram-sha-256\n"),
    ("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n"),
    ("/etc/group", b"root:x:0:\nwheel:x:10:a,b\n"),
    ("/etc/app.conf", b"# the password must be changed by the user\n# tokens are described below\n"),
    ("/etc/frr/frr.conf", b" set community 65000:100\n neighbor 1.2.3.4 send-community both\n"),
    ("/etc/ssh/ssh_host_ed25519_key.pub", b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI root@x\n"),
    ("/etc/ssl/x.crt", b"-----BEGIN CERTIFICATE-----\nCERT\n-----END CERTIFICATE-----\n"),
    ("/etc/hosts", b"127.0.0.1 localhost\n"),
    ("/etc/apt/sources.list", b"deb [signed-by=/usr/share/keyrings/x.gpg] https://deb.example.org/debian stable main\n"),
]


@pytest.mark.parametrize(("path", "content", "secret"), HIDDEN)
def test_a_secret_is_hidden_and_the_lines_stay(path, content, secret, fingerprint):
    got = redact(path, content, fingerprint)
    assert secret in content
    assert secret not in got.content, got.content
    assert got.secrets >= 1
    assert got.content.count(b"\n") == content.count(b"\n")
    again = redact(path, got.content, fingerprint)
    assert (again.content, again.secrets) == (got.content, 0)


@pytest.mark.parametrize(("path", "content"), SHOWN)
def test_what_is_no_secret_stays(path, content, fingerprint):
    assert redact(path, content, fingerprint).content == content


def test_the_neighbours_stay(fingerprint):
    got = redact("/etc/a.json", b'{"user": "x", "password": "hunter2", "port": 1}', fingerprint)
    assert got.content == b'{"user": "x", "password": "<secret:%s>", "port": 1}' % fingerprint(b"hunter2").encode()
    assert got.secrets == 1


def test_equal_secrets_look_equal_and_others_do_not(fingerprint):
    one, two, three = (redact("/etc/a.ini", b"password=" + value, fingerprint).content for value in (b"alpha", b"alpha", b"beta"))
    assert one == two != three


def test_a_binary_keystore_is_a_fingerprint(fingerprint):
    content = bytes(range(256)) * 4
    got = redact("/etc/ssl/store.p12", content, fingerprint)
    assert got.content == b"<secret:%s>\n" % fingerprint(content).encode()
    assert redact("/etc/ssl/store.p12", got.content, fingerprint).secrets == 0
