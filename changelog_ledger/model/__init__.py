"""The nouns. Frozen values, no I/O, no clock. Read me first.

================  =====================================================================
module            what it holds
================  =====================================================================
``times``         instants (aware, UTC), durations, the TIME grammar of the command line
``identifiers``   ULIDs, ``CHG-…`` and the prefixes that people type
``topology``      targets, hosts, services, marks, and how far a target is from another
``change``        a change, its lifecycle states, window and rollback target
``proof``         how the command that proves a checklist item ended
``owners``        numbers of users and groups
``snapshot``      a snapshot, its manifest and the files in it
``retention``     how long snapshots are kept, and what is left of one that is not
``document``      a configuration file parsed to a tree of keys
``evidence``      deltas, observations, and evidence with its attribution
``blame``         who set which key of a file
``comparison``    two hosts side by side
``adoption``      what became of a history that was adopted
``search``        what a search finds
``fact``          one immutable event as the store keeps it
``upkeep``        what a home takes, and what ``gc`` made of it
``report``        what an investigation found: window, suspects, warnings
================  =====================================================================
"""
