"""``ledger.toml``: what may stand in it, and the frozen :class:`Settings` that it becomes."""

from changelog_ledger.settings.settings import DEFAULT_IGNORE, FILE_NAME, Settings, parse_settings, read_settings, settings_text

__all__ = ["DEFAULT_IGNORE", "FILE_NAME", "Settings", "parse_settings", "read_settings", "settings_text"]
