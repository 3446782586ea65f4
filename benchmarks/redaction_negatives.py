"""Lines of real kinds of files that look as if they held a secret, and hold none. DIGEST and NUMBER are replaced."""

from __future__ import annotations

_LINES: dict[str, str] = {
    "/etc/wireguard/peers.conf": """\
PublicKey = DIGEST=""",
    "/srv/schema.sql": """\
password varchar(NUMBER) NOT NULL,
token char(64) DEFAULT NULL,""",
    "/srv/app/forms.py": """\
password = forms.CharField(widget=forms.PasswordInput)
def check(password, token=None):
return password == stored""",
    "/etc/samba/passwords.conf": """\
unix password sync = yes
passwd program = /usr/bin/passwd %u
machine password timeout = NUMBER""",
    "/etc/ssh/sshd_config": """\
PasswordAuthentication no
PermitEmptyPasswords no
ChallengeResponseAuthentication no
KbdInteractiveAuthentication no
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2
# To disable tunneled clear text passwords, change to no here!
# PAM authentication, then enable this but set PasswordAuthentication
KexAlgorithms curve25519-sha256,diffie-hellman-group16-sha512
PubkeyAcceptedKeyTypes ssh-ed25519,rsa-sha2-512
TrustedUserCAKeys /etc/ssh/ca.pub
RekeyLimit 1G 1h""",
    "/etc/pam.d/common-auth": """\
auth [success=1 default=ignore] pam_unix.so nullok
password [success=1 default=ignore] pam_unix.so obscure yescrypt
password requisite pam_pwquality.so retry=3 minlen=NUMBER
password sufficient pam_sss.so use_authtok""",
    "/etc/sudoers": """\
%wheel ALL=(ALL) NOPASSWD: ALL
bob ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart app, PASSWD: /bin/kill
Defaults passwd_tries=3, passwd_timeout=10
Defaults !targetpw""",
    "/etc/login.defs": """\
PASS_MAX_DAYS NUMBER
PASS_WARN_AGE 7
ENCRYPT_METHOD YESCRYPT""",
    "/etc/nsswitch.conf": """\
passwd: files systemd
shadow: files""",
    "/etc/nginx/nginx.conf": """\
ssl_certificate_key /etc/ssl/private/shop.key;
proxy_pass http://backend:8080;
fastcgi_pass unix:/run/php/php-fpm.sock;
auth_basic_user_file /etc/nginx/htpasswd;
proxy_set_header Authorization $http_authorization;
proxy_set_header X-Api-Key $http_x_api_key;
server_tokens off;
ssl_session_ticket_key /etc/nginx/ticket.key;
limit_req_zone $binary_remote_addr zone=auth:10m rate=NUMBERr/s;
secure_link_md5 "$secure_link_expires$uri";
fastcgi_param HTTP_AUTHORIZATION $http_authorization;""",
    "/etc/apache2/apache2.conf": """\
ServerTokens Prod
SSLCertificateKeyFile /etc/ssl/private/x.key
AuthUserFile /etc/apache2/passwords
AuthType Basic
SSLOptions +StdEnvVars
PassEnv HOME
ProxyPass /app http://127.0.0.1:NUMBER/
ProxyPassReverse /app http://127.0.0.1:NUMBER/
RewriteRule ^token/(.*)$ /t.php?x=$1 [L]""",
    "/etc/app/app.yaml": """\
password: ${DB_PASSWORD}
password_file: /run/secrets/db_password
token_ttl: NUMBER
token_lifetime: 3600s
secretName: db-credentials
secret_rotation_days: NUMBER
api_key_header: X-Api-Key
auth_method: password
password_policy: strong
min_password_length: 12
passwordEncoder: bcrypt
tokenUrl: https://login.example/oauth/token
max_tokens: NUMBER
tokenizer: standard
key: value
primary_key: id
sort_key: created_at
partition_key: user_id
keyboard: us
monkey: yes
author: Bob
authority: https://login.example
authors: [Bob, Eve]
keyspace: shop
public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIGEST
access_log: /var/log/app/access.log
sha256: DIGEST
digest: sha256:DIGEST
image: registry.example/app@sha256:DIGEST
checksum/config: DIGEST
etag: DIGEST
commit: 0123456789abcdef0123456789abcdef01234567
uid: 123e4567-e89b-12d3-a456-426614174000
password: '{{ vault_db_password }}'
token: "{{ lookup('env', 'TOKEN') }}"
secret: !vault |
secret: ""
token: null
password: ~
credentials_file: /etc/app/creds.json
hmac_algorithm: sha256
kms_key_id: alias/app
passwordless: true
bypass: false
key_prefix: app_
token_endpoint_auth_method: client_secret_basic
client_id: shop-web
password_reset_enabled: true
enable_password_auth: false
csrf_token_name: _csrf
cache_key: user
keepalive: NUMBER
compass: north""",
    "/etc/k8s/deploy.yaml": """\
kind: SecretProviderClass
automountServiceAccountToken: false
imagePullSecrets: []
serviceAccountName: token-reader
secretKeyRef: {name: db, key: password}
valueFrom: {secretKeyRef: {name: db, key: password}}
topologyKey: kubernetes.io/hostname
resourceVersion: "NUMBER"
tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
kind: ConfigMap
certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tDIGEST""",
    "/etc/app/app.json": """\
{"password_file": "/run/secrets/x", "n": NUMBER}
{"tokenTtl": NUMBER, "passwordPolicy": "strong"}
{"integrity": "sha512-DIGEST=="}
{"resolved": "https://registry.example/a/-/a-1.0.tgz", "integrity": "sha1-DIGEST="}
{"properties": {"password": {"type": "string"}}}
{"key": "name", "value": "app"}
{"author": "Bob", "keywords": ["token", "secret"]}
{"secretRef": "db", "keyId": "NUMBER"}
{"password": null, "token": ""}
{"hash": "DIGEST", "tokens": NUMBER}""",
    "/etc/app/app.properties": """\
keystore.path=/etc/ssl/x.jks
secret=file:/run/secret
password.encoder=bcrypt
token.expiry=NUMBER
javax.net.ssl.keyStoreType=PKCS12
key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
auth.enabled=true""",
    "/etc/app/run.sh": """\
PASSWORD=$1
read -s -p "Password: " PASSWORD
if [ -z "$DB_PASSWORD" ]; then
export PGPASSWORD="$DB_PASSWORD"
TOKEN=$(cat /run/secrets/token)
TOKEN=`cat /run/secrets/token`
mysql -u root -p shop
mysql -u root -p"$PASS" shop
curl -u "$USER:$PASS" https://x.example/
curl -H "Authorization: Bearer $TOKEN" https://x.example/
docker login -u bob --password-stdin r.example < /run/secrets/r
docker run -u 1000:1000 -p 8080:80 app
mkdir -p /var/lib/app
ssh -i /root/.ssh/id_ed25519 bob@x.example
apt-key add /usr/share/keyrings/x.gpg
gpg --keyserver keys.example --recv-keys 0x0123456789ABCDEF
echo "no password given" >&2
echo "Enter your password"
git commit -m "rotate the API key"
git checkout 0123456789abcdef0123456789abcdef01234567
passwd --lock bob
usermod -p '*' bob
chage -M NUMBER bob
openssl passwd -6 -stdin
sshpass -f /run/secrets/ssh ssh x.example
redis-cli -h cache ping
export PASSWORD_STORE_DIR=/srv/store
secret_tool lookup server mail
unset DB_PASSWORD
pass show mail
tokens=$((tokens + 1))""",
    "/etc/app/notes.conf": """\
# The password is stored in the vault.
# the password must be changed by the user every NUMBER days
# tokens are described below
# password: see the vault
# Set a token to enable the API.
# The secret key of the server is in /etc/ssl/private
# default password is set by the installer
# password authentication is off
# Keys and tokens: see token.md
# your API key here
# Secret sharing is described in RFC NUMBER
# If the token expires, ask for a new one.
# password hashes use bcrypt with cost 12
; passwords are never logged
# Basic authorization is required
# sha256 DIGEST app.tar.gz
DIGEST  app-NUMBER.tar.gz
MD5 (app.tar.gz) = 0123456789abcdef0123456789abcdef
uuid = 123e4567-e89b-12d3-a456-426614174000
serial = 4f:3a:9c:11:0b
build = 0123456789abcdef0123456789abcdef01234567
keymap = us-latin1
key_binding = ctrl+NUMBER
# 123 users have a password""",
    "/etc/apt/sources.list.d/a.sources": """\
deb [signed-by=/usr/share/keyrings/x.gpg] https://deb.example/debian stable main
Signed-By: /usr/share/keyrings/x.gpg
Key-Fingerprint: 0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567""",
    "/etc/postgresql/pg_hba.conf": """\
host all all 10.0.0.0/8 scram-sha-256
local all postgres peer
password_encryption = scram-sha-256
#ssl_passphrase_command = ''
krb_server_keyfile = 'FILE:/etc/krb5.keytab'
ssl_key_file = '/etc/ssl/private/pg.key'
authentication_timeout = 1min""",
    "/etc/mysql/my.cnf": """\
key_buffer_size = NUMBERM
default_authentication_plugin = caching_sha2_password
skip-password
validate_password.policy = STRONG
ssl-key = /etc/mysql/key.pem""",
    "/srv/configs/router.cfg": """\
service password-encryption
aaa authentication login default group tacacs+ local
ip ssh pubkey-chain
crypto key generate rsa modulus NUMBER
key chain OSPF
 key 1
neighbor 10.0.0.1 send-community both
set community 65000:NUMBER additive
ip community-list standard X permit 65000:NUMBER
login authentication default
no snmp-server community
security passwords min-length NUMBER
username bob nopassword
 match community 10
ntp authenticate
ntp trusted-key 1
ip http authentication local""",
    "/etc/redis/redis.conf": """\
# requirepass is off by default
protected-mode yes
aclfile /etc/redis/users.acl
# masterauth <master-password>
tls-key-file /etc/redis/redis.key""",
    "/etc/docker/daemon.json": """\
{"tlskey": "/etc/docker/key.pem", "authorization-plugins": []}
{"credsStore": "pass", "credHelpers": {}}""",
    "/root/.ssh/authorized_keys": """\
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIGEST bob@laptop
no-pty,command="/bin/backup" ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABDIGEST bob""",
    "/etc/ssl/x.crt": """\
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----""",
    "/srv/tf/main.tf": """\
  password = var.db_password
  token = data.vault_generic_secret.x.data["token"]
  master_password = random_password.db.result
  key_name = "deploy"
  kms_key_id = aws_kms_key.main.arn
  secret_id = aws_secretsmanager_secret.db.id""",
    "/etc/systemd/system/a.service": """\
LoadCredential=db:/etc/creds/db
EnvironmentFile=/etc/app/secrets.env
ExecStart=/usr/bin/app --password-file /run/secrets/db --token-ttl NUMBER
ExecStart=/usr/bin/keyd -p NUMBER
Environment=PASSWORD_FILE=/run/secrets/db
SetCredentialEncrypted=yes
KeyringMode=private""",
    "/etc/passwd": """\
root:x:0:0:root:/root:/bin/bash
bob:x:NUMBER:NUMBER::/home/bob:/usr/sbin/nologin""",
    "/etc/group": """\
ssl-cert:x:NUMBER:postgres
keys:x:10:bob,eve""",
    "/etc/shadow": """\
daemon:*:19000:0:99999:7:::
nobody:!:19000::::::""",
    "/etc/services": """\
passwd 586/tcp
kpasswd 464/udp
auth 113/tcp authentication tap ident""",
    "/srv/app/README.md": """\
The password field is hidden; set `password_file` instead.
Tokens expire after NUMBER minutes.
To get an API key, ask the platform team.
| token | string | the access token |
See the secrets guide: https://docs.example/secrets
Use `--password-file FILE`, never a password on the command line.""",
}

NEGATIVES: tuple[tuple[str, str], ...] = tuple((path, line + "\n") for path, lines in _LINES.items() for line in lines.split("\n"))
"""A path and a line each."""
