"""The trades of operations: what is done in each, in which files, by which packages, and how tired people complain when it goes wrong.

Written from experience of outages, and independently of the program's own vocabulary: a benchmark that takes its words from what it grades would
grade its own answers. Innocent work is drawn from the same table as culprits, so that words alone decide nothing.

In texts ``{service}`` is a service, ``{host}`` a host, ``{n}`` a number, ``{value}`` a setting's value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in one file.

    :ivar text: the whole file, with ``{value}`` where the setting stands.
    :ivar values: what it may be; none of them is by itself right or wrong.
    """

    path: str
    text: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of work.

    :ivar roles: of which hosts; ``any`` for work that every host knows.
    :ivar symptoms: how people describe its failures.
    :ivar titles: of logged changes.
    :ivar events: what logs say when it is done by hand or by a machine: ``what`` and a summary.
    :ivar triggers: what may give it effect later: ``restart``, ``reboot``, ``failover``, ``expiry``, ``job``.
    :ivar item: what a checklist calls it.
    """

    name: str
    roles: tuple[str, ...]
    symptoms: tuple[str, ...]
    titles: tuple[str, ...]
    settings: tuple[Setting, ...]
    events: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ("restart",)
    item: str = ""
    habit: float = 0.2
    """How often its files change in a quarter, relative to the busiest trade."""


VAGUE = (
    "{service} down",
    "{service} does not work",
    "shop slow since 9",
    "customers complain about {service}",
    "users cannot work",
    "{service} very slow",
    "errors on {service}, started a few minutes ago",
    "phones are ringing, {service} broken for many",
    "everything red",
    "{service} flaky, sometimes ok sometimes not",
    "monitoring says {service} critical",
    "500s",
    "no idea, {service} just stopped",
    "some customers report problems, others fine",
    "timeouts",
)
"""Complaints that name no trade."""

DESCRIPTIONS = (
    "Reviewed in the weekly meeting.",
    "Same step was done on the test hosts last week.",
    "Asked for by the business, see ticket.",
    "Second part of the move.",
    "Needs a reload, no restart.",
    "Clean-up, no functional change meant.",
    "Small batch first, rest after ten minutes.",
)

MOVES = ("Move {service} to {host}", "New machine for {service}", "Rename {service}", "Take {host} into service")
"""Titles of moves, of which an item may be forgotten."""

FORGOTTEN = ("firewall", "name records", "certificates", "permissions", "mail flow", "storage", "secrets", "user profiles", "jobs")
"""The items among those of the trades that a move can forget."""

TRADES: tuple[Trade, ...] = (
    Trade(
        "firewall",
        ("fw", "any"),
        (
            "connections to {service} time out from some networks",
            "cannot reach {service} from the office, ping works",
            "partner says connection refused since this morning",
            "port closed? telnet hangs",
            "{service} unreachable from outside",
        ),
        (
            "Tighten rules for {service}",
            "Remove old address ranges from the filter of {host}",
            "Open port {n} for {service}",
            "Firewall: clean up unused rules",
            "Allow new office network",
            "Drop legacy partner access",
        ),
        (
            Setting(
                "/etc/nftables.conf",
                "table inet filter {{\n  chain input {{\n    type filter hook input priority 0; policy drop;\n"
                "    tcp dport 22 accept\n    tcp dport {value} accept\n  }}\n}}\n",
                ("443", "8443", "5432", "8080", "9200", "3306"),
            ),
            Setting(
                "/etc/sysconfig/iptables",
                "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -s {value} -j ACCEPT\nCOMMIT\n",
                ("10.0.0.0/8", "10.1.0.0/16", "192.168.4.0/22", "172.16.9.0/24"),
            ),
        ),
        (("command-run", "nft -f /etc/nftables.conf"), ("policy-change", "security group of {service} replaced")),
        ("nftables", "iptables"),
        ("nftables.service",),
        ("reboot", "restart"),
        "firewall",
        0.5,
    ),
    Trade(
        "dns",
        ("dns",),
        (
            "host not found errors in {service}",
            "names do not resolve",
            "{service} resolves to the wrong address",
            "intermittent NXDOMAIN for internal names",
            "works with the IP, not with the name",
        ),
        (
            "Move {service} record to new address",
            "Clean up zone of the old data centre",
            "Lower TTL before the move of {service}",
            "Delegate subzone for {service}",
            "Switch resolvers to the new pair",
        ),
        (
            Setting(
                "/etc/bind/db.internal",
                "$TTL 300\n@ IN SOA ns1 admin 20{value} 3600 900 604800 300\n@ IN NS ns1\nns1 IN A 10.0.0.2\napi IN A 10.0.0.{value}\n",
                ("21", "34", "57", "63", "88"),
            ),
            Setting(
                "/etc/resolv.conf", "search example.net\nnameserver {value}\noptions timeout:1\n", ("10.0.0.2", "10.0.0.3", "10.9.0.53", "127.0.0.53")
            ),
        ),
        (("data-refresh", "zone internal reloaded, serial {n}"), ("config-run", "resolver configuration rendered from inventory")),
        ("bind9", "unbound"),
        ("named.service", "unbound.service"),
        ("restart", "failover"),
        "name records",
        0.9,
    ),
    Trade(
        "certificate",
        ("lb", "web", "mail", "auth"),
        (
            "browser warns about an insecure connection",
            "certificate expired message on {service}",
            "API clients fail with x509 errors",
            "mobile app refuses to connect to {service}",
            "handshake errors since midnight",
        ),
        (
            "Renew certificate of {service}",
            "Replace intermediate on {host}",
            "Switch {service} to the wildcard certificate",
            "Rotate certificates of the edge",
        ),
        (
            Setting(
                "/etc/ssl/{service}.conf",
                "certificate = /etc/ssl/certs/{value}.pem\nkey = /etc/ssl/private/{value}.key\n",
                ("wildcard-2024", "wildcard-2025", "edge-a", "edge-b", "internal-ca"),
            ),
        ),
        (("cert-renewed", "certificate of {service} renewed automatically"), ("job-run", "acme client run finished")),
        ("ca-certificates", "certbot"),
        ("nginx.service", "haproxy.service"),
        ("expiry", "restart"),
        "certificates",
        0.3,
    ),
    Trade(
        "tls",
        ("lb", "web", "mail", "db"),
        (
            "old clients cannot connect any more",
            "ssl handshake failure from partner",
            "protocol version error when calling {service}",
            "{service} rejects half of the connections, no cipher in common?",
        ),
        (
            "Disable old protocol versions on {service}",
            "Harden ciphers on {host}",
            "Require client certificates for {service}",
            "Security baseline: TLS settings",
        ),
        (
            Setting(
                "/etc/nginx/snippets/tls.conf",
                "ssl_protocols {value};\nssl_prefer_server_ciphers on;\n",
                ("TLSv1.1 TLSv1.2", "TLSv1.2", "TLSv1.2 TLSv1.3", "TLSv1.3"),
            ),
        ),
        (("config-run", "baseline role applied 3 resources"),),
        ("openssl", "libssl3"),
        ("nginx.service",),
        ("restart",),
        "certificates",
        0.2,
    ),
    Trade(
        "limits",
        ("web", "app", "db"),
        (
            "too many open files in the log of {service}",
            "{service} refuses new connections at peak",
            "cannot fork, resource temporarily unavailable",
            "{service} dies under load",
        ),
        (
            "Set process limits for {service}",
            "Tune worker limits on {host}",
            "Lower memory ceiling of {service}",
            "Align limits with the standard image",
        ),
        (
            Setting("/etc/security/limits.d/90-app.conf", "app soft nofile {value}\napp hard nofile {value}\n", ("1024", "4096", "16384", "65536")),
            Setting(
                "/etc/systemd/system/app.service.d/limits.conf",
                "[Service]\nLimitNOFILE={value}\nTasksMax=4915\n",
                ("1024", "8192", "32768", "infinity"),
            ),
        ),
        (("quota-change", "process quota of {service} set by automation"),),
        ("systemd",),
        ("app.service",),
        ("restart", "reboot"),
        "capacity",
        0.25,
    ),
    Trade(
        "heap",
        ("app", "search"),
        (
            "{service} freezes for seconds again and again",
            "OutOfMemoryError",
            "{service} gets slower until it is restarted",
            "long pauses, requests pile up",
        ),
        ("Raise heap of {service}", "Switch garbage collector of {service}", "Java options for {host}", "Return memory after campaign"),
        (Setting("/etc/{service}/jvm.options", "-Xms1g\n-Xmx{value}\n-XX:+UseG1GC\n", ("1g", "2g", "4g", "8g", "16g")),),
        (("service-restarted", "{service}-jvm restarted by systemd, killed by the kernel"),),
        ("openjdk-17-jre-headless",),
        ("app.service",),
        ("restart",),
        "capacity",
        0.3,
    ),
    Trade(
        "migration",
        ("db",),
        (
            "orders cannot be saved",
            "unknown column errors in {service}",
            "{service} hangs, many waiting queries",
            "checkout fails with a database error",
            "locks, nothing gets through",
        ),
        (
            "Add column to orders for {service}",
            "Drop unused tables of {service}",
            "Backfill customer ids",
            "Split table events by month",
            "Run migration {n} on {service}",
        ),
        (Setting("/srv/schema/{service}.version", "version: {value}\n", ("118", "119", "120", "121", "122")),),
        (("job-run", "migration {n} of {service} finished"), ("command-run", "online schema change on {host} started")),
        ("pt-online-schema-change",),
        ("postgresql.service",),
        ("restart",),
        "database",
        0.6,
    ),
    Trade(
        "database settings",
        ("db",),
        (
            "{service}: FATAL too many clients",
            "database at 100 percent, queries take forever",
            "reports never finish",
            "application waits for a connection from the pool",
        ),
        (
            "Adjust memory of the database on {host}",
            "Set statement limit for {service}",
            "Connection pool of {service}",
            "Enable query logging on {host}",
        ),
        (
            Setting(
                "/etc/postgresql/15/main/postgresql.conf",
                "max_connections = {value}\nshared_buffers = 4GB\nwork_mem = 32MB\n",
                ("80", "100", "200", "400"),
            ),
            Setting("/etc/mysql/conf.d/tuning.cnf", "[mysqld]\ninnodb_buffer_pool_size = {value}\nwait_timeout = 600\n", ("2G", "4G", "12G", "24G")),
        ),
        (("failover", "primary of {service} moved to {host}"),),
        ("postgresql-15", "mariadb-server"),
        ("postgresql.service", "mariadb.service"),
        ("restart", "failover"),
        "database",
        0.3,
    ),
    Trade(
        "feature flag",
        ("app", "web"),
        (
            "new page appears for some customers only and is broken",
            "button pay does nothing",
            "{service}: customers see the wrong prices",
            "part of the users get a blank page",
        ),
        (
            "Enable new checkout for ten percent",
            "Turn on flag {n} in {service}",
            "Switch off old basket in {service}",
            "Roll out search suggestions to everybody",
        ),
        (
            Setting(
                "/srv/config/flags/{service}.yaml",
                "new_checkout: {value}\nsuggestions: true\nbeta_menu: false\n",
                ("false", "true", "10", "50", "100"),
            ),
        ),
        (("policy-change", "flag {n} for {service} switched by console"), ("data-refresh", "flag list of {service} published")),
        (),
        (),
        ("restart",),
        "users informed",
        1.0,
    ),
    Trade(
        "permission",
        ("any", "app", "storage"),
        (
            "permission denied when uploading",
            "{service} cannot write its files",
            "403 for everybody in accounting",
            "nightly export: access denied",
        ),
        ("Tighten file modes on {host}", "Remove write access of group web", "Review of rights for {service}", "New service account for {service}"),
        (
            Setting(
                "/etc/sudoers.d/app",
                "app ALL=(root) NOPASSWD: {value}\n",
                ("/usr/bin/systemctl reload app", "/usr/bin/systemctl restart app", "/usr/local/sbin/rotate"),
            ),
            Setting("/etc/group", "root:x:0:\nadm:x:4:\nwww-data:x:33:{value}\n", ("app", "app,deploy", "deploy", "nobody")),
        ),
        (("policy-change", "role of {service} replicated"), ("command-run", "chown -R below /srv")),
        ("acl", "passwd"),
        (),
        ("restart", "job"),
        "permissions",
        0.3,
    ),
    Trade(
        "route",
        ("fw",),
        (
            "site B cannot reach {service}",
            "packets vanish between the sites",
            "half of the network unreachable",
            "latency to {service} tripled",
            "vpn users cannot get in",
        ),
        ("Prefer second uplink", "Announce prefix {n} to the new peer", "Static routes for the partner network", "Withdraw old default on {host}"),
        (
            Setting(
                "/etc/frr/frr.conf",
                "router bgp 65010\n neighbor 10.255.0.1 remote-as 65020\n neighbor 10.255.0.1 maximum-prefix {value}\n",
                ("100", "500", "5000", "20000"),
            ),
        ),
        (("bgp-change", "session with AS65020 re-established"), ("link-state", "port 3/{n} went down and up")),
        ("frr",),
        ("frr.service",),
        ("failover", "restart"),
        "network",
        0.4,
    ),
    Trade(
        "mtu",
        ("fw", "any"),
        (
            "small requests work, large ones hang",
            "file transfers stall after some kilobytes",
            "ssh connects but freezes",
            "{service} hangs on big pages only",
        ),
        ("Jumbo frames on the storage network", "Interface settings of {host}", "Replace tunnel to the second site", "Move {host} to the new switch"),
        (Setting("/etc/network/interfaces.d/uplink", "auto ens3\niface ens3 inet dhcp\n    mtu {value}\n", ("1400", "1450", "1500", "9000")),),
        (("link-state", "ens3 renegotiated"), ("hardware", "transceiver replaced in port {n}")),
        ("ifupdown", "netplan.io"),
        ("networking.service",),
        ("reboot", "restart"),
        "network",
        0.15,
    ),
    Trade(
        "disk",
        ("any",),
        (
            "no space left on device",
            "{service} cannot write, read-only?",
            "database stopped, disk full",
            "uploads fail, logs are huge",
        ),
        ("Keep logs of {service} longer", "Debug logging on {host}", "Move spool to the data volume", "Shrink volume of {host}"),
        (Setting("/etc/logrotate.d/app", "/var/log/app/*.log {{\n  rotate {value}\n  weekly\n  compress\n}}\n", ("4", "8", "14", "52", "365")),),
        (("backup", "backup of {host} finished, {n} GB"), ("job-run", "tmp cleanup removed {n} files")),
        ("logrotate",),
        ("rsyslog.service",),
        ("job", "restart"),
        "monitoring",
        0.6,
    ),
    Trade(
        "time",
        ("any", "auth"),
        (
            "tokens rejected as not yet valid",
            "clock skew too great",
            "timestamps off by an hour in {service}",
            "one-time passwords do not work",
        ),
        ("New time servers", "Switch {host} to chrony", "Time zone of {host} to UTC", "Time synchronisation over the management network"),
        (
            Setting(
                "/etc/chrony/chrony.conf",
                "server {value} iburst\ndriftfile /var/lib/chrony/drift\nmakestep 1 3\n",
                ("ntp1.example.net", "ntp2.example.net", "10.0.0.123", "pool.example.org"),
            ),
        ),
        (("config-run", "time role applied on {host}"),),
        ("chrony", "tzdata"),
        ("chrony.service",),
        ("reboot", "restart"),
        "monitoring",
        0.1,
    ),
    Trade(
        "kernel",
        ("any",),
        (
            "{host} gone, does not come back",
            "servers reboot by themselves",
            "network drivers? packet loss on several machines",
            "machines hang under load since last night",
        ),
        ("Kernel update on {host}", "Boot parameters of {host}", "Live patch for all hosts", "Sysctl baseline"),
        (
            Setting(
                "/etc/sysctl.d/60-base.conf",
                "net.core.somaxconn = {value}\nvm.swappiness = 10\nnet.ipv4.ip_forward = 0\n",
                ("128", "1024", "4096", "65535"),
            ),
        ),
        (("node-state", "{host} became ready"), ("hardware", "correctable memory error on bank {n}")),
        ("linux-image-amd64", "linux-modules-extra"),
        ("systemd-networkd.service",),
        ("reboot",),
        "reboot tried",
        0.2,
    ),
    Trade(
        "library",
        ("any",),
        (
            "{service} crashes at start",
            "symbol lookup error",
            "segfaults in {service} since the night",
            "workers die one after the other",
        ),
        ("Security updates on {host}", "Install {n} pending updates", "Upgrade runtime of {service}", "Pin libraries on {host}"),
        (
            Setting(
                "/etc/apt/preferences.d/pins",
                "Package: *\nPin: release a={value}\nPin-Priority: 900\n",
                ("stable", "stable-security", "testing", "backports"),
            ),
        ),
        (("content-update", "content update {n} for the endpoint agent received"),),
        ("libc6", "libcurl4", "zlib1g", "libxml2", "libsystemd0"),
        ("app.service", "nginx.service"),
        ("restart", "reboot"),
        "tested on one host",
        0.3,
    ),
    Trade(
        "cron",
        ("batch", "any"),
        (
            "nightly report did not arrive",
            "invoices were sent twice",
            "import of {service} did not run",
            "every full hour {service} is slow",
        ),
        ("Move report from cron to a timer", "Run import of {service} hourly", "Clean-up job on {host}", "Stagger nightly jobs"),
        (Setting("/etc/cron.d/nightly", "{value} * * * root /usr/local/sbin/nightly\n", ("15 3", "0 2", "30 4", "*/10 *", "0 *")),),
        (("job-run", "nightly on {host} took {n} minutes"), ("job-run", "import of {service} started by hand")),
        ("cron",),
        ("cron.service",),
        ("job",),
        "jobs",
        0.5,
    ),
    Trade(
        "proxy time-out",
        ("lb", "web"),
        (
            "504 gateway timeout on {service}",
            "502 bad gateway, comes and goes",
            "uploads abort after 30 seconds",
            "long requests get cut off",
        ),
        ("Shorter time-outs in front of {service}", "Keep-alive settings on {host}", "Buffering for {service}", "Retry policy of the edge"),
        (
            Setting(
                "/etc/haproxy/haproxy.cfg",
                "defaults\n    mode http\n    timeout connect 5s\n    timeout server {value}\nfrontend main\n    bind :443\n",
                ("5s", "30s", "60s", "120s"),
            ),
            Setting(
                "/etc/nginx/conf.d/{service}.conf",
                "upstream app {{ server 10.0.1.10:8080; }}\nserver {{\n    listen 443;\n    proxy_read_timeout {value};\n}}\n",
                ("10s", "30s", "60s", "300s"),
            ),
        ),
        (("pool-state", "{host} pooled=no for {service}"), ("service-restarted", "haproxy.service reloaded")),
        ("haproxy", "nginx"),
        ("haproxy.service", "nginx.service"),
        ("restart",),
        "load balancer",
        0.7,
    ),
    Trade(
        "cache",
        ("cache",),
        (
            "customers see other people's data",
            "database overloaded, cache empty?",
            "stale pages on {service}",
            "hit rate fell to zero",
        ),
        ("New eviction policy for {service}", "More memory for the cache on {host}", "Change key prefix of {service}", "Add node to the cache ring"),
        (Setting("/etc/redis/redis.conf", "maxmemory {value}\nmaxmemory-policy allkeys-lru\nappendonly no\n", ("256mb", "1gb", "4gb", "16gb")),),
        (("service-restarted", "redis-server.service restarted"), ("scale", "group {service} scaled to {n} instances")),
        ("redis-server", "memcached"),
        ("redis-server.service",),
        ("restart", "failover"),
        "capacity",
        0.3,
    ),
    Trade(
        "queue",
        ("queue",),
        (
            "mails and orders arrive hours late",
            "messages pile up in {service}",
            "consumers disconnect all the time",
            "jobs are stuck",
        ),
        ("Prefetch of consumers of {service}", "Message lifetime for {service}", "New exchange for {service}", "Rebalance partitions"),
        (Setting("/etc/rabbitmq/rabbitmq.conf", "vm_memory_high_watermark.relative = {value}\nheartbeat = 60\n", ("0.1", "0.4", "0.6", "0.8")),),
        (("service-stopped", "consumer of {service} stopped for maintenance"), ("scale", "consumers of {service} scaled to {n}")),
        ("rabbitmq-server", "erlang-base"),
        ("rabbitmq-server.service",),
        ("restart", "failover"),
        "monitoring",
        0.3,
    ),
    Trade(
        "mount",
        ("storage", "app"),
        (
            "pictures are missing",
            "stale file handle",
            "{service} hangs on file access",
            "share not available",
        ),
        ("Mount options of the shared volume", "Move shares to the new filer", "Export for {host}", "Replace disk in {host}"),
        (
            Setting(
                "/etc/fstab",
                "/dev/vda1 / ext4 defaults 0 1\nfiler:/export/data /srv/data nfs {value} 0 0\n",
                ("rw,hard", "rw,soft,timeo=50", "ro,hard", "rw,hard,nofail"),
            ),
            Setting("/etc/exports", "/export/data {value}(rw,sync,no_subtree_check)\n", ("10.0.0.0/16", "10.0.4.0/24", "*.example.net")),
        ),
        (("hardware", "disk {n} replaced, array rebuilding"), ("command-run", "mount -o remount /srv/data")),
        ("nfs-common", "nfs-kernel-server"),
        ("nfs-server.service",),
        ("reboot", "restart"),
        "storage",
        0.15,
    ),
    Trade(
        "directory",
        ("auth", "any"),
        (
            "customers cannot log in",
            "nobody can sign in to {service}",
            "wrong password for everyone",
            "login takes a minute",
            "single sign-on loops back to the login page",
        ),
        ("Point {service} to the new directory", "Password rules", "Group mapping for {service}", "Session lifetime of {service}"),
        (
            Setting(
                "/etc/sssd/sssd.conf",
                "[domain/example]\nid_provider = ldap\nldap_uri = {value}\n",
                ("ldaps://ldap1.example.net", "ldaps://ldap2.example.net", "ldap://10.0.2.9", "ldaps://directory.example.net"),
            ),
            Setting(
                "/etc/pam.d/common-auth",
                "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth optional {value}\n",
                ("pam_cap.so", "pam_faildelay.so delay=4000000", "pam_tally2.so deny=3"),
            ),
        ),
        (("policy-change", "login policy {n} replicated"), ("config-run", "directory client configured on {host}")),
        ("sssd", "libpam-modules", "krb5-user"),
        ("sssd.service",),
        ("restart", "expiry"),
        "user profiles",
        0.2,
    ),
    Trade(
        "mandatory access",
        ("any",),
        (
            "{service} will not start, AVC in the audit log",
            "php cannot open its socket",
            "operation not permitted although the modes are right",
        ),
        ("Enforce policy on {host}", "Profile for {service}", "Relabel /srv on {host}"),
        (Setting("/etc/selinux/config", "SELINUX={value}\nSELINUXTYPE=targeted\n", ("enforcing", "permissive", "disabled")),),
        (("config-run", "hardening role applied on {host}"),),
        ("selinux-policy-targeted", "apparmor-profiles"),
        ("apparmor.service",),
        ("reboot", "restart"),
        "permissions",
        0.1,
    ),
    Trade(
        "health check",
        ("lb",),
        (
            "balancer shows all backends down",
            "{service} unavailable though the servers look fine",
            "traffic goes to one machine only",
            "servers drop out of rotation",
        ),
        ("Stricter checks for {service}", "New check address for {service}", "Depool {host} for maintenance", "Weights of the backends of {service}"),
        (
            Setting(
                "/etc/haproxy/conf.d/{service}.cfg",
                "backend app\n    option httpchk GET {value}\n    server one 10.0.1.10:8080 check\n",
                ("/", "/health", "/status", "/ping.php"),
            ),
        ),
        (("pool-state", "{host} pooled=yes for {service}"), ("pool-state", "weights of {service} set to {n}")),
        ("keepalived",),
        ("keepalived.service", "haproxy.service"),
        ("restart", "failover"),
        "load balancer",
        0.5,
    ),
    Trade(
        "secret",
        ("app", "db", "auth"),
        (
            "{service} cannot talk to its database, authentication failed",
            "401 from the payment provider",
            "invalid signature errors",
            "access key rejected",
        ),
        ("Rotate password of {service}", "Move credentials of {service} to the vault", "Revoke old API keys", "New signing key for {service}"),
        (Setting("/etc/{service}/credentials.ref", "source: vault\nversion: {value}\n", ("11", "12", "13", "14")),),
        (("job-run", "rotation of credentials of {service} finished"), ("policy-change", "vault policy {n} written")),
        ("vault",),
        ("vault-agent.service",),
        ("restart", "expiry"),
        "secrets",
        0.4,
    ),
    Trade(
        "mail",
        ("mail",),
        (
            "no notification mails since yesterday evening",
            "mail bounces with relay denied",
            "newsletter ends up in spam",
            "password reset mails never arrive",
        ),
        ("Restrict relaying on {host}", "New smart host", "Signing of outgoing mail", "Size limit for mail of {service}"),
        (
            Setting(
                "/etc/postfix/main.cf",
                "myhostname = mail.example.net\nrelayhost = {value}\nmessage_size_limit = 10240000\n",
                ("", "[relay1.example.net]", "[relay2.example.net]:587", "[10.0.5.25]"),
            ),
        ),
        (("service-stopped", "postfix.service stopped for maintenance"),),
        ("postfix", "opendkim"),
        ("postfix.service",),
        ("restart",),
        "mail flow",
        0.2,
    ),
    Trade(
        "search",
        ("search",),
        (
            "search finds nothing",
            "product list empty in {service}",
            "suggestions are gone",
            "search takes ten seconds",
        ),
        ("Rebuild index of {service}", "New analyser for {service}", "Reduce replicas on {host}", "Change mapping of products"),
        (
            Setting(
                "/etc/elasticsearch/elasticsearch.yml", "cluster.name: main\nindices.query.bool.max_clause_count: {value}\n", ("256", "1024", "4096")
            ),
        ),
        (("data-refresh", "index of {service} published, version {n}"), ("job-run", "index of {service} rebuilt")),
        ("elasticsearch",),
        ("elasticsearch.service",),
        ("restart",),
        "search",
        0.5,
    ),
    Trade(
        "containers",
        ("app", "batch"),
        (
            "pods do not start",
            "image pull errors",
            "{service} restarts in a loop",
            "containers are gone after the maintenance",
        ),
        ("Upgrade container runtime on {host}", "New base image for {service}", "Resource requests of {service}", "Registry mirror for {host}"),
        (
            Setting("/etc/docker/daemon.json", '{{"log-driver": "journald", "mtu": {value}}}\n', ("1400", "1450", "1500")),
            Setting("/srv/deploy/{service}.yaml", "replicas: 3\nresources:\n  memory: {value}\n", ("256Mi", "512Mi", "1Gi", "4Gi")),
        ),
        (("deploy", "{service} image promoted to build {n}"), ("node-state", "{host} drained by autoscaler")),
        ("containerd.io", "docker-ce"),
        ("docker.service", "containerd.service"),
        ("restart", "reboot"),
        "deployment",
        0.7,
    ),
    Trade(
        "release",
        ("app", "web"),
        (
            "exception page in {service}",
            "since the deployment {service} shows errors",
            "form cannot be sent",
            "API answers with malformed data",
            "null pointer everywhere",
        ),
        (
            "Release {n} of {service}",
            "Hotfix for {service}",
            "{service}: weekly train",
            "Roll {service} forward to {n}",
            "Refactor session handling in {service}",
        ),
        (Setting("/srv/{service}/release", "release = {value}\n", ("3.11.2", "3.12.0", "3.12.1", "4.0.0", "4.0.1")),),
        (("deploy", "{service} {n} deployed by pipeline"), ("deploy", "{service} assets uploaded")),
        (),
        ("app.service",),
        ("restart",),
        "release notes",
        1.0,
    ),
    Trade(
        "agent",
        ("any", "batch"),
        (
            "all machines busy, load 80",
            "control plane overloaded",
            "CPU at the limit on every server",
            "alerts everywhere at once",
        ),
        ("Roll out new metrics agent", "More frequent checks on {host}", "Collector settings", "Inventory agent on all hosts"),
        (Setting("/etc/telegraf/telegraf.conf", "[agent]\n  interval = {value}\n  round_interval = true\n", ('"1s"', '"10s"', '"60s"')),),
        (("content-update", "detection rules {n} received"), ("config-run", "agent configured on {host}")),
        ("telegraf", "node-exporter"),
        ("telegraf.service",),
        ("restart",),
        "monitoring",
        0.3,
    ),
)
