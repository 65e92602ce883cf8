"""An installed Nix, asked what an expression means. It can reach nothing but the question that it is given."""
