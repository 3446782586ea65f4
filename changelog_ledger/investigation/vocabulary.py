"""What words of operations mean, as data: which symptoms point to which subjects, what is risky, what is routine.

General knowledge of the trade, in the words people use; add to it freely. Words are compared in the form that :func:`words_of` gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z]+|\d+")
_LOG_IN = re.compile(r"\b(?:log|sign)[- ](?:in|on)\b")
_STOP = frozenset(
    (
        "the and for with from that this are not all but was were has have its into out one two every each other over after since "
        "still many some can cannot etc conf config srv var usr lib opt yaml yml json host service everything nothing else work "
        "working works does only new old now while when where which there their them then than also any just same very more most less "
        "both few lot off per via use used using seen looks to of in on at is it as by or if be"
    ).split()
)


_SAME = (
    "application:app database:db balancer:lb loadbalancer:lb kubernetes:kube k8s:kube postgresql:postgres pgsql:postgres certificate:cert "
    "firewall:fw authentication:auth authenticate:auth authn:auth configuration:config directory:dir httpd:apache signin:login logon:login signon:login "
    "hostname:name nameserver:dns repository:repo environment:env"
)
"""What people call by two names: ``long:short``."""


@lru_cache(maxsize=65536)
def words_of(text: str) -> frozenset[str]:
    """The words of a text: identifiers split at case, digits and punctuation, lower case, plurals as singulars, without stop words."""
    parts = _WORD.findall(_LOG_IN.sub("login", _CAMEL.sub(" ", text).lower()))
    return frozenset(_meant(part) for part in parts if len(part) > 1 and part not in _STOP)


def _meant(word: str) -> str:
    stemmed = stem(word)
    return _ALIASES.get(stemmed, stemmed)


def stem(word: str) -> str:
    """A word without the endings that matter least (``rules`` → ``rule``, ``removed`` → ``remov``, ``remove`` → ``remov``)."""
    for ending in ("ies", "ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


_ALIASES = {stem(long): stem(short) for long, _, short in (pair.partition(":") for pair in _SAME.split())}


def _set(words: str) -> frozenset[str]:
    return frozenset(_meant(word) for word in words.split())


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


SUBJECTS = (
    Subject(
        "name resolution",
        _set("dns name lookup resolve resolver resolution nxdomain servfail hostname domain"),
        _set(
            "dns bind named unbound resolv resolver dnsmasq zone nameserver forwarder forward coredns kubedns nsd pdns powerdns record hosts nsswitch"
        ),
    ),
    Subject(
        "network",
        _set(
            "unreachable timeout connect connection connectivity latency packet loss reach reset refuse network isolate region remote "
            "tunnel outbound traffic"
        ),
        _set(
            "firewall iptables nftables nft ufw firewalld packet route router routing bgp ospf isis vlan mtu interface network "
            "networkd networking netplan switch openvswitch ovs acl peer prefix loopback nat conntrack gateway vpn wireguard ipsec "
            "bond bridge arp dhcp nic ethernet subnet proxy haproxy balancer keepalived vrrp wan backbone link"
        ),
    ),
    Subject(
        "access",
        _set("login log password session sso denied forbidden 401 403 permission unauthorized account token access authentication"),
        _set(
            "auth authentication authorization ldap pam sssd kerberos krb saml oauth oidc sso session sshd sudo sudoers password "
            "account permission grant role policy token keycloak iam acl selinux apparmor user callback realm issuer"
        ),
    ),
    Subject(
        "certificates",
        _set("certificate tls ssl https handshake expire trust x509 secure"),
        _set("cert certificate tls ssl ca pem cipher openssl acme letsencrypt truststore keystore pki crl ocsp"),
    ),
    Subject(
        "mail",
        _set("mail email smtp notification inbox bounce"),
        _set("mail exim postfix mx smtp sendmail dkim spf dmarc dovecot mta relay imap mailer"),
    ),
    Subject(
        "web serving",
        _set("500 502 503 504 5xx http fatal page exception error feed api xml render site"),
        _set(
            "nginx apache httpd varnish vcl php waf proxy backend upstream rewrite vhost release deploy settings localsettings "
            "initialise feature mediawiki wordpress tomcat gunicorn uwsgi template extension"
        ),
        risky=False,
    ),
    Subject(
        "redirects",
        _set("301 302 307 308 redirect loop"),
        _set("redirect rewrite vcl vhost https hsts varnish proto trust forward"),
        risky=False,
    ),
    Subject(
        "load",
        _set("cpu load slow saturate saturation exhaust memory oom swap performance hang"),
        _set("limit worker pool thread regex rule index query kernel sysctl cgroup heap gc jvm ulimit quota capacity scale search managed scheduler"),
    ),
    Subject(
        "storage",
        _set("disk space storage io readonly filesystem mount volume inode full"),
        _set("disk storage lvm raid zfs ceph nfs iscsi mount fstab volume multipath san fs filesystem partition"),
    ),
    Subject(
        "database",
        _set("database query sql deadlock replication lag row transaction store"),
        _set(
            "db database mysql mariadb postgres postgresql sql replica replication schema migration grant clickhouse redis memcached "
            "mongodb index table"
        ),
    ),
    Subject(
        "containers",
        _set("pod container node cluster kubectl docker image orchestration"),
        _set(
            "kubernetes kube kubelet apiserver containerd docker runc cri cni calico cilium flannel helm etcd cgroup control plane "
            "ingress k8s podman swarm systemd daemonset"
        ),
    ),
    Subject(
        "removal",
        _set("missing gone lost 404 vanish disappear absent notfound found"),
        _set("remove removal delete drop purge rename move migrate migration retire prune clean cleanup disable uninstall"),
        risky=False,
    ),
    Subject(
        "time",
        _set("clock skew ntp drift timestamp"),
        _set("chrony ntp ntpd timesyncd timezone tz clock leap"),
        risky=False,
    ),
    Subject(
        "base system",
        _set("boot reboot crash panic kernel restart"),
        _set("kernel systemd libc glibc openssl udev initramfs grub dbus firmware microcode boot reboot bios driver module init os hypervisor"),
    ),
)

HARMLESS = _set(
    "dashboard grafana prometheus alert alertmanager threshold probe metric monitoring logrotate logging rotation motd readme "
    "comment whitespace lint typo doc documentation report translation i18n blackbox exporter retention label wording "
    "journald annotation backup cron timer ttl"
)
"""Words of work that seldom breaks anything at run time."""

ROUTINE = re.compile(
    r"\b(?:backup|snapshot|job|cleanup|scan|check)\b.*\b(?:finished|completed|done|ok|removed)\b|\bno changes?\b|\bnothing to do\b|\brenewed\b"
    r"|\brotat(?:ed|ion)\b"
    r"|\blogrotate\b|\blogged (?:in|out)\b|\bopened a\b|\bsession (?:opened|closed)\b|\blease\b|\bheartbeat\b|\bconfiguration agent run\b",
    re.IGNORECASE,
)
"""Observations that every host makes every day."""

STOPPED = re.compile(
    r"\b(?:stopped|disabled|masked|killed|crashed|exited|shut ?down|down|failed|removed|purged|uninstalled|deleted|unmounted)\b", re.IGNORECASE
)
"""Something that ran and does not run any more."""

MORE_ROOM = re.compile(
    r"\b(?:rais\w*|increas\w*|larger|longer|extend\w*|bump\w*|enlarg\w*|more)\b.{0,40}"
    r"\b(?:limits?|size|pool|quotas?|time-?outs?|table|memory|heap|workers?|capacity|ttl|retention|interval|buffers?|life|space|replicas?|threads|partitions?)\b",
    re.IGNORECASE,
)
"""Work that gives more room: it seldom takes away what worked."""

OUT_OF_USE = re.compile(
    r"\b(?:unused|obsolete|no longer|retired|decommission\w*|departed|deprecated|former|stale|leftovers?|dead code)\b", re.IGNORECASE
)
"""Work on what is said to be out of use."""

ANOMALY = re.compile(r"\b\d{2,}\s?(?:percent\b|%)|\b(?:exceed\w*|spike\w*|surge\w*|unusual\w*|abnormal\w*|anomal\w*|flapping)\b", re.IGNORECASE)
"""Observations of a figure that is not as it always is."""

EVERYWHERE = re.compile(
    r"\b(?:all|every|everywhere|everything|everyone|everybody|both|global\w*|worldwide|fleet|most|whole|entire\w*|nationwide|regions?|states"
    r"|at once)\b",
    re.IGNORECASE,
)
"""Words of a symptom that say it is everywhere: then what was done everywhere is likelier."""

LATE = re.compile(
    r"\b(?:customers?|users?|people|clients?|partners?) (?:report|say|complain|tell|told|wrote|call)|\breported by (?:customers?|users?)"
    r"|\bsince (?:the |this |last )?(?:evening|morning|night|weekend|yesterday|days?|week)|\bfor (?:days|hours)\b",
    re.IGNORECASE,
)
"""Words of a symptom that say it was noticed some time after it began: the onset is when somebody said so."""

GENERAL = _set(
    "minute hour second first last value since evening morning night today yesterday thousand hundred week day report reported user customer "
    "people show get give return start lose problem error fail failing failed failure request page seen check rate part thing again begin began time "
    "several region once state global everywhere"
)
"""Words that complaints have whatever is broken."""


def subjects_of_symptom(words: Iterable[str]) -> dict[str, int]:
    """The subjects that a complaint's words point to, each with how many of its words do."""
    known = frozenset(words)
    hits = {subject.name: len(subject.symptoms & known) for subject in SUBJECTS}
    return {name: count for name, count in hits.items() if count}


def subjects_of_things(words: Iterable[str]) -> frozenset[str]:
    """The subjects that a change's or difference's words belong to."""
    known = frozenset(words)
    return frozenset(subject.name for subject in SUBJECTS if subject.things & known)


RISKY_SUBJECTS = frozenset(subject.name for subject in SUBJECTS if subject.risky)

THINGS = {subject.name: subject.things for subject in SUBJECTS}
"""Subject → the words that name what belongs to it."""
