"""Which format is told from which path, or from which content."""

from __future__ import annotations

import pytest

from changelog_ledger.formats import detect


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/ssh/sshd_config", "sshd"),
        ("/etc/ssh/sshd_config.d/10-local.conf", "sshd"),
        ("/etc/ssh/ssh_config", "ssh"),
        ("hosts/web-01/etc/ssh/sshd_config", "sshd"),
        ("/etc/nginx/nginx.conf", "nginx"),
        ("/etc/nginx/sites-enabled/shop", "nginx"),
        ("/etc/nginx/conf.d/shop.conf", "nginx"),
        ("/usr/local/etc/nginx/nginx.conf", "nginx"),
        ("nginx.conf", "nginx"),
        ("/etc/nginx/shop.key", "lines"),
        ("/etc/systemd/system/shop.service", "systemd"),
        ("/etc/systemd/system/shop.service.d/override.conf", "systemd"),
        ("/etc/systemd/network/10-wan.network", "systemd"),
        ("/etc/systemd/journald.conf", "systemd"),
        ("/etc/hosts", "hosts"),
        ("hosts", "hosts"),
        ("/etc/fstab", "fstab"),
        ("/etc/passwd", "passwd"),
        ("/etc/passwd-", "passwd"),
        ("/etc/gshadow", "gshadow"),
        ("/etc/crontab", "crontab"),
        ("/etc/cron.d/backup", "crontab"),
        ("/var/spool/cron/crontabs/root", "user-crontab"),
        ("/etc/sysctl.conf", "sysctl"),
        ("/etc/sysctl.d/99-local.conf", "sysctl"),
        ("/etc/default/shop", "env"),
        ("/srv/shop/.env", "env"),
        ("/srv/shop/prod.env", "env"),
        ("/srv/shop/.env.local", "env"),
        ("/srv/shop/app.properties", "properties"),
        ("/srv/shop/Cargo.toml", "toml"),
        ("/srv/shop/docker-compose.yml", "yaml"),
        ("/etc/docker/daemon.json", "json"),
        ("/etc/php/8.2/fpm/php.ini", "php"),
        ("/etc/mysql/mariadb.conf.d/50-server.cnf", "mysql"),
        ("/etc/wireguard/wg0.conf", "ini"),
        ("/etc/resolv.conf", "resolv"),
        ("/etc/hostname", "lines"),
        ("/etc/pam.d/sshd", "pam"),
        ("/etc/sudoers", "sudoers"),
    ],
)
def test_by_path(path: str, expected: str) -> None:
    assert detect(path, b"text\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[main]\nkey = value\n", "ini"),
        ("# c\nkey = value\nother=1\n", "properties"),
        ('options {\n  directory "/x";\n};\n', "nginx"),
        ('{"a": 1}', "json"),
        ("# only a comment\n", "lines"),
        ("", "lines"),
        ("key = value\nthen some prose\n", "lines"),
        ("some prose; with a semicolon\n", "lines"),
        ("<?xml version='1.0'?>\n<a/>\n", "xml"),
        ("global\n    daemon\nfrontend x\n    bind :80\n", "lines"),
    ],
)
def test_an_unknown_conf_is_judged_by_its_content_with_caution(text: str, expected: str) -> None:
    assert detect("/etc/thing/thing.conf", text.encode()) == expected


def test_binary_content_has_no_better_format_than_lines() -> None:
    assert detect("/etc/a.yaml", b"\0\1") == "lines"
