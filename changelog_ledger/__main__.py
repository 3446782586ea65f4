"""``python -m changelog_ledger``: the command, run by an interpreter that is named. A hook does so, for a PATH may change."""

from changelog_ledger.cli.main import main

if __name__ == "__main__":
    main()
