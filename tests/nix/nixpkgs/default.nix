# A stand-in for nixpkgs: what default.nix, shell.nix and flake.nix call of lib, Pythons that are names, and any attribute that the
# caller wants (a path such as "xorg.libxcb" becomes a derivation by that name).
{
  attributes ? [ ],
  pythons ? [
    "python311"
    "python312"
    "python313"
  ],
  system ? "x86_64-linux",
}:
let
  inherit (builtins) attrNames filter isString listToAttrs map;
  derivationNamed = name: {
    type = "derivation";
    inherit name;
  };
  toSet = names: value: listToAttrs (map (name: { inherit name; value = value name; }) names);
  parts = path: filter isString (builtins.split "[.]" path);
  first = path: builtins.head (parts path);
  inner = top: filter (path: first path == top && path != top) attributes;
  native =
    top:
    derivationNamed top
    // listToAttrs (
      map (path: {
        name = builtins.elemAt (parts path) 1;
        value = derivationNamed path;
      }) (inner top)
    );
  mkShell =
    arguments:
    derivationNamed "nix-shell"
    // arguments
    // {
      overrideAttrs = change: mkShell (arguments // change arguments);
    };
in
toSet (map first attributes) native
// toSet pythons (
  name:
  derivationNamed name
  // {
    pythonVersion = "3.${builtins.substring 7 2 name}";
  }
)
// {
  stdenv.hostPlatform = {
    inherit system;
  };
  poetry = derivationNamed "poetry";
  inherit mkShell;
  lib = {
    inherit (builtins) concatStringsSep mapAttrs;
    filterAttrs =
      keep: set: toSet (filter (name: keep name set.${name}) (attrNames set)) (name: set.${name});
    genAttrs = toSet;
    splitString = separator: text: filter isString (builtins.split separator text);
    # since 2026 some members are functions
    licenses = {
      mit = {
        spdxId = "MIT";
      };
      AND = licences: licences;
    };
  };
}
