"""The Nix language both ways: text to tree, tree to text. Knows nothing of Python packaging."""
