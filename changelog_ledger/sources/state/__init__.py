"""The state of this machine that no file under /etc shows: one small collector each."""
