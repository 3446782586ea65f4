"""detect-secrets as a second opinion, where the home asks for it (``snapshot.detect_secrets``). Nothing of it is imported otherwise.

It works on lines with settings that belong to the process, so one thread at a time asks it. The plugins that only measure entropy are left
out: every checksum is a secret to them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

_PLUGINS = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "CloudantDetector", "DiscordBotTokenDetector"),
    *("GitHubTokenDetector", "GitLabTokenDetector", "IbmCloudIamDetector", "IbmCosHmacDetector", "JwtTokenDetector", "KeywordDetector"),
    *("MailchimpDetector", "NpmDetector", "OpenAIDetector", "PypiTokenDetector", "SendGridDetector", "SlackDetector", "SoftlayerDetector"),
    *("SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
)
_SETTINGS: dict[str, Any] = {"plugins_used": [{"name": name} for name in _PLUGINS]}
_ONE_AT_A_TIME = threading.Lock()
_LONGEST_LINE = 4096


def spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Where detect-secrets sees secrets. Lines that are masked already, very long ones and binary content are left out.

    :raises ImportError: if it is not installed.
    """
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import transient_settings

    if b"\0" in content[:8192]:
        return
    found: list[tuple[int, int]] = []
    with _ONE_AT_A_TIME, transient_settings(_SETTINGS):
        start = 0
        for line in content.split(b"\n"):
            if 0 < len(line) <= _LONGEST_LINE and b"<secret:" not in line:
                for secret in scan_line(line.decode("latin-1")):
                    value = (secret.secret_value or "").encode("latin-1", "replace")
                    place = line.find(value) if value else -1
                    if place >= 0:
                        found.append((start + place, start + place + len(value)))
            start += len(line) + 1
    yield from found
