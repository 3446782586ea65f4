"""Passwords on command lines: as a shell is given them, and as sudo(8) logs them, without their quotes."""

from __future__ import annotations

import time

import pytest

from changelog_ledger.formats.secrets import arguments, commands, piped
from changelog_ledger.redaction.prose import redact_text
from changelog_ledger.workflows.free_text import WORTH_A_LOOK, masked_body
from tests.redaction.rules import RULES, redact

SECRET = "hunterHush"

WITH_SECRET = r"""
nmcli dev wifi connect x password hunterHush
nmcli device wifi hotspot ssid x password hunterHush
nmcli con modify x wifi-sec.psk hunterHush
nmcli con add type vpn -- vpn.secrets password=hunterHush
rabbitmqctl change_password bob hunterHush
rabbitmqctl add_user bob hunterHush
rabbitmqctl -n rabbit@x change_password bob hunterHush
rabbitmqctl authenticate_user bob hunterHush
vault login hunterHush
vault login -method=userpass username=a password=hunterHush
vault login -no-print hunterHush
vault login token=hunterHush
vault operator unseal hunterHush
vault unwrap hunterHush
vault token revoke hunterHush
vault kv put secret/app password=hunterHush
vault kv put secret/app value=hunterHush
consul kv put db/password hunterHush
etcdctl --user root:hunterHush get x
mc alias set m https://h:9000 key hunterHush
mc config host add m https://h:9000 key hunterHush
mc admin user add m bob hunterHush
openssl passwd -6 hunterHush
openssl passwd -1 -salt ab hunterHush
openssl passwd hunterHush
openssl enc -aes-256-cbc -k hunterHush -in a
openssl pkcs12 -in a -passin pass:hunterHush
http --auth=bob:hunterHush x
http --auth bob:hunterHush x
http -a bob:hunterHush x
http -abob:hunterHush x
https -a bob:hunterHush x
xh -a bob:hunterHush x
curl -u bob:hunterHush http://x
curl -ubob:hunterHush http://x
curl -sSu bob:hunterHush http://x
curl --user bob:hunterHush http://x
curl --user=bob:hunterHush http://x
curl --proxy-user bob:hunterHush http://x
curl -U bob:hunterHush http://x
curl -H "X-Api-Key: hunterHush" x
curl --oauth2-bearer hunterHush x
curl -b "session=hunterHush" x
curl -d "user=a&password=hunterHush" x
curl --cert a.pem:hunterHush x
curl -E a.pem:hunterHush x
curl --pass hunterHush x
wget --password hunterHush x
wget --password=hunterHush x
wget --http-password=hunterHush x
wget --user=bob --ftp-password hunterHush x
smbclient -U bob%hunterHush //h/s
smbclient //h/s -U bob%hunterHush
smbclient //h/s hunterHush -U bob
smbclient //h/s --password=hunterHush
smbpasswd -a bob -w hunterHush
smbpasswd -w hunterHush
net rpc join -U bob%hunterHush
rpcclient -U bob%hunterHush h
mount -t cifs //h/s /m -o username=bob,password=hunterHush
mount -t cifs -o user=bob,pass=hunterHush,ro //h/s /m
mount.cifs //h/s /m -o password=hunterHush
ldapsearch -x -D cn=a -w hunterHush
ldapsearch -whunterHush
ldapmodify -w hunterHush
ldappasswd -s hunterHush -x
ldappasswd -a hunterHush -x
echo hunterHush | kinit bob
echo 'hunterHush' | kinit bob@REALM
printf '%s' hunterHush | kinit bob
kinit bob <<< hunterHush
kinit bob <<<'hunterHush'
kadmin -p a -w hunterHush -q list
kadmin.local -q "addprinc -pw hunterHush bob"
kadmin.local -q "cpw -pw hunterHush bob"
htpasswd -b /etc/f bob hunterHush
htpasswd -bc /etc/f bob hunterHush
htpasswd -nb bob hunterHush
htpasswd -nbB bob hunterHush
htpasswd -c -b /etc/f bob hunterHush
htpasswd -B -b /etc/f bob hunterHush
htpasswd -bBC 10 /etc/f bob hunterHush
echo "bob:hunterHush" | chpasswd
echo bob:hunterHush | sudo chpasswd
bash -c 'echo bob:hunterHush | chpasswd'
chpasswd <<< bob:hunterHush
echo hunterHush | passwd --stdin bob
echo -e "hunterHush\nhunterHush" | passwd bob
printf 'hunterHush\nhunterHush\n' | passwd bob
(echo hunterHush; echo hunterHush) | smbpasswd -s -a bob
echo -e "hunterHush\nhunterHush" | smbpasswd -s -a bob
useradd -p hunterHush bob
useradd -m -p 'hunterHush' bob
usermod -p hunterHush bob
usermod --password hunterHush bob
groupmod -p hunterHush g
groupadd -p hunterHush g
sshpass -p hunterHush ssh h
sshpass -phunterHush ssh h
sshpass -p 'hunterHush' ssh h
SSHPASS=hunterHush sshpass -e ssh h
mysqladmin password hunterHush
mysqladmin -u root password hunterHush
mysqladmin -u root -pold password 'hunterHush'
mysql -phunterHush x
mysql -u root -phunterHush
mysql --password=hunterHush
mysql -e "CREATE USER bob IDENTIFIED BY 'hunterHush'"
mysql -e "ALTER USER bob IDENTIFIED BY 'hunterHush'"
mysql -e "SET PASSWORD FOR bob = PASSWORD('hunterHush')"
psql -c "ALTER USER bob WITH PASSWORD 'hunterHush'"
psql -c "CREATE ROLE bob LOGIN PASSWORD 'hunterHush'"
psql postgresql://bob:hunterHush@h/db
psql "host=h user=bob password=hunterHush"
PGPASSWORD=hunterHush psql -h x
env PGPASSWORD=hunterHush psql
redis-cli -a hunterHush info
redis-cli -h h -a hunterHush
redis-cli --pass hunterHush
redis-cli AUTH hunterHush
redis-cli AUTH bob hunterHush
redis-cli CONFIG SET requirepass hunterHush
redis-cli -u redis://:hunterHush@h
mongosh -u a -p hunterHush
mongosh --password hunterHush
mongo -u a -phunterHush
mongodump -u a -p hunterHush
az login -u bob -p hunterHush
az login --service-principal -u x --password hunterHush --tenant t
az storage blob list --account-key hunterHush
az storage blob list --sas-token hunterHush
az vm create --admin-password hunterHush
az sql server create -p hunterHush -u x
az keyvault secret set --vault-name v --name n --value hunterHush
az ad sp credential reset --id x --password hunterHush
az acr login -n r -u u -p hunterHush
aws configure set aws_secret_access_key hunterHush
aws configure set aws_session_token hunterHush
aws secretsmanager create-secret --name x --secret-string hunterHush
aws rds create-db-instance --master-user-password hunterHush
aws ssm put-parameter --name /p --value hunterHush --type SecureString
aws iam create-login-profile --user-name b --password hunterHush
AWS_SECRET_ACCESS_KEY=hunterHush aws s3 ls
gcloud sql users set-password bob --instance=i --password=hunterHush
gcloud sql users create bob --password hunterHush
gcloud sql instances create i --root-password=hunterHush
docker login -u u -p hunterHush r
docker login -u u -phunterHush r
docker login -u u --password=hunterHush r
echo hunterHush | docker login -u u --password-stdin
docker run -e DB_PASSWORD=hunterHush img
docker run -e MYSQL_ROOT_PASSWORD=hunterHush img
docker run --env POSTGRES_PASSWORD=hunterHush img
docker swarm join --token hunterHush h:2377
echo hunterHush | docker secret create x -
printf hunterHush | podman secret create x -
podman login -u u -p hunterHush r
helm install x y --set password=hunterHush
helm upgrade x y --set auth.password=hunterHush,b=c
helm upgrade x y --set db.rootPassword=hunterHush
helm repo add r https://x --username u --password hunterHush
kubectl create secret generic s --from-literal=a=hunterHush
kubectl create secret generic s --from-literal a=hunterHush
kubectl create secret generic s --from-literal=password=hunterHush
kubectl create secret docker-registry s --docker-password=hunterHush
kubectl config set-credentials x --token=hunterHush
kubectl --token hunterHush get pods
oc login --token=hunterHush
oc login -u a -p hunterHush
kubeadm join h:6443 --token hunterHush --discovery-token-ca-cert-hash sha256:ab
git clone https://u:hunterHush@h/r
git remote add o https://u:hunterHush@h/r
git config --global http.extraheader "Authorization: Bearer hunterHush"
git config credential.token hunterHush
snmpwalk -v2c -c hunterHush h
snmpget -c hunterHush h x
snmpwalk -v3 -A hunterHush -X hunterHush2 h
snmpwalk -v2c -chunterHush h
snmptrap -v 2c -c hunterHush h
net-snmp-create-v3-user -A hunterHush -X hunterHush bob
snmpusm -c hunterHush h
ipmitool -H h -U a -P hunterHush power on
ipmitool -I lanplus -H h -U a -PhunterHush power on
ipmitool user set password 2 hunterHush
ipmitool user set password 2 hunterHush 20
racadm -r h -u root -p hunterHush getsysinfo
racadm set iDRAC.Users.2.Password hunterHush
expect -c 'spawn ssh h; expect "assword:"; send "hunterHush\r"'
expect -c 'spawn ssh h; expect password: ; send hunterHush\r; interact'
lftp -u bob,hunterHush h
lftp -e 'open -u bob,hunterHush h'
ncftpget -u bob -p hunterHush h
ftp ftp://bob:hunterHush@h
xfreerdp /u:a /p:hunterHush /v:h
rdesktop -u a -p hunterHush h
cryptsetup luksFormat x <<< hunterHush
echo hunterHush | cryptsetup luksOpen x y
echo -n hunterHush | cryptsetup luksAddKey x -
echo hunterHush | sudo -S ls
gpg --batch --passphrase hunterHush -c f
gpg --passphrase=hunterHush f
gpg2 --passphrase 'hunterHush' f
zip -P hunterHush a b
zip -r -P hunterHush a b
zip -PhunterHush a b
unzip -P hunterHush a
7z x -phunterHush a
7za a -phunterHush a b
rar a -phunterHush a b
unrar x -phunterHush a
rar a -hphunterHush a b
keytool -storepass hunterHush -list
keytool -genkey -storepass hunterHush -keypass hunterHush
jarsigner -storepass hunterHush x
ansible-playbook -e ansible_password=hunterHush x
ansible-playbook --extra-vars "db_password=hunterHush" x
ansible all -e 'ansible_become_pass=hunterHush'
ansible-vault encrypt_string hunterHush --name db
ansible-vault encrypt_string 'hunterHush' --name 'db'
terraform apply -var db_password=hunterHush
terraform apply -var 'db_password=hunterHush'
terraform apply -var=token=hunterHush
sqlcmd -S h -U sa -P hunterHush
sqlcmd -U sa -PhunterHush
bcp x out f -U sa -P hunterHush
isql -U sa -P hunterHush
isql dsn user hunterHush
sqlplus sys/hunterHush@db
sqlplus sys/hunterHush as sysdba
impdp sys/hunterHush@db
clickhouse-client --password hunterHush
cqlsh -u a -p hunterHush h
influx -username a -password hunterHush
influx user create -n a -p hunterHush
neo4j-admin set-initial-password hunterHush
neo4j-admin dbms set-initial-password hunterHush
cypher-shell -u neo4j -p hunterHush
occ user:resetpassword bob --password hunterHush
OC_PASS=hunterHush occ user:add bob
wp user create bob b@x --user_pass=hunterHush
wp user update 1 --user_pass=hunterHush
wp config create --dbname=d --dbuser=u --dbpass=hunterHush
drush user:password admin hunterHush
drush upwd admin hunterHush
drush upwd admin --password=hunterHush
grafana-cli admin reset-admin-password hunterHush
grafana cli admin reset-admin-password hunterHush
gitlab-runner register --registration-token hunterHush
gitlab-runner register -r hunterHush
gh secret set X --body hunterHush
gh secret set X -b hunterHush
./config.sh --url x --token hunterHush
glab auth login --token hunterHush
heroku config:set DB_PASSWORD=hunterHush
flyctl secrets set API_KEY=hunterHush
npm config set //registry/:_authToken hunterHush
npm config set _authToken=hunterHush
pip install --index-url https://u:hunterHush@h/simple x
twine upload -u a -p hunterHush x
twine upload -u a --password hunterHush x
iwconfig wlan0 key hunterHush
iwconfig wlan0 key s:hunterHush
wpa_cli set_network 0 psk '"hunterHush"'
wpa_passphrase ssid hunterHush
ip xfrm state add src a dst b proto esp spi 1 auth sha256 0xhunterHush
iw dev wlan0 connect x key 0:hunterHush
subscription-manager register --username a --password hunterHush
subscription-manager register --org o --activationkey hunterHush
rhnreg_ks --activationkey=hunterHush
pro attach hunterHush
ua attach hunterHush
realm join -U a --one-time-password=hunterHush d
ipa-client-install -p admin -w hunterHush
ipa-client-install --password=hunterHush
ipa-server-install -a hunterHush -p hunterHush2
ipa user-mod bob --password hunterHush
samba-tool user setpassword bob --newpassword=hunterHush
samba-tool user create bob hunterHush
samba-tool user add bob hunterHush
samba-tool domain join d -Uadmin%hunterHush
winexe -U a%hunterHush //h cmd
tailscale up --authkey hunterHush
tailscale up --auth-key=hunterHush
ngrok authtoken hunterHush
ngrok config add-authtoken hunterHush
cloudflared service install hunterHush
cloudflared tunnel run --token hunterHush
doctl auth init -t hunterHush
doctl auth init --access-token hunterHush
RESTIC_PASSWORD=hunterHush restic backup
borg init BORG_PASSPHRASE=hunterHush
rclone config create r s3 secret_access_key hunterHush
rclone config create r s3 secret_access_key=hunterHush
rclone obscure hunterHush
s3cmd --access_key=a --secret_key=hunterHush ls
svn co --username a --password hunterHush u
hg --config auth.x.password=hunterHush pull
ssh-keygen -N hunterHush -f k
ssh-keygen -t ed25519 -N 'hunterHush' -f k
ssh-keygen -p -P hunterHush -N hunterHush2 -f k
ssh-keygen -y -P hunterHush -f k
mosquitto_pub -u a -P hunterHush -t x
mosquitto_passwd -b f bob hunterHush
mosquitto_passwd -c -b f bob hunterHush
mosquitto_passwd -b -c f bob hunterHush
kafka-configs --alter --add-config 'SCRAM-SHA-512=[password=hunterHush]'
saslpasswd2 -p bob <<< hunterHush
echo hunterHush | saslpasswd2 -p -c bob
doveadm pw -p hunterHush
doveadm pw -s SHA512-CRYPT -p hunterHush
doveadm auth test bob hunterHush
testsaslauthd -u bob -p hunterHush
swaks -a -au bob -ap hunterHush
swaks --auth-password hunterHush
sendemail -xu bob -xp hunterHush
mutt imap://bob:hunterHush@h
echo hunterHush | openconnect --passwd-on-stdin h
echo hunterHush | sudo --stdin ls
sudo -S ls <<< hunterHush
sudo -S ls <<< "hunterHush"
debconf-set-selections <<< 'mysql-server mysql-server/root_password password hunterHush'
echo 'mysql-server mysql-server/root_password password hunterHush' | debconf-set-selections
echo "postfix x/y password hunterHush" | debconf-set-selections
virsh secret-set-value u hunterHush
virsh secret-set-value u --base64 hunterHush
virsh secret-set-value --secret u --base64 hunterHush
virt-customize -a i --root-password password:hunterHush
virt-customize -a i --password bob:password:hunterHush
virt-install --graphics vnc,password=hunterHush
qm set 100 --cipassword hunterHush
pveum passwd bob --password hunterHush
pvesh create /access/users -password hunterHush
vncpasswd -f <<< hunterHush
echo hunterHush | vncpasswd -f
x11vnc -passwd hunterHush
x11vnc -storepasswd hunterHush f
hdparm --user-master u --security-set-pass hunterHush /dev/sda
hdparm --security-unlock hunterHush /dev/sda
hdparm --user-master u --security-erase hunterHush /dev/sda
passwd bob <<< hunterHush
passwd bob <<< "hunterHush"
kpasswd bob <<< hunterHush
plink -pw hunterHush h
pscp -pw hunterHush f h:
wmic -U a%hunterHush //h "select"
evil-winrm -u a -p hunterHush
hydra -l a -p hunterHush h
crackmapexec smb h -u a -p hunterHush
nxc smb h -u a -p hunterHush
elasticsearch-users useradd bob -p hunterHush
elasticsearch-keystore add -x k <<< hunterHush
echo hunterHush | elasticsearch-keystore add -x bootstrap.password
rabbitmqadmin -u a -p hunterHush list queues
rabbitmqadmin --username=a --password=hunterHush list
rabbitmqctl set_parameter shovel x '{"src-uri":"amqp://a:hunterHush@h"}'
cephadm registry-login --registry-username a --registry-password hunterHush
ceph dashboard ac-user-create bob hunterHush administrator
iscsiadm -m node -T t -o update -n node.session.auth.password -v hunterHush
iscsiadm -m node -n discovery.sendtargets.auth.password --value hunterHush
targetcli /iscsi set auth password=hunterHush
pcs cluster auth n1 -u hacluster -p hunterHush
pcs host auth n1 -u hacluster -p hunterHush
pcs stonith create f fence_ipmilan passwd=hunterHush
pcs stonith create f fence_ipmilan password=hunterHush
fence_ipmilan -a h -l a -p hunterHush -o status
crm configure primitive x params passwd=hunterHush
nsupdate -y k:hunterHush
nsupdate -y hmac-sha256:k:hunterHush
dig -y hmac-sha256:k:hunterHush axfr x
dig -y k:hunterHush axfr x
occ config:system:set dbpassword --value=hunterHush
occ config:system:set dbpassword --value hunterHush
php artisan x --password=hunterHush
rails runner 'User.find(1).update(password: "hunterHush")'
python3 manage.py x --password hunterHush
export DB_PASSWORD=hunterHush
sh -c "DB_PASSWORD=hunterHush app"
systemctl set-environment DB_PASSWORD=hunterHush
systemd-run -E TOKEN=hunterHush app
systemd-run --setenv=API_TOKEN=hunterHush app
sed -i s/password=.*/password=hunterHush/ f
crudini --set f s password hunterHush
crudini --set f DEFAULT rpc_password hunterHush
openstack user create --password hunterHush bob
openstack --os-password hunterHush x
openstack user set --password=hunterHush bob
augtool set /files/etc/x/password hunterHush
postconf -e smtp_sasl_password=hunterHush
tee f <<< password=hunterHush
mkpasswd -m sha-512 hunterHush
mkpasswd hunterHush
mkpasswd -m sha-512 -S salt hunterHush
mkpasswd --method=sha-512 hunterHush
echo hunterHush | mkpasswd -s
echo hunterHush | openssl passwd -6 -stdin
slappasswd -s hunterHush
slappasswd -h x -s hunterHush
caddy hash-password --plaintext hunterHush
caddy hash-password -p hunterHush
argon2 salt <<< hunterHush
echo -n hunterHush | argon2 salt
pihole -a -p hunterHush
pihole setpassword hunterHush
gitea admin user create --username a --password hunterHush
gitea admin user change-password -u a -p hunterHush
sonar-scanner -Dsonar.login=hunterHush
sonar-scanner -Dsonar.token=hunterHush
mvn -Dpassword=hunterHush x
java -Djavax.net.ssl.keyStorePassword=hunterHush x
jenkins-cli -auth a:hunterHush x
java -jar jenkins-cli.jar -auth a:hunterHush x
nordvpn login --token hunterHush
nordvpn login --username a --password hunterHush
mullvad account login hunterHush
bw login a hunterHush
bw unlock hunterHush
certbot --eab-hmac-key hunterHush
landscape-config --registration-key hunterHush
datadog DD_API_KEY=hunterHush bash -c x
consul acl x -token=hunterHush
consul members -token hunterHush
nomad job run -token=hunterHush x
influx auth create --token hunterHush
influx write -t hunterHush
kafkacat -X sasl.password=hunterHush
kcat -b x -X sasl.password=hunterHush -X sasl.username=a
snowsql -u a -p hunterHush
apt install x -o Acquire::http::Proxy=http://u:hunterHush@p:3128
apt-get -o Acquire::http::Proxy="http://u:hunterHush@p:3128" install x
apt-add-repository https://u:hunterHush@private-ppa.x/y
""".strip().splitlines()
HARMLESS = """
passwd alex
passwd -l alex
passwd --expire alex
apt install password-gorilla
apt install vault openssl nmcli
apt-get install -y vault
systemctl restart vault
systemctl status vault
openssl version
openssl passwd -help
openssl passwd -stdin
openssl passwd -6 -stdin
openssl passwd -6
openssl x509 -in /etc/ssl/a.pem -noout -text
openssl s_client -connect h:443
mount -o ro /dev/sda1 /mnt
mount -o remount,rw /
vault status
vault login
vault login -method=oidc
vault login -method=ldap username=alex
vault login -
vault operator unseal
vault operator init -key-shares=1
vault token lookup
vault token create -policy=app
vault kv get secret/app
vault secrets list
grep password /etc/app.ini
grep -r password /etc
vim /etc/passwd
cat /etc/passwd
getent passwd alex
nmcli dev wifi list
nmcli dev wifi connect home
nmcli con up home
nmcli connection show
nmcli device status
rabbitmqctl list_users
rabbitmqctl delete_user bob
rabbitmqctl status
rabbitmqctl set_user_tags bob administrator
rabbitmqctl clear_password bob
mc ls m/bucket
mc alias list
mc cp a m/b
mc admin info m
http GET https://example.com/a
http -v https://example.com:8080/a
http --auth-type=bearer x
http -a bob x
curl -fsSL https://example.com/install.sh
curl -u bob https://example.com
wget https://example.com/a.tar.gz
docker login registry.example.com
docker login -u bob registry.example.com
docker run -p 8080:80 nginx
docker run -u 1000:1000 nginx
redis-cli info
redis-cli -h db -p 6379 info
redis-cli CONFIG GET maxmemory
mongosh --port 27017
mysql -u root -p shop
mysqladmin status
mysqladmin -u root processlist
psql -U postgres -c "SELECT 1"
useradd -m bob
usermod -aG sudo bob
kubectl get secret s
kubectl create secret tls s --cert=a.pem --key=b.pem
kubectl create secret generic s --from-file=a=/etc/app/config
kubectl create configmap c --from-literal=a=b
helm install x y --set replicas=3
git clone https://github.com/a/b
snmpwalk -v2c h
ipmitool sensor list
ipmitool user list 1
ipmitool user set name 2 bob
ssh-keygen -t ed25519 -f k
ssh-keygen -R host
ssh-keygen -lf k
ssh-keygen -N '' -f k
zip -r a.zip b
unzip a.zip
tar -xpf a.tar
ansible-playbook site.yml -e env=prod
ansible-vault view group_vars/all.yml
terraform apply -var region=eu
echo hello | tee /etc/motd
echo 1 | tee /proc/sys/net/ipv4/ip_forward
pro status
pro attach
pro enable esm-infra
doveadm reload
doveadm mailbox list -u bob
htpasswd -D /etc/f bob
htpasswd /etc/f bob
mkpasswd -m help
mkpasswd -m sha-512
chpasswd < /root/list
smbpasswd -a bob
smbclient -L //h -N
nsupdate -k /etc/key
dig axfr example.com
dig -t key example.com
virsh secret-list
virsh list --all
debconf-show mysql-server
debconf-set-selections /root/answers
bw sync
pihole -up
grafana-cli plugins install x
samba-tool user list
samba-tool user create bob
iscsiadm -m session
kinit bob
kinit -kt /etc/krb5.keytab host/h
ngrok http 80
pcs status
pcs resource restart x
rclone copy a r:b
ip addr show
wg show
iwconfig wlan0
iw dev wlan0 scan
consul members
ceph -s
az login
az vm list
aws s3 ls
aws ssm get-parameter --name /p
gcloud auth login
gh auth status
cryptsetup luksOpen /dev/sda2 data
cryptsetup luksDump /dev/sda2
hdparm -I /dev/sda
rotate the password of the shop
change the password for alex
the vault login is broken since noon
vault login fails for everybody
vault login with LDAP broken
after openssl passwd was replaced by mkpasswd
openssl passwd is used for the hashes
the http auth is now bob's job
mysqladmin password reset was done by alex
rabbitmqctl change_password for bob
new nmcli connection, password unchanged
pro attach was run on all hosts
we told people that password reset works again
bw unlock works again
redis-cli AUTH fails
expect the password prompt to change
ipmitool user set password was blocked by the BMC
virsh secret-set-value was forgotten
mkpasswd is missing on the new hosts
vault unwrap no longer needed
ssh-keygen on all hosts
vault operator unseal after reboot
mc alias set for the new bucket
the echo to passwd was removed
""".strip().splitlines()


def _masked(text: str) -> str:
    """As :meth:`Workspace.masked_text` does it."""
    return redact_text(text, lambda _secret: "abcdef", RULES) if WORTH_A_LOOK.search(text) else text


def _recorded(command: str) -> dict[str, object]:
    """A command as an observation of the journal holds it."""
    return masked_body({"summary": f"alex ran {command} as root", "title": command, "data": {"command": command}}, _masked)


@pytest.mark.parametrize("command", WITH_SECRET)
def test_no_secret_of_a_command_is_recorded(command):
    body = _recorded(command)
    assert SECRET not in str(body)
    assert str(body).count("<secret:abcdef>") >= 3


@pytest.mark.parametrize("command", [command for command in WITH_SECRET if "send " not in command])
def test_sudo_logs_it_with_its_path_and_without_quotes(command):
    logged = command.replace('"', "").replace("'", "")
    is_shell = logged.split()[0] in ("echo", "printf", "export") or logged.startswith("(") or "=" in logged.split()[0]
    assert SECRET not in str(_recorded(logged if is_shell else f"/usr/bin/{logged}"))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_holds_no_secret_stays_readable(text):
    assert _recorded(text) == {"summary": f"alex ran {text} as root", "title": text, "data": {"command": text}}


@pytest.mark.parametrize(
    "command", ["vault login hunterHush", "nmcli dev wifi connect x password hunterHush", "echo hunterHush | passwd --stdin bob"]
)
def test_a_script_is_masked_too_and_only_once(command):
    script = f"#!/bin/sh\nset -e\nif true; then\n    {command}\nfi\n".encode()
    once = redact("/usr/local/bin/deploy.sh", script, lambda _secret: "abcdef")
    assert SECRET.encode() not in once.content
    assert redact("/usr/local/bin/deploy.sh", once.content, lambda _secret: "abcdef").secrets == 0


@pytest.mark.parametrize(
    "pattern", [*arguments.CATALOGUE.patterns, *commands.CATALOGUE.patterns, *piped.CATALOGUE.patterns], ids=lambda rule: rule.name
)
def test_the_time_of_a_rule_is_linear(pattern):
    begin = min({*pattern.words, *pattern.needles} or {b"x"}).decode()
    line = f"{begin} -a -b -p -c x " * 1_500 + "\n" + f"echo {begin} | " * 1_500 + "-" * 4_000 + " password " * 1_500 + f"{begin} " * 4_000
    started = time.process_time()
    for _ in pattern.pattern.finditer(line.encode()):
        pass
    assert time.process_time() - started < 2
