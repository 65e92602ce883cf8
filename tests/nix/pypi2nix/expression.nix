# What an expression of pypi2nix means, with stand-ins for all that comes from outside: JSON for each of its packages.
#
# names  every word of the files: a stand-in for nixpkgs has each of them as an attribute, and knows its own path
# Only the generated set is told: whatever would override it is taken for nothing.
{ file, names }:
let
  inherit (builtins) attrNames filter hasAttr isAttrs isFunction isPath isString listToAttrs mapAttrs stringLength substring;

  hasSuffix = suffix: text:
    let
      over = stringLength text - stringLength suffix;
    in
    over >= 0 && substring over (stringLength suffix) text == suffix;

  standIn = path:
    listToAttrs (map (name: { inherit name; value = standIn (path ++ [ name ]); }) names)
    // {
      __path = builtins.concatStringsSep "." path;
      __toString = self: "<${self.__path}>";
      __functor = self: _: self;
    };

  fetch = fetcher: arguments: {
    inherit fetcher;
    arguments = mapAttrs (_: value: toString value) arguments;
    __toString = _: "<${fetcher}>";
  };

  lib = standIn [ "lib" ] // {
    fix' = f: let x = f x // { __unfix__ = f; }; in x;
    extends = f: rattrs: self: let super = rattrs self; in super // f self super;
    fold = op: nul: list: if list == [ ] then nul else op (builtins.head list) (lib.fold op nul (builtins.tail list));
    cleanSource = path: path;
    licenses = standIn [ "licenses" ];
  };

  pkgs = standIn [ ] // {
    inherit lib;
    path = "/nixpkgs";
    stdenv = standIn [ "stdenv" ] // { inherit lib; };
    fetchurl = fetch "fetchurl";
    fetchgit = fetch "fetchgit";
    fetchhg = fetch "fetchhg";
    fetchFromGitHub = fetch "fetchFromGitHub";
    python27Packages = pythonPackages "python27Packages";
  };

  pythonPackages = name: standIn [ name ] // { buildPythonPackage = arguments: arguments; };

  read = builtins.scopedImport { import = readInside; };
  readInside = target:
    let
      text = toString target;
    in
    if hasSuffix "_generated.nix" text then
      read (dirOf file + "/${baseNameOf text}")
    else if hasSuffix "python-packages.nix" text then
      _: pythonPackages "pythonPackages"
    else if text == "nixpkgs" || hasSuffix "nixpkgs.nix" text then
      _: pkgs
    else
      _: self: super: { };

  python = { mkDerivation = arguments: arguments; };
  given = { inherit lib pkgs python; nixpkgs = "nixpkgs"; system = "x86_64-linux"; };
  call = f: f (listToAttrs (map (name: { inherit name; value = given.${name}; }) (filter (name: hasAttr name given) (attrNames (builtins.functionArgs f)))));
  made = call (read file);
  whole = if isFunction made then lib.fix' made else made;
  all = whole.packages or (whole.pkgs or whole);

  isPackage = value: isAttrs value && value ? name && ! value ? __path;
  packages = listToAttrs (map (name: { inherit name; value = all.${name}; }) (filter (name: isPackage all.${name}) (attrNames all)));
  named = listToAttrs (map (name: { name = packages.${name}.name; value = name; }) (attrNames packages));

  show = value: if isString value then value else value.__path or (named.${value.name} or value.name);
  showSource = value:
    if value == null then null else if isPath value then { fetcher = "path"; arguments.path = toString value; } else { inherit (value) fetcher arguments; };
  showLicence = value: if builtins.isList value then builtins.concatStringsSep ", " (map show value) else show value;
in
mapAttrs (_: package: {
  inherit (package) name;
  src = showSource (package.src or null);
  buildInputs = map show (package.buildInputs or [ ]);
  propagatedBuildInputs = map show (package.propagatedBuildInputs or [ ]);
  format = package.format or null;
  licence = if package ? meta && package.meta ? license then showLicence package.meta.license else null;
  top_level = package.passthru.top_level or null;
}) packages
