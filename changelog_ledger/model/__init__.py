"""The nouns. Frozen values, no I/O, no clock. Read me first.

===================  =====================================================================
module               what it holds
===================  =====================================================================
``times``            instants (aware, UTC), durations, the TIME grammar of the command line
``identifiers``      ULIDs, ``CHG-…`` and the prefixes that people type
``topology``         targets, hosts, services, marks, and how far a target is from another
``change``           a change, its lifecycle states, window and rollback target
``coverage``         which targets a change speaks for
``policy``           what a home demands of changes, and its standard changes
``rollback_target``  what a change goes back to
``schedule``         maintenance windows, conflicts, the calendar
``proof``            how the command that proves a checklist item ended
``rehearsal``        what making a change would come to
``spool``            what waits while the database is away
``owners``           numbers of users and groups
``globs``            which paths a pattern names
``snapshot``         a snapshot, its manifest and the files in it
``retention``        how long snapshots are kept, and what is left of one that is not
``restore``          what is to be done with each path, and how it came out
``temporaries``      how files are called that a restore is writing
``rules``            what ``ledger.toml`` adds to the rules of formats
``secret_rules``     what is known about secrets
``keys``             the keys of a home, as far as they may be shown
``document``         a configuration file parsed to a tree of keys
``gate``             edits of a repository, the policy that they are judged by, and the judgement
``evidence``         deltas, observations, and evidence with its attribution
``blame``            who set which key of a file
``comparison``       two hosts side by side
``adoption``         what became of a history that was adopted
``ingestion``        what other programs recorded, before it is facts
``log_lines``        a line of a log
``search``           what a search finds
``shown``            what an id may be of
``hooks``            the stages of git that the gate stands at
``host_hooks``       what calls the ledger on a host: package managers, the clock
``fact``             one immutable event as the store keeps it
``upkeep``           what a home takes, and what ``gc`` made of it
``overview``         an entry of the log, and what ``ledger status`` tells
``report``           what an investigation found: window, suspects, warnings
===================  =====================================================================
"""
