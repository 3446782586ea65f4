"""Which files are infrastructure, whose they are, what a message names, how a commit is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.gate import Commit, Person
from changelog_ledger.observations.deliveries.commits import summary_of, tickets_of, told_trailers, trailers_of
from changelog_ledger.observations.deliveries.infrastructure import hosts_in, is_infrastructure

ALEX = Person("alex", "alex@example.org")


def commit(message: str) -> Commit:
    return Commit("a1b2c3d4" * 5, (), ALEX, ALEX, 0, 0, message)


@pytest.mark.parametrize(
    "path",
    """main.tf modules/db/main.tf prod.tfvars k8s/shop.yaml deploy/helm/values.yaml charts/shop/templates/a.yaml ansible/site.yml
    roles/web/tasks/main.yml
    manifests/init.pp salt/top.sls Dockerfile app/Dockerfile docker-compose.yml compose.prod.yaml .github/workflows/ci.yml .gitlab-ci.yml Jenkinsfile
    nginx/nginx.conf haproxy/haproxy.cfg units/shop.service hosts/web-01/etc/fstab host_vars/web-01.yml
    etc/ssh/sshd_config .changelog-ledger.toml""".split(),
)
def test_infrastructure(path: str) -> None:
    assert is_infrastructure(path)


@pytest.mark.parametrize(
    "path",
    ["src/app.py", "README.md", "docs/terraform.md", "package.json", "vendor/x/main.tf", "setup.cfg", "node_modules/a/b.conf", "a.github/x.yml"],
)
def test_no_infrastructure(path: str) -> None:
    assert not is_infrastructure(path)


def test_names_of_hosts_in_paths() -> None:
    assert list(hosts_in("hosts/web-01/etc/fstab")) == ["web-01"]
    assert list(hosts_in("ansible/host_vars/web-01.example.org.yml")) == ["web-01.example.org"]
    assert list(hosts_in("ansible/host_vars/db/main.yml")) == ["db"]
    assert list(hosts_in("terraform/main.tf")) == []


@pytest.mark.parametrize(
    ("message", "tickets"),
    [
        ("OPS-12: raise pool", ("OPS-12",)),
        ("Raise pool (#34)", ("#34",)),
        ("Raise\n\nFixes: #7\nJira: ABC-1, ABC-2", ("#7", "ABC-1", "ABC-2")),
        ("Raise\n\nTicket: https://tracker.example/t/99", ()),
        ("Raise\n\nCloses: acme/shop#5", ("acme/shop#5",)),
        ("Use UTF-8 and SHA-256", ()),
        ("Raise\n\nSigned-off-by: OPS-1 <x@y>", ()),
        ("Raise\n\nTicket: T1234", ("T1234",)),
    ],
)
def test_tickets(message: str, tickets: tuple[str, ...]) -> None:
    assert tickets_of(commit(message)) == tickets


def test_trailers_that_are_told() -> None:
    assert told_trailers([commit("Raise\n\nFixes: #7\nLedger-Change: CHG-7K3M9Q\nSigned-off-by: alex")]) == {
        "Fixes": ["#7"],
        "Ledger-Change": ["CHG-7K3M9Q"],
    }
    assert trailers_of("Subject: only") == ()


def test_a_line_that_shows_a_commit() -> None:
    assert summary_of(commit("Raise pool"), ["terraform/a.tf", "terraform/db/b.tf"]) == "a1b2c3d Raise pool (alex): 2 files under terraform/"
    assert summary_of(commit("Raise pool"), ["a.tf"]) == "a1b2c3d Raise pool (alex): a.tf"
    assert summary_of(commit(""), ["a.tf", "b/c.tf"]) == "a1b2c3d no subject (alex): 2 files"


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_no_message_and_no_path_raises(message: str, paths: list[str]) -> None:
    assert "\n" not in summary_of(commit(message), paths)
    tickets_of(commit(message))
    told_trailers([commit(message)])
    assert all(isinstance(is_infrastructure(path), bool) and list(hosts_in(path)) is not None for path in paths)
