"""Fields of operations, as data: by which words people complain when a field is broken, and by which words one knows what belongs to it.

General knowledge of the trade, in the words people use; add to it freely. Words are compared in the form that
:func:`~changelog_ledger.investigation.vocabulary.words_of` gives.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from changelog_ledger.investigation.vocabulary import word_set


@dataclass(frozen=True, slots=True)
class Subject:
    """A field of operations.

    :ivar symptoms: words by which users complain when it is broken.
    :ivar things: words that name what belongs to it: in titles, categories, paths, keys, packages.
    """

    name: str
    symptoms: frozenset[str]
    things: frozenset[str]


def _subject(name: str, symptoms: str, things: str) -> Subject:
    return Subject(name, word_set(symptoms), word_set(things))


SUBJECTS = (
    _subject(
        "name resolution",
        "dns name lookup resolve resolver resolution resolvable unresolvable nxdomain servfail domain subdomain unknown getaddrinfo "
        "gethostbyname address enotfound eai nslookup dig fqdn internet cname offline",
        "dns bind named unbound resolv resolver resolution dnsmasq zone forwarder forward coredns kubedns nodelocaldns nsd pdns "
        "powerdns knot kresd cname soa nsswitch ttl serial dnssec dnskey rrsig nsec aaaa ptr delegation glue registrar ndots rndc "
        "nsupdate infoblox bluecat resolvconf recursion recursor rpz lookup domain subdomain stub lmhosts wins mdns avahi fqdn "
        "horizon pihole adguard zonefile mname rname dnsdist negttl externaldns record nscd hosts",
    ),
    _subject(
        "address families",
        "ipv dual aaaa eyeballs stack",
        "ipv aaaa slaac radvd dhcpv ndp rdnss clat gai dualstack bindv ipng ra",
    ),
    _subject(
        "address assignment",
        "dhcp lease ip address conflict duplicate apipa 169 pxe network cable plug plugged laptop desk assigned internet obtain devices phones",
        "dhcp dhcpd kea isc dhclient dhcpcd lease scope ipam reservation helper dnsmasq subnet pool pxe tftp netboot ipxe infoblox "
        "netbox relay dora giaddr bootp exclusion",
    ),
    _subject(
        "packet filtering",
        "connect connection timeout unreachable refuse block port reach telnet network reset drop dropped outbound inbound dead "
        "reachable econnrefused etimedout ehostunreach econnreset timed connectivity filtered firewall partner nc ping route "
        "internet prohibited eof",
        "firewall iptables nftables nft ufw firewalld packet acl port chain accept deny allow reject allowlist whitelist blocklist "
        "blacklist denylist ipset conntrack security rule ruleset dmz zone tighten pf pfsense opnsense fortigate fortinet fortios "
        "forti panos palo paloalto panorama checkpoint juniper srx asa ftd firepower sophos watchguard sonicwall nsg netfilter "
        "filter ebtables shorewall ferm csf egress ingress cidr inbound outbound secgroup dnat snat masquerade nacl networkpolicy "
        "calico fwknop microsegmentation geoip geoblock vsys udp tcp icmp segmentation fwmark nat lockdown sonic",
    ),
    _subject(
        "routing",
        "unreachable timeout latency packet loss reach route network isolate remote tunnel outbound traffic connectivity vpn site "
        "branch traceroute tracert asymmetric location office ping mtr hop wan internet line offline plant warehouse isp provider "
        "store shops headquarters country cut timed",
        "route router bgp ospf eigrp rip isis gateway peer prefix loopback nat vpn wireguard ipsec tunnel subnet uplink wan "
        "backbone link frr quagga bird vrf asn transit mpls sdwan meraki viptela vxlan evpn pbr nexthop blackhole cisco juniper "
        "junos arista eos ios mikrotik routeros vyos edgerouter igp ibgp ebgp neighbor neighbour rpki anycast community localpref "
        "aspath ixp exabgp interconnect directconnect expressroute vpc vnet tgw hsrp isp bfd advertise advertisement announce "
        "summarization redistribute strongswan ike wire mikro tik core autonomous",
    ),
    _subject(
        "interfaces",
        "packet loss slow large hang stall upload download flap flapping network disconnect fragment drop dropped transfer big "
        "freeze kilobytes crc mtu attachments duplex throughput speed megabit gigabit interface",
        "mtu mss pmtu jumbo nic ethernet bond bridge interface network networkd netplan ifcfg nmcli networkmanager arp vlan lacp "
        "openvswitch ovs duplex offload ethtool speed negotiation autoneg ens eth cabling transceiver sfp qsfp renegotiate mac "
        "promiscuous ring irq rss tso gso gro lro ixgbe mlx mellanox ena bnxt virtio vmxnet macvlan veth ifup ifdown iproute driver "
        "link frame tc qdisc txqueuelen rx tx",
    ),
    _subject(
        "switching",
        "network loop storm broadcast vlan switch port unplugged floor rack room flap flapping dead desk phones cameras disconnect "
        "unreachable offline cut cable building connectivity lan ping",
        "vlan switch switchport trunk stp rstp mstp spanning bpdu bpduguard portfast lacp portchannel mlag vpc vtp tagged untagged "
        "lldp cdp 802 arista catalyst nexus nxos comware procurve aruba poe storm cumulus sonic fabric leaf spine tor mac loop igmp "
        "snooping multicast errdisable stackwise edgeswitch port patchpanel uplink mab core",
    ),
    _subject(
        "wireless",
        "wifi wi fi wlan wireless ssid signal hotspot roaming laptop tablet handheld scanners guest internet phones reconnect disconnect meeting",
        "wifi wi fi wlan wireless ssid wpa radius eap peap unifi aruba meraki ruckus accesspoint wlc capwap hostapd supplicant "
        "radio roaming freeradius nps captive antenna 802 dfs psk mist",
    ),
    _subject(
        "bandwidth",
        "slow bandwidth congested congestion throughput jitter choppy saturated line internet download upload buffering lag latency "
        "crawl traffic speed stutter",
        "qos dscp shaping shaper policing policer bandwidth traffic congestion bbr tc htb codel fq burst cos throttle mbit uplink "
        "committed cake wred",
    ),
    _subject(
        "remote access",
        "vpn remote home homeoffice tunnel anyconnect globalprotect forticlient connect disconnect dial outside teleworkers "
        "teleworking offsite office login token mfa travelling road intranet reach contractors",
        "vpn openvpn wireguard wg anyconnect globalprotect forticlient ipsec ike ikev strongswan charon ivanti zscaler tailscale "
        "headscale netscaler sslvpn ocserv softether radius tun tunnel concentrator dialin ztna zpa warp bastion netbird zerotier "
        "ovpn ccd citrix rras directaccess wire",
    ),
    _subject(
        "remote desktop",
        "rdp desktop citrix remote session black screen terminal vdi thin frozen disconnect vnc workspace virtual profile login "
        "freeze kicked workplace",
        "rdp rds rdgateway rdgw mstsc termsrv citrix xenapp xendesktop vda storefront netscaler horizon vdi vnc guacamole xrdp "
        "tigervnc nomachine teamviewer anydesk fslogix wvd avd appstream workspace desktop terminal rdweb nla credssp uag ica hdx "
        "scaler",
    ),
    _subject(
        "shell access",
        "ssh putty login shell publickey key permission denied terminal jump bastion sudo admin administrators scp refused connect "
        "kicked prompt password",
        "ssh sshd openssh authorizedkeys authorized hostkey known bastion jumphost jump teleport sudo sudoers pam shell bash "
        "permitrootlogin maxstartups allowusers allowgroups passwordauthentication kexalgorithms hostkeyalgorithms dropbear cockpit "
        "banner root moduli pubkey mosh motd permit",
    ),
    _subject(
        "balancing",
        "502 503 504 unavailable backend upstream intermittent flap flapping half uneven unevenly connection rotation thrown "
        "failover sticky flaky unhealthy balancer sporadic random randomly node healthy gateway refresh reload xx",
        "lb loadbalancing haproxy keepalived vrrp vip health healthcheck healthz livez readyz backend pool upstream weight drain "
        "member ingress traefik envoy probe sticky stickiness affinity failover readiness rise fall algorithm slowstart elb alb nlb "
        "elbv targetgroup bigip ltm gtm irule tmos netscaler adc avi kemp citrix metallb lvs ipvsadm roundrobin leastconn balance "
        "persistence deregistration azurelb gslb listener httpchk maxconn seesaw katran zen appgw unhealthy scaler sorry",
    ),
    _subject(
        "proxies",
        "504 502 499 408 timeout gateway slow long large big upload 413 414 431 cut abort hang websocket break too entity truncated "
        "incomplete premature disconnect attachments videos xx timed",
        "proxy proxypass haproxy squid envoy timeout keepalive buffer body idle gateway nginx openresty traefik header waf varnish "
        "forward alive compress cache websocket grpc apache iis arr caddy limitrequestbody maxrequestlength proxied reverse fastcgi "
        "sslproxy nginxingress upstream contour xff proxyprotocol hitch",
    ),
    _subject(
        "outgoing web access",
        "proxy internet outbound websites surf browsing external blocked 407 outgoing google category downloads online",
        "squid proxy noproxy pac wpad zscaler bluecoat netskope umbrella forcepoint websense tinyproxy privoxy cntlm swg casb "
        "egress nat icap dansguardian urlfilter allowlist whitelist outbound internet",
    ),
    _subject(
        "web serving",
        "500 502 503 504 xx http fatal exception feed api xml render site blank white website browser broken layout load webpage "
        "homepage portal intranet shop storefront web unavailable whitescreen wsod 404 maintenance url iis",
        "nginx apache varnish vcl php phpfpm fpm waf upstream rewrite vhost virtualhost settings localsettings initialise mediawiki "
        "wordpress drupal joomla magento shopware tomcat jetty wildfly jboss websphere weblogic glassfish iis apppool webconfig "
        "gunicorn uwsgi puma unicorn passenger opcache template static webserver website htaccess csp cors robots cookie cookies "
        "compression gzip brotli header caddy lighttpd openresty litespeed kestrel aspnet asp django flask rails laravel symfony "
        "express servlet sites documentroot location errordocument wsgi asgi uvicorn hypercorn plugin theme extension woocommerce "
        "nodejs docroot confluence jira press sphere",
    ),
    _subject(
        "redirects",
        "301 302 303 307 308 redirect redirection loop endless bounce wrong 404 url bookmarks link hsts too",
        "redirect redirection rewrite rewriterule rewritecond vcl vhost hsts varnish proto trust forward canonical trailing slash "
        "permalink baseurl siteurl urlrewrite tryfiles location scheme xforwardedproto nginx",
    ),
    _subject(
        "frontends",
        "button menu blank white layout style css javascript js console icons click browser broken spinner spinning screen font "
        "chunk chunkloaderror form mobile iphone android ios safari firefox chrome load render ui unstyled hangs widget frontend",
        "frontend javascript typescript js css scss bundle webpack vite asset chunk minify sourcemap react angular vue svelte nuxt "
        "jquery polyfill serviceworker manifest html static spa ui widget browserslist babel esbuild rollup ios android apk ipa "
        "flutter electron gtm tagmanager consent banner styles stylesheet webapp pwa font cachebust localstorage",
    ),
    _subject(
        "browser rules",
        "cors origin blocked csp mixed content cookie cookies iframe embed embedded widget samesite preflight browser chrome "
        "console csrf refused script fonts xsrf 419 framing",
        "cors csp origin samesite cookie cookies xframe iframe hsts sri integrity csrf xsrf preflight referrer nonce httponly "
        "secure security header content",
    ),
    _subject(
        "access",
        "login password session sso denied forbidden 401 403 unauthorized unauthorised account token access authentication kicked "
        "nobody allowed credentials bounced logged logout mfa fa otp authenticator locked lockout invalid incorrect saml oauth "
        "rejected roles username register registration entitled privileges authorization aadsts verification cookies",
        "auth authorization authorisation saml oauth oidc openid sso session cookie cookies keycloak iam account user role login "
        "callback realm issuer identity mfa totp webauthn fido duo yubikey otp claim token grant permission password lockout "
        "provider lifetime idp profile okta entra aad azuread pingfederate adfs onelogin cognito jumpcloud shibboleth cas authelia "
        "authentik dex redirecturi clientid scope audience jwks jwt sp metadata conditional pam privilege rbac scim assertion "
        "nameid acr passwordless kratos hydra gatekeeper zitadel fusionauth forgerock siteminder samesite",
    ),
    _subject(
        "directory services",
        "login group password unknown ssh shell sudo account home nobody names directory ldap kerberos domain ad dc trust active "
        "locked username workstation preauth gpo join principal",
        "ldap slapd openldap pam sssd nss nsswitch kerberos krb kdc keytab spn ad addc dn basedn uid gid group sudo sudoers nscd "
        "nslcd freeipa ipa winbind realmd mapping nested domain directory dcpromo sysvol ntds fsmo gmsa upn rid aadconnect "
        "adconnect entraconnect dirsync forest trust oud edirectory binddn bindpw memberof ou idmap ntlm netlogon samba laps krbtgt "
        "adsync passwd shadow dc scim nis principal",
    ),
    _subject(
        "workstations",
        "workstation pc pcs laptop desktop computer bluescreen bsod blue screen windows notebook outlook office excel word gpo "
        "drive profile logon taskbar mac terminal kiosk",
        "gpo grouppolicy gpupdate intune sccm mecm wsus kb patchday autopilot mdm jamf bitlocker defender applocker office outlook "
        "edge regedit hklm admx uac winrm powershell workstation desktop laptop baramundi ivanti landesk wmi profile cumulative msi "
        "msix sysprep locker",
    ),
    _subject(
        "rights on files",
        "permission denied forbidden 403 read write open upload save access allowed avc rights permitted socket eacces eperm "
        "readonly unwritable protected",
        "permission mode owner ownership chmod chown chgrp selinux apparmor armor enforcing permissive context acl umask capability "
        "seccomp setfacl sticky group setuid suid tighten hardening semanage restorecon setsebool boolean fapolicyd auditd ntfs "
        "icacls fscontext runasuser fsgroup rootless securitycontext readonlyrootfilesystem nosuid noexec protectsystem protecthome "
        "readwritepaths privatetmp dynamicuser cap polkit tmpfiles rights rwx profile cis lockdown",
    ),
    _subject(
        "secrets",
        "401 403 denied invalid token credential key signature unauthorized unauthorised authentication rejected password mismatch "
        "api apikey secret forbidden hmac decrypt expired access 1045",
        "secret token password passwd credential key vault rotate rotation hmac jwt apikey signing passphrase keyring kms iam "
        "hashicorp openbao keyvault secretsmanager secretmanager sops sealedsecret externalsecret eso ssm parameterstore cyberark "
        "conjur bitwarden approle unseal serviceaccount pat htpasswd pgpass dotenv jks pepper salt accesskey clientsecret sas hsm "
        "connectionstring hashi cyber",
    ),
    _subject(
        "certificates",
        "certificate tls ssl https expire trust 509 secure warning browser handshake verify valid invalid untrusted insecure "
        "padlock pkix private privacy selfsigned self signed authority unsafe security safe unknownissuer curl lock outdated",
        "certs crt ca cacert pem pfx csr acme letsencrypt certbot certmanager truststore keystore keytool pki crl ocsp stapling "
        "renew renewal intermediate bundle root san chain fullchain privkey lego dehydrated digicert sectigo globalsign zerossl "
        "adcs ejbca stepca smallstep wildcard issuer clusterissuer 509 cabundle trust leaf selfsigned spiffe venafi encrypt expiry "
        "rootca crosssigned isrg comodo geotrust entrust hpkp caa",
    ),
    _subject(
        "encryption in transit",
        "handshake tls ssl protocol cipher https secure connection negotiate version terminal sslv alert schannel unsupported "
        "insecure eof sslexception",
        "libssl libgnutls nss mbedtls wolfssl boringssl libressl tls ssl cipher protocol openssl gnutls tlsv minprotocol dhparam "
        "curve sni mtls stunnel suite hsts certificates schannel ciphersuite sslprotocol sslciphersuite cryptopolicy crypto fips "
        "alpn seclevel maxprotocol handshake ecdhe rsa ecdsa starttls pfs dh securityprotocol legacyprovider renegotiation encrypt "
        "sslcipher",
    ),
    _subject(
        "encryption at rest",
        "decrypt encrypted bitlocker recovery key passphrase unlock encryption luks locked",
        "luks cryptsetup crypttab dmcrypt bitlocker tde kms cmk encrypt encryption hsm tang clevis gpg pgp keyfile sops fde tpm "
        "filevault ecryptfs age locker",
    ),
    _subject(
        "mail",
        "mail email smtp notification inbox bounce newsletter confirmation spam outlook junk mailbox imap exchange recipient sender "
        "550 554 451 421 greylisted undelivered deliver delivery attachment ndr reset thunderbird calendar autodiscover gmail "
        "hotmail blacklisted message invitations postfix undeliverable mailer send sent",
        "mail exim postfix mx smtp sendmail dkim spf dmarc dovecot mta msa relay imap mailer smarthost opendkim rspamd amavis "
        "spamassassin clamav alias aliases greylist recipient sender exchange outlook owa ecp eas autodiscover mailbox dag "
        "transport exo proofpoint mimecast barracuda ses sendgrid mailgun mailchimp postmark mandrill sparkpost zimbra cyrus "
        "roundcube sogo opensmtpd msmtp nullmailer ssmtp qmail haraka mailman listserv sieve milter postscreen mynetworks relayhost "
        "mydestination smtpd rbl dnsbl sasl submission arc bimi mtasts spam newsletter mailcow stalwart phpmailer swiftmailer "
        "office",
    ),
    _subject(
        "messages to phones",
        "sms push notification text code otp apns message whatsapp phone verification alerts pager",
        "sms push apns fcm firebase gcm onesignal twilio vonage nexmo messagebird sinch smsc smpp kannel pushover whatsapp sender "
        "notification shortcode infobip plivo notifier sns",
    ),
    _subject(
        "telephony",
        "phone telephone call caller ring dial voicemail voip sip audio voice hotline ivr fax hold dialtone switchboard pbx headset "
        "callcentre callcenter answer hear robotic choppy handset deskphone conference lines mute silence",
        "sip pbx voip asterisk freeswitch freepbx kamailio opensips cucm callmanager avaya mitel rtp srtp trunk dialplan extension "
        "ivr softphone phone telephony sbc audiocodes pjsip codec stun coturn ringgroup voicemail webrtc isdn fax hylafax dtmf "
        "innovaphone swyx starface genesys dect polycom yealink snom hunt",
    ),
    _subject(
        "collaboration",
        "chat meeting meetings video teams zoom slack conference call webex wiki calendar camera microphone room screen sharing "
        "presence jitsi messenger channel",
        "slack zoom webex jitsi mattermost rocketchat matrix synapse bigbluebutton skype lync confluence sharepoint wiki calendar "
        "ejabberd prosody xmpp jabber coturn chatops nextcloud zulip moodle discourse",
    ),
    _subject(
        "printing",
        "print printer printout label paper spooler tray toner pdf copier scanner receipt badge barcode",
        "print printer cups cupsd spooler ipp lpd lpr printserver papercut zebra zpl ghostscript ppd printnightmare ricoh kyocera "
        "xerox hp lexmark followme safeq driver pcl postscript hplip airprint spool bartender paper",
    ),
    _subject(
        "licences",
        "licence license activation activate trial seats expired flexlm dongle unlicensed subscription edition features locked nag entitlement",
        "licence license flexlm lmgrd flexnet rlm sentinel hasp dongle kms slmgr activation seat subscription entitlement edition "
        "cal licensekey lic trial renewal",
    ),
    _subject(
        "processor load",
        "cpu load slow saturate saturation exhaust performance hang 100 busy crawl sluggish fan slowly spin pegged spinning "
        "slowness laggy lag unresponsive utilisation utilization throttled slower timeout hot timed",
        "cpu worker pool thread regex query cgroup nice governor scheduler scale replicas autoscale concurrency parallel cpuset "
        "cpuquota vcpu core processor turbo pstate smt hyperthreading numa affinity tuned irqbalance renice millicore cpulimit "
        "throttling steal gomaxprocs profiling backtracking mitigation spectre loadavg",
    ),
    _subject(
        "memory",
        "memory ram oom swap swapping kill restart crash exhaust slow heap pause gc outofmemory outofmemoryerror leak freeze 137 "
        "oomkilled allocate enomem metaspace exits dies thrashing",
        "heap xmx xms jvm gc memory mem oom oomd earlyoom swap zram cgroup leak opts buffer hugepages hugetlb thp transparent "
        "swappiness malloc jemalloc tcmalloc collector garbage metaspace permgen maxmemory memlimit memoryhigh memorymax maxram ram "
        "overcommit javaopts shm shmmax shmall numa balloon zgc evict",
    ),
    _subject(
        "limits",
        "limit exhaust refuse descriptors sockets connection reject accept emfile enfile eagain fork busy too resource handles "
        "maximum reached eaddrnotavail ephemeral thread exceeded open",
        "limit ulimit nofile nproc somaxconn backlog connections worker max fd socket conntrack sysctl tasksmax limitnofile "
        "limitnproc descriptor inotify watches rlimit memlock maxclients maxconn threadsmax somax ephemeral syncookies tcp prlimit "
        "maxproc maxthreads threads serverlimit maxrequestworkers pids",
    ),
    _subject(
        "connection pools",
        "timeout wait exhaust slow database pool connection hang acquire borrow slots 53300 too remaining obtain timed",
        "pool pgbouncer bouncer hikari hikaricp datasource connections pgpool dbcp max idle jdbc proxysql odyssey rdsproxy maxscale "
        "supavisor poolsize maxpoolsize maximumpoolsize minidle leak keepalive pooler dsn odbc httpclient",
    ),
    _subject(
        "disk space",
        "disk space full save upload enospc inode storage filled quota write volume capacity 507 insufficient drive device",
        "disk log retention tmp tmpfs volume lvm quota inode journald dump coredump cleanup snapshot logrotate archive spool core "
        "rotate debug verbose level lvextend growpart partition prune vacuum space tmpreaper compaction wal binlog purge ebs pvc df "
        "du maxsize systemmaxuse trace tablespace temp recyclebin housekeeping",
    ),
    _subject(
        "storage",
        "storage io readonly ro filesystem mount volume missing stale hang share attachment image picture document upload download "
        "iowait write nfs slow corrupt eio disk input output latency freeze files superblock folder",
        "storage mount fstab nfs nfsd iscsi san multipath multipathd ceph rbd cephfs osd mds rook longhorn lvm raid mdadm zfs zpool "
        "btrfs export share volume fs filesystem ext xfs partition autofs cifs samba smb gluster lun attach rebuild driver "
        "automount netapp ontap trident isilon powerscale emc unity powerstore vmax nimble purestorage flasharray pure hitachi "
        "storwize svc efs ebs fsx azurefiles persistentvolume pv pvc csi storageclass udev fsck drbd openebs portworx vsan truenas "
        "freenas synology qnap nvme ssd iops noatime rsize wsize fileserver scsi mpath blockstorage linstor beegfs lustre gpfs disk "
        "unmount umount sanlock dm nas",
    ),
    _subject(
        "storage networks",
        "storage lun datastore io fabric disks latency apd hba array san",
        "san fc fibre fcoe hba wwn wwpn zoning lun iscsi initiator brocade multipath multipathd alua array fabric iqn chap nvmeof "
        "datastore storwize emulex qlogic mds hitachi npiv",
    ),
    _subject(
        "object storage",
        "bucket blob images pictures upload download attachment media avatars 403 documents presigned photos accessdenied "
        "thumbnails nosuchkey object",
        "bucket minio blob gcs swift objectstore objectstorage rgw radosgw presign lifecycle acl publicaccess storageaccount "
        "backblaze wasabi glacier rclone azureblob sas awscli seaweedfs garage versioning",
    ),
    _subject(
        "file sharing",
        "share drive folder smb samba network mapped letter files documents onedrive sharepoint nextcloud dropbox sync synchronise "
        "locked explorer home directories unc readonly excel gone",
        "smb smbd cifs samba dfs dfsr share fileserver netlogon nextcloud owncloud seafile sharepoint onedrive dropbox gdrive drive "
        "syncthing afp netatalk webdav nfs ntfs vss shadow folder smbv signing oplock filer idmap alfresco quota collabora "
        "onlyoffice egnyte nas",
    ),
    _subject(
        "database",
        "database query sql deadlock lock row transaction statement slow mysql postgres oracle mongo mssql ora timeout save "
        "tablespace sqlstate record connection aborted rollback timed",
        "db mysql mysqld mariadb percona postgres pg oracle ora sqlplus tns listener mssql sqlserver grant clickhouse mongodb mongo "
        "mongod table tablespace vacuum autovacuum analyze query optimizer innodb cassandra scylla sqlite statement isolation "
        "sequence lock partition timeout sql rds aurora cloudsql cosmosdb cosmos dynamodb dynamo spanner bigtable alloydb cockroach "
        "cockroachdb yugabyte tidb couchdb couchbase neo influxdb influx timescale timescaledb firebird hana informix sybase hba "
        "cnf mycnf pghba tempdb collation sqlmode maxdop index statistics transaction odbc jdbc hibernate orm firestore documentdb "
        "redshift singlestore vitess memgraph dbeaver dba pgvector autocommit cursor bloat reindex maria inno",
    ),
    _subject(
        "schema",
        "column table sql 500 exception unknown field save missing relation exist insert undefined constraint violation null "
        "duplicate nullable foreign truncated",
        "migration schema alter column index table ddl flyway liquibase alembic constraint migrate view trigger foreign varchar "
        "nullable ghost prisma sequelize typeorm knex dbmate goose doctrine activerecord unique enum rename backfill key procedure "
        "sqitch varbinary bigint partition",
    ),
    _subject(
        "replication",
        "stale lag replication read inconsistent behind outdated different saved replica standby secondary diverged desync sync "
        "synchronised synchronized vanish reappear missing",
        "replica replication standby secondary primary wal walsender binlog gtid failover slot galera wsrep repmgr patroni stolon "
        "sync async replicaset oplog alwayson logshipping dataguard pglogical logical debezium subscription publication "
        "orchestrator mha promote semisync sentinel reader replicate slave readreplica lag",
    ),
    _subject(
        "clusters",
        "cluster quorum leader split brain failover election node passive takeover secondary majority leaderless fenced",
        "pacemaker corosync pcs crm stonith fence quorum qdevice etcd zookeeper zk consul raft keepalived drbd failover wsfc mscs "
        "heartbeat leader election witness patroni ha galera rke serf cluster vip sentinel hazelcast ignite infinispan jgroups akka "
        "gossip quorumpeer split",
    ),
    _subject(
        "caches",
        "stale slow outdated wrong content miss cached price refresh incorrect redis reload obsolete outofdate previous memcached cleared ctrl",
        "cache redis valkey dragonfly keydb memcached mcrouter twemproxy varnish ttl purge invalidate invalidation eviction evict "
        "maxmemory cdn key expire warm session memory warmup expiry elasticache elasti opcache apcu ehcache caffeine hazelcast "
        "infinispan cachecontrol etag lru lfu allkeys volatile flush flushall vary hit apc fscache cachekey prewarm surrogate",
    ),
    _subject(
        "sessions",
        "session logged logout kicked cart basket emptied empty cookie cookies signed expired lost forgotten remember wizard form csrf relogin",
        "session cookie cookies sticky phpsessid jsessionid viewstate machinekey secretkey sessionstore timeout samesite remember "
        "persistence redis memcached csrf cart lifetime idle sessionstate",
    ),
    _subject(
        "queues",
        "queue backlog delay late stuck pending process message order arrive waiting notification event pile shipped send sent "
        "webhooks twice lag confirmation duplicate unprocessed consumer kafka rabbitmq asynchronous lost",
        "queue rabbitmq rabbit kafka amqp topic partition consumer producer prefetch broker sqs sns celery sidekiq resque bull "
        "worker mq activemq artemis ibmmq qmgr nats jetstream pulsar exchange vhost offset event deadletter ack replay dlq dlx "
        "durable ttl servicebus eventhub eventgrid eventbridge pubsub kinesis msk confluent zookeeper kraft redpanda mqtt mosquitto "
        "emqx jms masstransit nservicebus beanstalkd gearman rq hangfire retention rebalance messagebus messaging outbox visibility "
        "zeromq stomp redrive subscription fifo schemaregistry solace tibco biztalk kombu streams",
    ),
    _subject(
        "scheduled jobs",
        "nightly run job cron batch export import invoice statement overnight arrived daily weekly monthly twice missing double "
        "scheduled ran task payroll billing closing reminder duplicate generated hourly dunning settlement",
        "cron crond crontab timer job schedule batch airflow anacron quartz nightly task rundeck jenkins scheduler stagger etl "
        "import export overlap cronjob oncalendar randomizeddelay persistent atd taskscheduler schtasks autosys controlm tivoli tws "
        "hangfire celerybeat beat activejob springbatch nomad dkron cronicle starttime sqlagent agentjob hourly daily weekly "
        "concurrencypolicy startingdeadlineseconds flock",
    ),
    _subject(
        "data pipelines",
        "dashboard figures warehouse analytics kpi pipeline etl missing rows stale bi tableau powerbi empty incomplete sales "
        "statistics ingestion feed aggregates freshness charts totals",
        "etl elt airflow dag dagster prefect dbt spark pyspark flink dataflow glue databricks snowflake bigquery redshift synapse "
        "emr hadoop hdfs hive yarn presto trino athena nifi fivetran airbyte stitch talend informatica ssis ssas ssrs debezium "
        "kafkaconnect kinesis firehose tableau powerbi looker metabase superset qlik parquet avro iceberg hudi ingest ingestion "
        "pipeline warehouse datalake lake mart connector datafactory adf sqoop oozie logstash cdc backfill partition watermark "
        "singer meltano",
    ),
    _subject(
        "search",
        "search result empty find suggestion catalogue catalog hits autocomplete filter irrelevant ranking facets autosuggest",
        "search elasticsearch elastic opensearch solr index mapping shard lucene analyzer reindex sphinx manticore cirrus synonym "
        "boost clause replicas suggest algolia meilisearch typesense vespa whoosh tsvector fulltext indexer ilm alias aliases "
        "tokenizer stopwords facet ranking relevance zincsearch crawler coveo searchkick watermark maxclausecount",
    ),
    _subject(
        "feature switches",
        "feature button menu missing disappear option tab gone beta hide hidden appears visible invisible switched percent experiment variant toggle",
        "flag feature toggle launchdarkly darkly experiment variant unleash flagsmith optimizely growthbook configcat flipt flipper "
        "openfeature statsig rollout beta canary ab percentage launch killswitch appconfig remoteconfig variation cohort preview "
        "darklaunch gradual",
    ),
    _subject(
        "application settings",
        "setting settings environment staging test wrong endpoint variable misconfigured sandbox default parameter currency tenant "
        "debug placeholder demo",
        "env dotenv settings setting properties appsettings configmap parameter variable default profile override springprofiles "
        "webconfig localsettings confd envvar appconfig tenant constant preferences endpoint baseurl knob param",
    ),
    _subject(
        "releases",
        "release broken blank exception bug crash regress regression wrong version null nullpointer nullpointerexception 500 deploy "
        "deployment rollout rolled upgraded stacktrace typeerror undefined incorrect miscalculated calculation button broke "
        "unhandled behaves keyerror attributeerror referenceerror",
        "release deploy deployment version build artifact artefact rollout hotfix image tag jar war bundle promote promotion "
        "pipeline helm chart canary rollback revert bluegreen argocd argo flux fluxcd spinnaker octopus capistrano ship merge "
        "commit bugfix patchset kustomize helmfile codedeploy beanstalk heroku digest semver hotpatch imagetag argorollouts "
        "waypoint",
    ),
    _subject(
        "builds",
        "build pipeline ci runner merge deploy deployments jenkins gitlab github git push clone commit artifact tests developer "
        "registry queue pull repository stuck",
        "ci cd jenkins gitlab github runner actions workflow pipeline build buildkite circleci travis teamcity bamboo drone tekton "
        "argo azuredevops devops codebuild codepipeline nexus artifactory jfrog harbor sonarqube sonar maven gradle npm yarn pnpm "
        "bazel makefile jenkinsfile dockerfile gitea bitbucket git svn gerrit repo artifact agent buildx kaniko buildpack concourse "
        "gocd woodpecker renovate dependabot webhook lockfile submodule lfs",
    ),
    _subject(
        "package sources",
        "apt yum dnf mirror repository install package 404 hash sum gpg wsus patches unmet dependencies pip npm download",
        "apt aptitude yum dnf zypper repo mirror sourceslist aptly pulp satellite katello foreman wsus spacewalk uyuni gpgkey "
        "keyring debmirror reposync nexus artifactory devpi verdaccio chocolatey winget pin pinning preferences unattended snapd "
        "snap flatpak pypi registry landscape reprepro apk pacman nuget versionlock",
    ),
    _subject(
        "libraries and runtimes",
        "crash import module symbol undefined segfault sigsegv traceback exception class version shared object importerror abi "
        "loading segmentation modulenotfounderror nosuchmethoderror classnotfoundexception noclassdeffounderror incompatible "
        "deprecated glibc dll missing fatal python java node php ruby sigill sigabrt 139 exits coredump unsupported dependency",
        "library libs libc glibc musl python php nodejs npm pip gem ruby java jre jdk runtime dependency package composer dotnet "
        "perl openjdk corretto temurin zulu libssl venv virtualenv upgrade interpreter abi golang rust cargo nuget vcredist "
        "netframework dll requirements poetry conda pipenv lockfile packagelock gemfile pom gradle maven bundler spring springboot "
        "classpath ldconfig ldlibrarypath alternatives libxml libcurl libstdc boost numpy protobuf bump extension pecl cpan gemspec "
        "driver sdk framework django rails laravel symfony hibernate jvm wheel transitive",
    ),
    _subject(
        "interchange formats",
        "parse xml malformed invalid field schema format unexpected deserialize deserialization csv payload syntax unmarshal "
        "decimal comma mapping contract 400 422 415 unprocessable edi",
        "xsd xslt csv edi edifact avro protobuf proto thrift grpc soap wsdl openapi swagger graphql contract payload serializer "
        "serialization serialisation parser mapping jackson gson schemaregistry delimiter format converter idoc hl fhir sepa dto "
        "jsonschema marshaller messagepack",
    ),
    _subject(
        "service supervision",
        "restart crash dies exits died loop daemon startup stopped stops activating unit dead inactive running supervisor boot repeatedly",
        "systemd unit systemctl supervisord supervisor monit runit upstart initd init execstart execstartpre execstop restartsec "
        "restart wantedby timeoutstartsec timeoutstopsec watchdogsec environmentfile dropin override tmpfiles daemon startlimit "
        "startlimitburst oneshot killmode pidfile masked watchdog nssm winsw wrapper entrypoint autostart typenotify daemonize "
        "workingdirectory delegate startup shutdown sigterm unitfile exec wanted",
    ),
    _subject(
        "containers",
        "pod container node cluster kubectl docker image orchestration crashloop crashloopbackoff evicted scheduled pending pull "
        "ready imagepullbackoff errimagepull oomkilled kubernetes terminating notready eviction unschedulable deployment namespace "
        "createcontainerconfigerror workload backoff crash admission replicas containercreating",
        "kube kubelet apiserver kubeadm kubectl containerd crio cri docker dockerd runc cni helm etcd cgroup plane ingress podman "
        "swarm buildah daemonset namespace pod podspec registry compose dockercompose resource toleration taint affinity "
        "statefulset deployment configmap hpa vpa cordon drain evict layer readiness liveness startupprobe eks aks gke openshift "
        "okd rancher rke karpenter nomad ecs fargate replicaset kustomize kustomization admission webhook validatingwebhook "
        "mutatingwebhook kyverno opa gatekeeper crd operator psp podsecurity pdb poddisruptionbudget priorityclass nodepool "
        "nodegroup nodeselector topologyspread limitrange resourcequota serviceaccount initcontainer sidecar imagepullpolicy "
        "imagepullsecrets securitycontext terminationgraceperiod prestop manifest tanzu talos machineconfig csi container "
        "kubeconfig clusterrole rolebinding entrypoint dockerfile image quadlet kubeproxy addon stateful",
    ),
    _subject(
        "container networks",
        "pod clusterip nodeport network connect timeout cluster namespace cross nodes overlay timed",
        "cni calico felix cilium flannel weave antrea kuberouter multus kubeproxy networkpolicy clusterip nodeport endpointslice "
        "endpoints iptables podcidr servicecidr overlay vxlan ebpf hubble bridge metallb ipam egress egressgateway awsnode eni "
        "geneve ovn submariner masquerade hostnetwork",
    ),
    _subject(
        "image registries",
        "image pull imagepullbackoff errimagepull registry manifest docker toomanyrequests unauthorized pushing layer",
        "registry harbor ecr acr gcr ghcr quay dockerhub artifactory nexus image tag digest manifest imagepullsecrets "
        "dockerconfigjson mirror pullthrough distribution regcred skopeo cosign notary trivy",
    ),
    _subject(
        "service mesh and discovery",
        "upstream 503 mesh sidecar connect mtls discovery registered unregistered instance uf uh nr rbac call endpoints consul "
        "healthy microservice xx 504",
        "istio istiod linkerd envoy consul eureka zookeeper nacos sidecar mesh virtualservice destinationrule authorizationpolicy "
        "peerauthentication serviceentry kuma appmesh osm cloudmap ribbon feign etcd discovery registrator serviceregistry mtls xds "
        "pilot outlier circuit breaker circuitbreaker resilience hystrix retry subset envoyfilter servicedefaults intentions spiffe "
        "spire waypoint gatewayapi httproute dapr virtual destination peer",
    ),
    _subject(
        "api gateways",
        "api endpoint 401 403 404 405 429 integrators integration apikey call gateway method route mobile xx",
        "api kong apigee tyk krakend apigateway apim zuul ambassador gloo mulesoft wso gravitee openapi swagger graphql apollo "
        "hasura endpoint gateway route plugin consumer usageplan quota versioning apisix httproute ocelot yarp bff resolver",
    ),
    _subject(
        "serverless functions",
        "function lambda cold invocation coldstart concurrency",
        "lambda function cloudfunctions azurefunctions cloudrun serverless knative openfaas samtemplate sam concurrency provisioned "
        "stepfunctions runtime memorysize eventbridge vercel netlify chalice faas",
    ),
    _subject(
        "autoscaling",
        "scale capacity load peak traffic overloaded instances autoscaler slow spike nodes pending rush surge undersized replicas 503",
        "autoscale autoscaler asg hpa vpa keda karpenter clusterautoscaler scale replicas minreplicas maxreplicas minsize maxsize "
        "desired vmss instancegroup mig spot preemptible cooldown targetutilization capacity resize instance instancetype scaledown "
        "downsize rightsizing nodepool launchtemplate stepscaling reserved",
    ),
    _subject(
        "cloud platform",
        "aws azure gcp cloud zone instance quota console availability spot az throttling capacity",
        "aws azure gcp terraform cloudformation ec vpc vnet subnet quota region az availability zone instance ami asg iam imds "
        "metadata imdsv scp arm bicep openstack nova neutron keystone glance cinder hetzner ovh digitalocean linode oci cloudinit "
        "userdata eni igw natgateway privatelink privateendpoint gce vmss spot reserved account subscription tenant ionos scaleway "
        "stackit exoscale cloudstack servicequotas resourcegroup",
    ),
    _subject(
        "removal",
        "missing gone lost 404 vanish disappear absent notfound found deleted removed enoent nosuch exist without",
        "remove removal delete drop purge rename move migrate migration retire prune clean cleanup disable uninstall decommission "
        "teardown sunset deprecate destroy wipe truncate dropin obsolete unused unlink autoremove detach revoke withdraw",
    ),
    _subject(
        "time",
        "clock skew ntp drift timestamp time date token expired future wrong valid ahead kerberos timezone utc dst early "
        "appointment calendar daylight summertime midnight totp",
        "chrony chronyd ntp ntpd ntpsec timesyncd timezone tz clock leap tzdata ptp ptpl phc utc offset stratum makestep hwclock "
        "rtc timedatectl localtime dst clocksource drift zone ntpdate clockskew kvmclock summertime",
    ),
    _subject(
        "base system",
        "boot reboot crash panic kernel restart freeze hang hung unresponsive frozen machine lockup rcu grub emergency bluescreen "
        "initramfs ssh console",
        "kernel systemd libc glibc udev initramfs dracut grub grubby dbus firmware microcode boot reboot bios uefi driver module "
        "init os hypervisor sysctl linux parameter cmdline initrd live patch kexec kdump watchdog tuned livepatch kpatch kmod dkms "
        "modprobe distupgrade releaseupgrade rhel centos ubuntu debian rocky alma suse sles fedora windowsserver efi secureboot "
        "shim lockdown panic blacklist osupgrade fstab selinux cgroupv errata mkinitcpio",
    ),
    _subject(
        "virtual machines",
        "vm vms guest machine virtual hang freeze storage migrate console unresponsive hypervisor vmotion snapshot paused stun vcenter esxi",
        "hypervisor kvm libvirt libvirtd qemu vmware vsphere vcenter vcsa esx esxi vmotion drs vmfs vsan datastore openvswitch vm "
        "guest proxmox pve xen xenserver xcpng virtio flavor hyperv vmtools vmwaretools qemuagent virsh vmdk qcow nutanix ahv prism "
        "ovirt rhv openstack nova balloon snapshot cluster scvmm vhost vcpu kubevirt harvester csv reservation nsx evc vswitch dvs "
        "portgroup sphere motion",
    ),
    _subject(
        "content delivery",
        "cdn edge stale images css cached country abroad 520 521 522 523 524 525 526 530 visitors origin assets worldwide "
        "cloudflare akamai fastly static pictures overseas 1020",
        "cdn cloudflare cloudfront akamai fastly bunny keycdn imperva edge edgecast frontdoor origin pop purge surrogate "
        "cachecontrol distribution edgeworker vcl ttl invalidation stackpath azurecdn geo gtm pageoptimization cname pagerule "
        "shield edgio",
    ),
    _subject(
        "web application firewalls",
        "403 406 429 blocked captcha challenge forbidden bot waf rejected form submit post ddos robot human incapsula suspicious",
        "waf modsecurity modsec crs owasp coreruleset imperva incapsula cloudflare akamai awswaf webacl asm awaf fortiweb ruleset "
        "rule captcha turnstile recaptcha hcaptcha bot botmanagement ddos challenge paranoia ban crowdsec naxsi coraza geoblock "
        "ratelimit anomaly sqli xss shield armor datadome signature virtualpatch",
    ),
    _subject(
        "outside services",
        "payment card provider external api third partner checkout sms map webhook supplier delivery shipping gateway pay paypal "
        "tracking vendor carrier couriers integration upstream sandbox address quotes thirdparty exchange geocoding crm sync",
        "payment provider webhook api endpoint callback stripe paypal sandbox external partner integration vendor url egress "
        "thirdparty connector salesforce hubspot zendesk googlemaps mapbox twilio dhl ups fedex dpd schufa creditcheck supplier "
        "carrier adapter apikey outbound baseurl timeouts upstream zapier servicenow marketplace ebay shopify pal",
    ),
    _subject(
        "payments",
        "payment pay card checkout creditcard credit paypal purchase buy basket cart refund declined transaction visa mastercard "
        "sepa klarna invoice charged twice iban orders donation terminals till pos cashier register",
        "payment stripe paypal adyen klarna braintree worldpay mollie checkout threeds psp acquirer pci sepa iban billing invoice "
        "refund giropay sofort applepay googlepay merchant card tokenization gateway charge computop saferpay payone datatrans "
        "wallet pos authorizenet cybersource pricing currency vat tax till ledger payout pal pay",
    ),
    _subject(
        "webhooks",
        "webhook callback delivered hook events integration notify ipn 410 signature partner receive",
        "webhook callback hook ipn endpoint signature hmac retry subscription zapier svix slackhook notify eventgrid",
    ),
    _subject(
        "business systems",
        "erp sap crm salesforce warehouse picking invoice order booking bookings stock inventory purchase shipment accounting till "
        "pos payroll articles tour reservations dynamics odoo scanner timesheet",
        "erp sap abap netweaver hana odoo dynamics navision businesscentral crm salesforce sugarcrm jde peoplesoft netsuite datev "
        "lexware sage idoc transport wms mes pos till billing accounting payroll servicenow proalpha infor pim inventory catalog "
        "pricing",
    ),
    _subject(
        "rates",
        "429 throttle slow quota limit toomanyrequests exceeded too banned 503 ratelimit blocked burst",
        "rate throttle quota burst limit limiter ratelimit ratelimiter limitreq ban bot waf tokenbucket bucket leaky qps rps "
        "backoff retry usageplan bantime maxretry findtime crowdsec",
    ),
    _subject(
        "characters",
        "garbled character umlaut encoding question letter language mojibake accents gibberish emoji ascii unicode translation "
        "hieroglyphs unicodedecodeerror weird symbols special diamonds decimal comma",
        "locale charset utf encoding collation latin lang unicode lc lcall ascii bom codepage characterset nlslang translation "
        "gettext font keyboard icu",
    ),
    _subject(
        "documents and pictures",
        "pdf picture image thumbnail photo preview document font invoice render letter rotated blurry attachment watermark scan avatar",
        "pdf imagemagick magick ghostscript wkhtmltopdf weasyprint libreoffice soffice gotenberg chromium puppeteer playwright "
        "thumbor thumbnail fonts imgproxy libvips gd jasper jasperreports birt tesseract ocr webp jpeg png pillow exiftool "
        "policymap poppler fop docx xlsx template libheif libre",
    ),
    _subject(
        "streaming media",
        "video stream audio buffering playback live player subtitle channel tv radio broadcast stutter picture drm",
        "ffmpeg hls dash rtmp srt transcoder transcoding encoder codec streaming wowza icecast mediasoup drm widevine fairplay "
        "manifest segment packager medialive hevc gstreamer playlist liquidsoap jellyfin kaltura vod",
    ),
    _subject(
        "file transfer",
        "sftp ftp transfer upload download partner deliver picked file edi scp pickup inbound hostkey filezilla winscp dropbox bank",
        "sftp ftp vsftpd proftpd pureftpd sshd chroot rsync rsyncd authorized known kex hostkey ssh transfer winscp filezilla scp "
        "lftp moveit goanywhere awstransfer crushftp globalscape axway connectdirect mft pasv passive forcecommand edi cerberus "
        "sterling chrootdirectory fxp rclone pgp",
    ),
    _subject(
        "backups",
        "backup restore snapshot tape recovery recover veeam dump slow nightly archive retention",
        "backup snapshot veeam bacula bareos restic borg borgbackup rsnapshot duplicity commvault netbackup networker rubrik "
        "cohesity velero tape pgbackrest barman walg xtrabackup mysqldump mariabackup pgdump rman vss acronis nakivo proxmoxbackup "
        "pbs dump amanda retention archive awsbackup recoveryvault urbackup kopia duplicati archivelog",
    ),
    _subject(
        "monitoring and alerting",
        "alert alarm monitoring pager dashboard metric graph grafana nagios zabbix notified silent blind gaps notifications",
        "monitoring alert alertmanager prometheus grafana thanos mimir cortex victoriametrics nagios icinga zabbix checkmk sensu "
        "netdata prtg solarwinds librenms observium cacti munin collectd telegraf statsd datadog newrelic dynatrace appdynamics "
        "sentry cloudwatch azuremonitor stackdriver opsgenie pagerduty victorops exporter scrape servicemonitor podmonitor blackbox "
        "snmp snmpd nrpe threshold silence uptime statuspage uptimerobot pingdom metric dashboard slo jaeger tempo otel "
        "opentelemetry tracing apm instana healthchecksio pager duty relic rule",
    ),
    _subject(
        "logging",
        "kibana splunk syslog graylog loki entries audit journal missing",
        "log logging logger syslog rsyslog syslogng journald journal logback logstash filebeat fluentd fluentbit fluent vector "
        "promtail loki graylog gelf splunk kibana elk beats seq serilog winston nlog auditd audit logrotate loglevel debug verbose "
        "verbosity stdout accesslog errorlog logformat siem sumologic papertrail logdna slowlog auditbeat winlogbeat",
    ),
    _subject(
        "agents",
        "metric monitor slow cpu agent inventory scan load eaten sensor scanner antivirus hungry",
        "agent collector exporter telemetry sidecar daemon scanner antivirus edr fluentd filebeat telegraf otel puppet chef ansible "
        "salt zabbix interval scrape sampling inventory nodeexporter datadogagent dynatrace oneagent newrelic instana wazuh osquery "
        "osqueryd qualys nessus tenable checkmk ocsinventory glpi fusioninventory lansweeper tanium mdatp walinuxagent ssmagent "
        "amazonssmagent guestagent zabbixagent falcon crowdstrike sentinelone auditd profiler instrumentation crowd strike relic",
    ),
    _subject(
        "endpoint protection",
        "antivirus virus quarantine malware blocked defender scan false slow locked crash bluescreen bsod falcon crowdstrike "
        "infected deleted access ransomware",
        "antivirus av edr xdr clamav clamd freshclam clamonacc defender mdatp crowdstrike falcon sentinelone carbonblack cylance "
        "sophos trendmicro deepsecurity mcafee trellix symantec sep eset kaspersky bitdefender signature definitions exclusion "
        "quarantine onaccess fanotify realtime malware applocker allowlisting elasticendpoint cortexxdr wazuh sensor channelfile "
        "scan crowd strike",
    ),
    _subject(
        "configuration management",
        "reverted overwritten reset drift configuration undone",
        "ansible playbook puppet puppetserver hiera chef cookbook knife salt saltstack minion cfengine rudder terraform tofu "
        "opentofu tfstate tfvars pulumi cloudformation bicep crossplane awx tower foreman inventory role manifest template jinja "
        "module dsc packer vagrant groupvars hostvars terragrunt atlantis catalog gitops baseline etckeeper provisioning "
        "convergence task handler",
    ),
    _subject(
        "accelerators",
        "gpu cuda inference model training nvidia prediction tensor llm answers recommendation",
        "gpu cuda cudnn nvidia nvidiasmi driver rocm tensorflow torch pytorch onnx triton vllm inference model mlflow kubeflow "
        "sagemaker vertex ollama openai bedrock mig deviceplugin dcgm nccl infiniband rdma tensorrt huggingface embedding llm "
        "prompt ray tensor",
    ),
    _subject(
        "devices",
        "sensor meter machine plc camera gate door badge terminal scanner lift barrier thermostat kiosk display device telemetry "
        "plant production turnstile charging",
        "mqtt mosquitto plc modbus opcua scada hmi iot iothub lorawan bacnet knx zigbee firmware camera nvr rtsp onvif badge kiosk "
        "display signage ocpp telemetry siemens profinet greengrass device rfid barcode emqx nodered",
    ),
    _subject(
        "hardware",
        "disk fan temperature power hardware degraded raid link ecc dimm beeping smart controller psu overheating amber blinking "
        "dead predictive drive lamp mce sectors",
        "firmware bios raid controller psu nic bmc ipmi idrac ilo xcc cimc redfish array rack power cable sensor smart smartd "
        "smartctl megaraid storcli perc mdadm ssd nvme dimm ecc mcelog edac rasdaemon hba chassis blade ucs poweredge proliant "
        "supermicro fan thermal hotswap backplane bbu battery disk racadm fwupd lvfs",
    ),
    _subject(
        "power and cooling",
        "power outage ups electricity cooling temperature hot heat air conditioning breaker datacenter datacentre generator battery "
        "blackout smoke room fuse dark",
        "ups apc apcupsd nut upsmon pdu generator battery ats cooling hvac crac aircon conditioning breaker power datacenter "
        "datacentre electrical temperature humidity psu powercycle rack circuit wol",
    ),
)

_SPREAD = Counter(word for subject in SUBJECTS for word in subject.symptoms)
TELLING = {word: math.log(len(SUBJECTS) / count) / math.log(len(SUBJECTS)) for word, count in _SPREAD.items()}
"""Word of a complaint → how much it tells fields apart: 1 if it speaks of one, less the more fields people use it for."""

_THINGS = Counter(word for subject in SUBJECTS for word in subject.things)
_SUBJECTS_OF = {word: tuple(subject.name for subject in SUBJECTS if word in subject.things) for word in _THINGS}
_TOLD_OF = {
    word: tuple((name, math.log(len(SUBJECTS) / len(names)) / math.log(len(SUBJECTS))) for name in names) for word, names in _SUBJECTS_OF.items()
}


def subjects_of_symptom(words: Iterable[str]) -> dict[str, float]:
    """The subjects that a complaint's words point to, each with how surely, 0 to 1: how much they tell of it, and beside what they tell most of."""
    known = frozenset(words)
    hits = {subject.name: math.fsum(TELLING[word] for word in subject.symptoms & known) for subject in SUBJECTS}
    most = max(1.0, *hits.values())
    return {name: told / most for name, told in hits.items() if told > 0}


def subjects_of_things(words: Iterable[str]) -> frozenset[str]:
    """The subjects that a change's or difference's words belong to."""
    return frozenset().union(*[_SUBJECTS_OF[word] for word in words if word in _SUBJECTS_OF])


def telling_of_things(word: str) -> Sequence[tuple[str, float]]:
    """The subjects that a word of a change or difference belongs to, each with how much that tells: 1 if it is the only one, else less."""
    return _TOLD_OF.get(word, ())
