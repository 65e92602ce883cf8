"""What the Nix files need beyond the lock; the knowledge is in tables beside the code."""
