"""``init``, ``host``, ``service``."""

from __future__ import annotations

import click

from changelog_ledger.cli.session import Session, json_option, pairs, pass_session, write, write_json


@click.command(
    epilog="""\b
Examples:
  ledger init
  ledger init --host web-01 --watch /etc --watch /srv/app/config
  ledger --home /var/lib/ledger init --database postgresql://ledger@db.example/ledger
  ledger init --no-own-key --recipient age1...     secrets can be sealed here, and opened elsewhere only"""
)
@click.option("--host", metavar="NAME", help="The name for this machine; its own host name if not given.")
@click.option("--watch", metavar="PATH", multiple=True, help="A path to snapshot, may be repeated; /etc and @state if not given.")
@click.option("--database", metavar="URL", help="postgresql://USER@HOST/NAME; SQLite in the home if not given.")
@click.option("--recipient", metavar="AGE1...", multiple=True, help="Seal originals for this public key of age too, may be repeated.")
@click.option("--own-key/--no-own-key", default=True, help="Without its own key, the home can seal originals and not open them.")
@pass_session
def init(session: Session, host: str | None, watch: tuple[str, ...], database: str | None, recipient: tuple[str, ...], own_key: bool) -> None:
    """Make a home: settings, database, repository, keys."""
    from changelog_ledger.ledger import Ledger
    from changelog_ledger.reports import printable

    with Ledger.init(session.home, host=host, watch=watch, database=database, recipients=recipient, own_key=own_key) as ledger:
        name, home = printable(ledger.host_name), printable(str(ledger.home))
        watched = ", ".join(map(printable, ledger.watched))
    write(f"A ledger for {name} at {home}\n")
    write(f"It watches {watched}  (ledger snapshot --explain: what that is)")
    write("Next:")
    write("  ledger snapshot              record how the configuration is now")
    write(f"  ledger good host:{name:<12}".ljust(31) + "say that it works like this")
    write("  ledger what-changed          ... when it no longer does")
    write(f"Settings: {home}/ledger.toml.  Keep a copy of {home}/keys in a safe place: without it, sealed originals stay closed.")


@click.group()
def host() -> None:
    """Add, list, show and retire hosts."""


@host.command("add", epilog="\b\nExample:\n  ledger host add web-01 --tag edge --attr rack=4")
@click.argument("name")
@click.option("--tag", metavar="T", multiple=True, help="A tag, may be repeated.")
@click.option("--attr", metavar="K=V", multiple=True, help="An attribute, may be repeated.")
@pass_session
def host_add(session: Session, name: str, tag: tuple[str, ...], attr: tuple[str, ...]) -> None:
    """Add a host, or say what it is now: tags and attributes replace those of before."""
    attributes = pairs(attr, "--attr")
    with session.ledger() as ledger:
        added = ledger.add_host(name, tags=tag, attributes=attributes)
    write(f"host:{added.name} is known")


@host.command("list")
@json_option
@pass_session
def host_list(session: Session, as_json: bool) -> None:
    """List the hosts and how old the last look at each is."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        hosts = ledger.hosts()
        freshness = ledger.freshness([entry.name for entry in hosts])
        now = ledger.now()
    if as_json:
        write_json(reports.hosts_document(hosts, freshness))
    else:
        write(reports.render_hosts(hosts, freshness, session.style(), now))


@host.command("show")
@click.argument("name")
@json_option
@pass_session
def host_show(session: Session, name: str, as_json: bool) -> None:
    """Show a host: tags, attributes, services, last snapshot."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.host(name)
        (look,) = ledger.freshness([found.name])
        services = [service for service in ledger.services() if found.name in service.runs_on]
        now = ledger.now()
    if as_json:
        write_json(reports.host_document(found, look))
    else:
        write(reports.render_host(found, look, services, session.style(), now))


@host.command("retire", epilog="\b\nExamples:\n  ledger host retire web-01-old\n  ledger host retire web-01-old --because 'its disks have failed'")
@click.argument("name")
@click.option("--because", metavar="TEXT", default="", help="Why, though a change may still go back to it.")
@pass_session
def host_retire(session: Session, name: str, because: str) -> None:
    """Say that a host is gone. Its history stays.

    It is refused while a change may still go back to the host: one that is open, and afterwards until the time it is retained for, or until the
    change has been reviewed.
    """
    with session.ledger() as ledger:
        ledger.retire_host(name, because=because)
    write(f"host:{name} is retired; its history stays")


@click.group()
def service() -> None:
    """Add, list and show services."""


@service.command("add", epilog="\b\nExample:\n  ledger service add shop --runs-on web-01 --runs-on web-02 --depends-on service:db")
@click.argument("name")
@click.option("--runs-on", metavar="HOST", multiple=True, help="A host it runs on, may be repeated; unknown ones become known.")
@click.option("--depends-on", metavar="TARGET", multiple=True, help="A host or service it needs, may be repeated.")
@click.option("--attr", metavar="K=V", multiple=True, help="An attribute, may be repeated; owner says who answers for it.")
@pass_session
def service_add(session: Session, name: str, runs_on: tuple[str, ...], depends_on: tuple[str, ...], attr: tuple[str, ...]) -> None:
    """Add a service, or say what it is now."""
    hosts = [text.removeprefix("host:") for text in runs_on]
    with session.ledger() as ledger:
        added = ledger.add_service(name, runs_on=hosts, depends_on=depends_on, attributes=pairs(attr, "--attr"))
    write(f"service:{added.name} is known")


@service.command("list")
@json_option
@pass_session
def service_list(session: Session, as_json: bool) -> None:
    """List the services, where they run and what they depend on."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        services = ledger.services()
    if as_json:
        write_json(reports.services_document(services))
    else:
        write(reports.render_services(services, session.style()))


@service.command("show")
@click.argument("name")
@json_option
@pass_session
def service_show(session: Session, name: str, as_json: bool) -> None:
    """Show a service."""
    from changelog_ledger import reports

    with session.ledger() as ledger:
        found = ledger.service(name)
    if as_json:
        write_json(reports.service_document(found))
    else:
        write(reports.render_service(found, session.style()))
