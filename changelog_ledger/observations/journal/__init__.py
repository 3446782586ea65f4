"""The journal, the authentication log, the tables of logins: restarts, reboots, crashes, clock jumps, and who was there."""
