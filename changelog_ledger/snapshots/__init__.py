"""Snapshots in git: one bare repository, one branch a host, the manifest beside the files.

======================  ==========================================================================================
``plan``                from the previous manifest and a capture to the difference that is committed
``repository``          :class:`~changelog_ledger.snapshots.repository.SnapshotRepository`: branches, reading, differences
``writer``              one ``git fast-import``: blobs in, commits out
``manifest``            one directory's entries as JSON lines, and back
``committed``           the manifest of a commit, read directory by directory
``paths``               host path to tree path and back
``note``                what a commit message says of its snapshot
``stat_cache``          what need not be read again
``sealing``             originals under age encryption
``restoring``           the steps of a restore carried out below a root, no link followed
                        (``restoring_calls``, ``restoring_metadata``, ``restoring_owners``)
``plumbing, objects``   git processes; reading objects
``foreign``             somebody else's repository, read and nothing more
======================  ==========================================================================================

How they are joined is shown by ``tests/snapshots/test_round.py``.
"""
