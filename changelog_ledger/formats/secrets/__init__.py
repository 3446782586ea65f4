"""What each product writes that is secret: frozen data, a module a field, one explicit registry. The engine is :mod:`changelog_ledger.redaction`.

To add a secret, add a line to the module of its field: a short name, a pattern with a group ``secret``, needles (lower case) without which the
file cannot hold it, and the files it is found in. A needle that half of all files hold makes every snapshot slower; so does none.
What is secret by its *name* alone (``db_password = …``) needs no rule here.
"""

from __future__ import annotations

from changelog_ledger.formats.secrets import (
    accounts,
    applications,
    arguments,
    commands,
    containers,
    databases,
    mail,
    network_devices,
    piped,
    private_networks,
    web,
)
from changelog_ledger.model.secret_rules import SecretCatalogue, joined

CATALOGUE: SecretCatalogue = joined(
    accounts.CATALOGUE,
    applications.CATALOGUE,
    arguments.CATALOGUE,
    commands.CATALOGUE,
    containers.CATALOGUE,
    databases.CATALOGUE,
    mail.CATALOGUE,
    network_devices.CATALOGUE,
    piped.CATALOGUE,
    private_networks.CATALOGUE,
    web.CATALOGUE,
)

__all__ = ["CATALOGUE"]
