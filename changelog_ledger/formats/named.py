"""What the items of lists in YAML, JSON and TOML are known by, and where their order says nothing.

Products are told apart by the key paths of their lists alone: a file does not say whose it is. So only lists that mean the same wherever they
stand have a short pattern; of all others order keeps its meaning (plays, routes, relabelling and firewall rules are read from the top).
"""

from __future__ import annotations

from changelog_ledger.model.document import ListPolicy, Order

_NAMES = (
    *("name", "mountPath", "containerPort", "key", "Key", "id", "ID", "uid", "uuid", "job_name", "job", "Name", "Id", "Sid"),
    *("host", "hostname", "alias", "alert", "record", "topologyKey", "secretName", "path", "repo", "url"),
)


def _sets(*patterns: tuple[str, ...]) -> tuple[ListPolicy, ...]:
    """Lists of texts without order. A dict among them has its usual name."""
    return tuple(ListPolicy(pattern, _NAMES, Order.SET) for pattern in patterns)


_KUBERNETES = (
    ListPolicy(("**", "ports"), ("name", "containerPort", "port", "target", "published")),
    ListPolicy(("**", "volumeMounts"), ("mountPath", "name")),
    ListPolicy(("**", "volumeDevices"), ("devicePath", "name")),
    ListPolicy(("**", "hostAliases"), ("ip",)),
    ListPolicy(("**", "conditions"), ("type",)),
    ListPolicy(("**", "matchExpressions"), ("key",)),
    ListPolicy(("**", "ownerReferences"), ("uid",)),
    *_sets(*(("**", "rules", "*", key) for key in ("apiGroups", "resources", "resourceNames", "verbs"))),
    *_sets(("**", "accessModes"), ("**", "finalizers"), ("**", "policyTypes"), ("**", "imagePullSecrets")),
    *_sets(("**", "capabilities", "add"), ("**", "capabilities", "drop")),
)
"""https://kubernetes.io/docs/reference/kubernetes-api/: the merge keys of its lists."""

_COMPOSE = (
    *_sets(*(("services", "*", key) for key in ("cap_add", "cap_drop", "depends_on", "networks", "profiles", "expose", "group_add"))),
    *_sets(("services", "*", "external_links"), ("services", "*", "links"), ("services", "*", "security_opt")),
    ListPolicy(("services", "*", "ports"), ("target",), Order.SET),
    ListPolicy(("services", "*", "volumes"), ("target",)),
    ListPolicy(("services", "*", "secrets"), ("source",)),
    ListPolicy(("services", "*", "configs"), ("source",)),
)
"""https://docs.docker.com/reference/compose-file/services/"""

_PROMETHEUS = (
    ListPolicy(("scrape_configs",), ("job_name",), Order.SET),
    ListPolicy(("groups", "*", "rules"), ("alert", "record")),
    *_sets(("scrape_configs", "**", "targets"), ("rule_files",), ("scrape_config_files",), ("alerting", "**", "targets")),
    ListPolicy(("receivers",), ("name",), Order.SET),
    ListPolicy(("**", "routes"), ("to", "name")),
)
"""https://prometheus.io/docs/prometheus/latest/configuration/configuration/, and alertmanager's. Rules of one group run one after the other."""

_HOSTS = (
    *_sets(*(("network", kind, "*", "addresses") for kind in ("ethernets", "bonds", "bridges", "vlans", "wifis", "tunnels", "dummy-devices"))),
    *_sets(*(("network", kind, "*", "interfaces") for kind in ("bonds", "bridges"))),
    ListPolicy(("network", "*", "*", "routing-policy")),
    ListPolicy(("write_files",), ("path",)),
    *_sets(("packages",), ("ssh_authorized_keys",), ("users", "*", "ssh_authorized_keys"), ("system_info", "default_user", "groups")),
)
"""netplan(5) and https://docs.cloud-init.io/en/latest/reference/modules.html"""

_PIPELINES = (
    ListPolicy(("**", "steps"), ("name", "id", "uses")),
    *_sets(("jobs", "*", "needs")),
    ListPolicy(("repos",), ("repo", "name", "url")),
    ListPolicy(("updates",), ("package-ecosystem",)),
)
"""GitHub Actions (``branches`` keep their order: one that begins with ``!`` takes back those before it), pre-commit, Dependabot."""

_ANSIBLE = (
    ListPolicy((), ("name", "hosts", "id", "key")),
    ListPolicy(("**", "tasks"), ("name",)),
    ListPolicy(("**", "handlers"), ("name",)),
    ListPolicy(("**", "block"), ("name",)),
    ListPolicy(("**", "roles"), ("role", "name", "src")),
    ListPolicy(("collections",), ("name",)),
)
"""Playbooks: plays, tasks and roles run from the top."""

_DOCKER = _sets(("insecure-registries",), ("allow-nondistributable-artifacts",))
"""daemon.json (dockerd(8)); mirrors and name servers are tried in their order."""

NAMED_LISTS = (*_COMPOSE, *_KUBERNETES, *_PROMETHEUS, *_HOSTS, *_PIPELINES, *_ANSIBLE, *_DOCKER, ListPolicy(("**",), _NAMES))
"""The first that matches a list counts."""
