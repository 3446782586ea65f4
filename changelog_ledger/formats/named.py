"""What the items of lists in YAML, JSON and TOML are usually known by."""

from __future__ import annotations

from changelog_ledger.model.document import ListPolicy

_NAMES = (
    *("name", "mountPath", "containerPort", "key", "id", "ID", "uid", "uuid", "job_name", "job"),
    *("host", "hostname", "alias", "alert", "record", "topologyKey"),
)

NAMED_LISTS = (
    ListPolicy(("**", "ports"), ("name", "containerPort", "port", "target")),
    ListPolicy(("**", "volumeMounts"), ("mountPath", "name")),
    ListPolicy(("**", "tasks"), ("name",)),
    ListPolicy(("**",), _NAMES),
)
"""The first that matches a list counts. Order keeps its meaning: plays, routes and rules are read from the top."""
