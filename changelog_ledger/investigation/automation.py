"""What machines do by themselves: updaters, timers, configuration agents. Known by their common names, and by what the source says."""

from __future__ import annotations

import re

from changelog_ledger.model.evidence import Observation

_UPDATERS = re.compile(
    r"\b(?:unattended[- ]?upgrades?|dnf-automatic|yum-cron|packagekit|needrestart|zypper-automatic|transactional-update|snapd|apt-daily(?:-upgrade)?"
    r"|auto[- ]?updat\w*|automatic(?:ally)? updat\w*|watchtower|keel|renovate|dependabot)\b",
    re.IGNORECASE,
)


def is_automatic(observation: Observation) -> bool:
    """Whether nobody decided it at that time: the source says so (``unattended`` in its data), or its actor or words name an updater."""
    if observation.data.get("unattended") in (True, "true", "True", "yes", "1"):
        return True
    return bool(_UPDATERS.search(f"{observation.actor} {observation.summary}"))


def names_updater(text: str) -> bool:
    """Whether a text names one of the common automatic updaters."""
    return bool(_UPDATERS.search(text))
