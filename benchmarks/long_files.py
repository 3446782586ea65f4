"""Files of ten thousand lines as machines write them: a rule set of nftables, a manifest of Kubernetes, the configuration of a switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

LINES = 10_000


def long_files() -> Mapping[str, tuple[str, bytes, bytes]]:
    """By name: path, content before and after. Some items were edited, some came in at the top, some went at the end."""
    return {
        "nftables rules": ("/etc/nftables.conf", *_edited(_nftables)),
        "Kubernetes manifest": ("/srv/gitops/all.yaml", *_edited(_kubernetes)),
        "switch configuration": ("/srv/oxidized/sw-01", *_edited(_switch)),
    }


def _edited(made: Callable[[range, int], str]) -> tuple[bytes, bytes]:
    return made(range(100, LINES), 0).encode(), made(range(LINES - 100), 1).encode()


def _nftables(numbers: range, edit: int) -> str:
    rules = [f"        ip saddr 10.{number // 250 % 250}.{number % 250}.0/24 tcp dport {_port(number, edit)} accept" for number in numbers]
    head = ["table inet filter {", "    chain input {", "        type filter hook input priority 0; policy drop;"]
    return "\n".join([*head, *rules, "    }", "}", ""])


def _port(number: int, edit: int) -> int:
    return 1000 + number % 5000 + (edit if number % 500 == 0 else 0)


def _kubernetes(numbers: range, edit: int) -> str:
    return "---\n".join(
        _DEPLOYMENT.replace("NUMBER", str(number)).replace("VERSION", f"1.{edit if number % 500 == 0 else 0}")
        for number in numbers[:: len(_DEPLOYMENT.splitlines())]
    )


_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-NUMBER
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels: {app: web-NUMBER}
  template:
    spec:
      containers:
        - name: web
          image: registry.example/web:VERSION
          ports:
            - containerPort: 8080
          env:
            - {name: DB_HOST, value: db.internal}
            - {name: LOG_LEVEL, value: info}
          resources:
            limits: {memory: 512Mi}
"""


def _switch(numbers: range, edit: int) -> str:
    interfaces = []
    for number in numbers[::5]:
        vlan = number % 4000 + (edit if number % 500 == 0 else 0)
        interfaces += [f"interface Ethernet{number // 48}/{number % 48}/{number}", f" description port {number}", " switchport mode access"]
        interfaces += [f" switchport access vlan {vlan}", "!"]
    return "\n".join(["!", "version 15.2", "hostname sw-01", "!", *interfaces, "end", ""])
