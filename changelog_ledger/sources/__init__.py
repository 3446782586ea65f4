"""Where facts come from: files, packages, processes, journals, repositories. Everything here reads the system and writes nothing."""
