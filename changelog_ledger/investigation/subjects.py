"""Fields of operations, as data: by which words people complain when a field is broken, and by which words one knows what belongs to it.

General knowledge of the trade, in the words people use; add to it freely. Words are compared in the form that
:func:`~changelog_ledger.investigation.vocabulary.words_of` gives.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from changelog_ledger.investigation.vocabulary import word_set


@dataclass(frozen=True, slots=True)
class Subject:
    """A field of operations.

    :ivar symptoms: words by which users complain when it is broken.
    :ivar things: words that name what belongs to it: in titles, categories, paths, keys, packages.
    :ivar risky: whether touching it takes services down more often than other things do.
    """

    name: str
    symptoms: frozenset[str]
    things: frozenset[str]
    risky: bool = True


def _subject(name: str, symptoms: str, things: str, *, risky: bool = True) -> Subject:
    return Subject(name, word_set(symptoms), word_set(things), risky)


SUBJECTS = (
    _subject(
        "name resolution",
        "dns name lookup resolve resolver resolution nxdomain servfail hostname domain unknown getaddrinfo address temporary enotfound internal",
        "dns bind named unbound resolv resolver dnsmasq zone nameserver forwarder forward coredns kubedns nsd pdns powerdns record cname "
        "soa hosts nsswitch ttl serial",
    ),
    _subject(
        "packet filtering",
        "connect connection timeout unreachable refuse block port reach telnet network reset drop outbound inbound partner cannot blocked "
        "dead reachable",
        "firewall iptables nftables nft ufw firewalld packet acl port chain accept deny allow allowlist whitelist ipset conntrack "
        "security rule dmz zone source range tighten close open legacy iptables-restore",
    ),
    _subject(
        "routing",
        "unreachable timeout latency packet loss reach route network isolate region remote tunnel outbound traffic connectivity vpn site "
        "branch traceroute asymmetric location office",
        "route router routing bgp ospf isis gateway peer prefix loopback nat vpn wireguard ipsec tunnel subnet uplink wan backbone link "
        "policy frr bird vrf asn transit",
    ),
    _subject(
        "interfaces",
        "packet loss slow large hang stall upload download flap network disconnect fragment drop transfer big freeze kilobytes",
        "mtu jumbo nic ethernet bond bridge interface network networkd networking netplan ifcfg dhcp arp vlan switch lacp openvswitch ovs "
        "duplex offload driver ethtool port speed negotiation ens eth cabling transceiver renegotiate",
    ),
    _subject(
        "balancing",
        "502 503 504 unavailable backend upstream intermittent flap half uneven connection rotation server thrown out failover sticky flaky",
        "lb haproxy keepalived vrrp vip health healthcheck check backend pool upstream weight drain member ingress traefik envoy probe "
        "sticky failover readiness pooled rise fall algorithm slowstart",
    ),
    _subject(
        "proxies",
        "504 502 timeout gateway slow long large upload 413 cut abort hang websocket break seconds",
        "proxy haproxy squid envoy timeout keepalive buffer body read idle gateway nginx traefik header waf varnish forward keep alive "
        "buffering http2 compress cache body-size",
    ),
    _subject(
        "web serving",
        "500 502 503 504 5xx http fatal page exception error feed api xml render site blank white website browser broken layout load",
        "nginx apache varnish vcl php fpm waf upstream rewrite vhost settings localsettings initialise mediawiki wordpress tomcat "
        "gunicorn uwsgi template extension static asset webserver mod csp cors robots cookie compression gzip header",
        risky=False,
    ),
    _subject(
        "redirects",
        "301 302 307 308 redirect loop",
        "redirect rewrite vcl vhost https hsts varnish proto trust forward canonical",
        risky=False,
    ),
    _subject(
        "access",
        "login log password session sso denied forbidden 401 403 unauthorized account token access authentication logged out signed "
        "kicked nobody allowed credentials bounced",
        "auth authorization saml oauth oidc sso session cookie keycloak iam account user role login callback realm issuer identity mfa "
        "otp claim token grant permission password lockout provider lifetime idp profile",
    ),
    _subject(
        "directory services",
        "login user group password unknown ssh shell sudo account cannot home nobody names",
        "ldap pam sssd nss nsswitch kerberos krb krb5 keytab ad dn basedn uid gid group sudo sudoers nscd freeipa winbind mapping nested "
        "filter search base domain controller provider",
    ),
    _subject(
        "rights on files",
        "permission denied forbidden 403 read write open upload save access allowed avc cannot rights permitted socket",
        "permission mode owner chmod chown selinux apparmor enforcing context acl umask capability seccomp setfacl sticky group profile "
        "modes setuid tighten enforce hardening baseline apparmor-profiles",
    ),
    _subject(
        "secrets",
        "401 403 denied invalid token credential key signature unauthorized authentication rejected password credentials mismatch api bad auth",
        "secret token password credential key vault rotate rotation hmac jwt apikey signing passphrase keyring service vault-agent kms iam",
    ),
    _subject(
        "certificates",
        "certificate tls ssl https expire trust x509 secure warning browser handshake verify valid invalid untrusted insecure padlock pkix expired",
        "certs cert ca pem acme letsencrypt certbot truststore keystore pki crl ocsp renew renewal intermediate bundle root san chain fullchain",
    ),
    _subject(
        "encryption in transit",
        "handshake tls ssl protocol cipher client old https secure connection negotiate version terminal",
        "libssl libgnutls nss mbedtls baseline tls ssl cipher protocol openssl gnutls tlsv1 minprotocol dhparam curve sni mtls stunnel "
        "suites hsts protocols client certificates",
    ),
    _subject(
        "mail",
        "mail email smtp notification inbox bounce newsletter confirmation spam",
        "mail exim postfix mx smtp sendmail dkim spf dmarc dovecot mta relay imap mailer smarthost opendkim rspamd alias relaying "
        "greylist recipient restrict sender",
    ),
    _subject(
        "processor load",
        "cpu load slow saturate saturation exhaust performance hang response 100 busy crawl sluggish high fan slowly spin pegged",
        "cpu worker pool thread regex rule query process cgroup nice governor scheduler scale replicas autoscale concurrency parallel managed search",
    ),
    _subject(
        "memory",
        "memory oom swap kill restart crash exhaust slow heap killed pause gc outofmemory leak freeze",
        "heap xmx jvm gc memory oom swap cgroup leak opts buffer shared hugepages swappiness malloc limit collector garbage java options",
    ),
    _subject(
        "limits",
        "limit exhaust refuse open files many descriptors sockets connection reject new accept emfile fork busy",
        "limit ulimit nofile somaxconn backlog connections worker max fd socket conntrack sysctl systemd tasksmax file descriptor limits nproc",
    ),
    _subject(
        "connection pools",
        "timeout wait exhaust slow database pool connection many hang checkout used acquire borrow slots",
        "pool pgbouncer hikari datasource connections pgpool dbcp max idle jdbc proxysql odyssey",
    ),
    _subject(
        "disk space",
        "disk space full write left save upload enospc inode storage filled",
        "disk log retention tmp volume lvm quota inode journald dump cleanup snapshot logrotate archive spool core rotate debug verbose level",
    ),
    _subject(
        "storage",
        "storage io readonly filesystem mount volume file missing stale hang share attachment image picture document upload download "
        "pictures write shared",
        "storage mount fstab nfs iscsi san multipath ceph lvm raid zfs export share volume fs filesystem partition autofs cifs samba s3 "
        "bucket gluster minio lun attach rebuild replace driver automount option",
    ),
    _subject(
        "database",
        "database query sql deadlock lock row transaction store data deadlocks locked statement",
        "db mysql mariadb postgres sql grant clickhouse mongodb oracle mssql table tablespace vacuum query optimizer innodb cassandra "
        "sqlite statement isolation split sequence lock partition timeout plan",
    ),
    _subject(
        "schema",
        "column table sql 500 error exception unknown field save missing relation does exist insert",
        "migration schema alter column index table ddl flyway liquibase alembic constraint migrate view trigger",
    ),
    _subject(
        "replication",
        "stale old lag data replication read inconsistent behind outdated different just saved",
        "replica replication standby secondary primary wal binlog failover slot galera repmgr patroni sync async read",
    ),
    _subject(
        "caches",
        "stale old slow outdated yesterday wrong content miss cached price prices shown refresh",
        "cache redis memcached varnish ttl purge invalidate eviction maxmemory cdn key expire warm session memory policy sessions warmup expiry",
    ),
    _subject(
        "queues",
        "queue backlog delay late stuck pending process message order arrive hours waiting notification event orders processed pile "
        "shipped send sent webhooks twice",
        "queue rabbitmq kafka amqp topic partition consumer prefetch broker sqs celery sidekiq worker mq activemq nats exchange vhost "
        "offset event deadletter ack replay dlq scaled durable ttl",
    ),
    _subject(
        "scheduled jobs",
        "report nightly run job cron batch export import invoice morning statement file invoices overnight did arrived reports imports "
        "daily twice missing double",
        "cron crontab timer job schedule batch airflow anacron quartz nightly task rundeck jenkins scheduler stagger window etl import "
        "export overlap",
    ),
    _subject(
        "search",
        "search result empty find found hit suggestion finds products catalogue hits",
        "search elasticsearch opensearch solr index mapping shard lucene analyzer reindex sphinx cirrus synonym boost clause replicas "
        "synonyms suggest",
    ),
    _subject(
        "feature switches",
        "feature button menu missing disappear option tab gone new beta hide show appears sees shown checkout hidden",
        "flag feature toggle launchdarkly percent experiment variant unleash switch rollout enable disable beta canary ab percentage "
        "launch list json config",
    ),
    _subject(
        "releases",
        "release error 500 broken blank exception bug crash regress wrong update version null nullpointer",
        "release deploy deployment version build artifact rollout hotfix image tag jar war bundle promote pipeline helm chart canary "
        "rollback assets frontend backend api migration-free",
    ),
    _subject(
        "libraries and runtimes",
        "crash import module symbol undefined segfault traceback start exception error class version shared object importerror abi "
        "loading segmentation",
        "library lib libc glibc python php node npm pip gem ruby java jre jdk runtime dependency package composer dotnet perl openjdk "
        "libssl venv so upgrade interpreter abi base",
    ),
    _subject(
        "containers",
        "pod container node cluster kubectl docker image orchestration crashloop evicted scheduled pending pull schedule ready evict",
        "kube kubelet apiserver containerd docker runc cri cni calico cilium flannel helm etcd cgroup control plane ingress podman swarm "
        "daemonset namespace pod registry compose resource requests toleration taint affinity statefulset deployment configmap mesh istio "
        "hpa cordon drain evict base layer readiness liveness",
    ),
    _subject(
        "removal",
        "missing gone lost 404 vanish disappear absent notfound found",
        "remove removal delete drop purge rename move migrate migration retire prune clean cleanup disable uninstall",
        risky=False,
    ),
    _subject(
        "time",
        "clock skew ntp drift timestamp time date token expired future hour wrong valid minutes ahead timestamps kerberos",
        "chrony ntp ntpd timesyncd timezone tz clock leap tzdata ptp localtime utc offset role zone",
    ),
    _subject(
        "base system",
        "boot reboot crash panic kernel restart freeze hang hung boots unresponsive",
        "kernel systemd libc glibc udev initramfs grub dbus firmware microcode boot reboot bios driver module init os hypervisor sysctl "
        "linux parameter cmdline initrd live patch kexec watchdog image modules tuned",
    ),
    _subject(
        "virtual machines",
        "vm guest machine virtual hang freeze storage migrate host hosts guests",
        "hypervisor kvm libvirt qemu vmware esx openvswitch vm guest proxmox xen virtio cloud image flavor",
    ),
    _subject(
        "outside services",
        "payment card provider external api third partner checkout sms map webhook supplier delivery shipping gateway pay payments paypal "
        "tracking rates",
        "payment provider webhook api endpoint callback stripe paypal sandbox external partner integration vendor url egress",
    ),
    _subject(
        "rates",
        "429 throttle many request slow quota limit",
        "rate throttle quota burst limit limiter fail2ban bot waf",
    ),
    _subject(
        "characters",
        "garbled character umlaut encoding question mark letter language",
        "locale charset utf8 encoding collation latin1 lang unicode i18n",
        risky=False,
    ),
    _subject(
        "file transfer",
        "sftp ftp transfer upload download file partner deliver partners files picked",
        "sftp ftp vsftpd proftpd sshd chroot rsync authorized known kex hostkey ssh transfer",
    ),
    _subject(
        "agents",
        "metric monitor slow cpu agent inventory scan gone load eaten high",
        "agent collector exporter telemetry sidecar daemon scanner antivirus edr fluentd filebeat telegraf otel puppet chef ansible salt "
        "zabbix interval scrape sampling inventory",
    ),
    _subject(
        "hardware",
        "disk fan temperature power hardware failed degraded raid link",
        "firmware bios raid controller psu nic bmc idrac ilo array rack power cable sensor smart",
        risky=False,
    ),
)

_SPREAD = Counter(word for subject in SUBJECTS for word in subject.symptoms)
TELLING = {word: math.log(len(SUBJECTS) / count) / math.log(len(SUBJECTS)) for word, count in _SPREAD.items()}
"""Word of a complaint → how much it tells fields apart: 1 if it speaks of one, less the more fields people use it for."""

_SUBJECTS_OF = {
    word: tuple(subject.name for subject in SUBJECTS if word in subject.things) for word in frozenset().union(*(each.things for each in SUBJECTS))
}

THINGS = {subject.name: subject.things for subject in SUBJECTS}
"""Subject → the words that name what belongs to it."""

RISKY_SUBJECTS = frozenset(subject.name for subject in SUBJECTS if subject.risky)


def subjects_of_symptom(words: Iterable[str]) -> dict[str, float]:
    """The subjects that a complaint's words point to, each with how surely, 0 to 1."""
    known = frozenset(words)
    hits = {subject.name: math.fsum(TELLING[word] for word in subject.symptoms & known) for subject in SUBJECTS}
    return {name: min(1.0, told) for name, told in hits.items() if told > 0}


def subjects_of_things(words: Iterable[str]) -> frozenset[str]:
    """The subjects that a change's or difference's words belong to."""
    return frozenset().union(*[_SUBJECTS_OF[word] for word in words if word in _SUBJECTS_OF])
