# Written by migrator; a later run overwrites this file.
{
  description = "imgapp";
  inputs = {
    # a release: poetry2nix does not follow nixpkgs any more; --override-input nixpkgs takes another
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    # its last commit
    poetry2nix = {
      url = "github:nix-community/poetry2nix/ce2369db77f45688172384bbeb962bc6c2ea6f94";
      flake = false;
    };
  };
  outputs =
    {
      self,
      nixpkgs,
      poetry2nix,
    }:
    let
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      project =
        pkgs:
        import ./default.nix {
          inherit pkgs;
          poetry2nixSource = poetry2nix;
        };
      shell =
        pkgs:
        import ./shell.nix {
          inherit pkgs;
          project = project pkgs;
        };
    in
    {
      packages = forEachSystem (pkgs: { default = project pkgs; });
      devShells = forEachSystem (pkgs: {
        default = (shell pkgs).overrideAttrs (_: {
          # ./. is a copy in the store: what is edited is the folder in which the shell was started
          shellHook = "export PYTHONPATH=\"$PWD\${PYTHONPATH:+:$PYTHONPATH}\"";
        });
      });
    };
}
