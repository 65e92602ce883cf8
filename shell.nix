# Written by migrator; a later run overwrites this file.
{
  pkgs ? import <nixpkgs> { },
  project ? import ./default.nix { inherit pkgs; },
}:
let
  environment = project.poetry2nix.mkPoetryEnv (
    project.arguments
    // {
      groups = [
        "main"
        "dev"
      ];
      editablePackageSources = {
        migrator = ./.;
      };
    }
  );
in
pkgs.mkShell {
  nativeBuildInputs = [
    environment
    pkgs.poetry
  ];
}
