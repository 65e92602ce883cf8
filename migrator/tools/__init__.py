"""The only modules that touch the world: files, processes, Poetry, Nix."""
