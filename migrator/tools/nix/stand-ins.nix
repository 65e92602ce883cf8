# Stand-ins for all that an expression of pypi2nix takes from outside: nixpkgs, what is fetched, the machine.
#
# main    the absolute path of the file that is asked about
# staged  the absolute paths of all files that are there, it and those that it may import
# names   every word of those files: a stand-in has each of them as an attribute, and knows its own path
# make    what becomes of the arguments of a package
# change  what becomes of a package, and of the function or set that overrides it
{ main, staged, names, make, change }:
let
  inherit (builtins)
    attrNames elem filter functionArgs hasAttr isAttrs isFunction isPath isString listToAttrs mapAttrs stringLength
    substring;

  hasSuffix = suffix: text:
    let over = stringLength text - stringLength suffix; in
    over >= 0 && substring over (stringLength suffix) text == suffix;

  attributes = filter (name: !elem name [ "name" "outPath" "type" "__path" "__functor" "__toString" ]) names;
  standIn = path: standInWith path { };
  # what is known of it better than its name stays known however deep it is taken from
  standInWith = path: known:
    listToAttrs (map (name: { inherit name; value = standIn "${path}.${name}"; }) attributes)
    // {
      __path = path;
      __toString = _: "<${path}>";
      __functor = _: _: standIn "${path}(…)";
    }
    // known;

  fetchers = listToAttrs (map (name: { inherit name; value = fetch name; }) [
    "fetchFromBitbucket" "fetchFromGitHub" "fetchFromGitLab" "fetchGit" "fetchMercurial" "fetchPypi" "fetchTarball"
    "fetchTree" "fetchbzr" "fetchgit" "fetchgitPrivate" "fetchhg" "fetchsvn" "fetchurl" "fetchzip"
  ]);
  fetch = fetcher: argument: {
    __fetcher = fetcher;
    __arguments = if isAttrs argument && !(argument ? __path) then argument else { url = argument; };
    __toString = _: "<${fetcher}>";
    __path = "(${fetcher} …)";
  };
  inside = fetcher: path: (fetch fetcher { inherit path; });

  # each entry of the set knows its name
  fix = f:
    let
      set = mapAttrs (name: value: if isAttrs value && !(value ? __path) then value // { __entry = name; } else value)
        (f (standIn "self" // set));
    in
    set;
  # whatever is looked for among the inputs that a package had, somebody takes some of them away
  filter' = keep: list:
    if builtins.any (item: isAttrs item && item ? __was) list then [ { __filtered = true; } ] ++ list
    else filter keep list;
  # overrides are laid over the set through these; without them it is what was generated
  generatedOf = _: generated: _: generated;
  lib = standInWith "lib" (builtins // fetchers // {
    inherit fix hasSuffix;
    fix' = fix;
    makeExtensible = fix;
    extends = _: generated: generated;
    composeExtensions = first: second: self: super: let made = first self super; in made // second self (super // made);
    genAttrs = keys: f: listToAttrs (map (name: { inherit name; value = f name; }) keys);
    filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
    filter = filter';
    remove = item: filter' (other: other != item);
    fold = generatedOf;
    foldr = generatedOf;
    foldl = generatedOf;
    optional = condition: item: if condition then [ item ] else [ ];
    optionals = condition: items: if condition then items else [ ];
    optionalString = condition: text: if condition then text else "";
    optionalAttrs = condition: set: if condition then set else { };
    inNixShell = false;
    cleanSource = inside "cleanSource";
    cleanSourceWith = argument: inside "cleanSource" argument.src;
    sourceFilesBySuffices = path: _: inside "cleanSource" path;
    overrideDerivation = change;
    licenses = standIn "licenses";
  });

  stdenv = standInWith "pkgs.stdenv" { inherit lib; isLinux = true; isDarwin = false; };
  pythonPackages = path: standInWith path (fetchers // {
    buildPythonPackage = make;
    buildPythonApplication = make;
  });
  isPython = name: substring 0 6 name == "python" || substring 0 4 name == "pypy";
  interpreter = name:
    if hasSuffix "Packages" name then pythonPackages name
    else standInWith "pkgs.${name}" { pkgs = pythonPackages "${name}.pkgs"; };
  pythons = listToAttrs (map (name: { inherit name; value = interpreter name; }) (filter isPython names));
  pkgs = standInWith "pkgs" (pythons // fetchers // {
    inherit lib pkgs stdenv;
    path = "/nixpkgs";
    system = "x86_64-linux";
    callPackage = target: given: call (if isFunction target then target else read target) given;
  });
  python = standInWith "python" {
    mkDerivation = make;
    buildPythonPackage = make;
    overrideDerivation = change;
  };

  # one of the files that lie here, else nixpkgs: whoever fetches or names anything else means that
  read = target:
    let
      text = if isPath target then toString target else if isString target then target else target.__path or "";
      # pypi2nix 1.0 wrote absolute paths, to files beside it
      beside = "${dirOf main}/${baseNameOf text}";
      found = filter (path: elem path staged) [ text "${text}/default.nix" beside ];
    in
    if hasSuffix "python-packages.nix" text then _: pythonPackages "pythonPackages"
    else if found != [ ] then builtins.scopedImport scope (builtins.head found)
    else _: pkgs;
  scope = {
    import = read;
    __findFile = _: name: "/${name}";
    builtins = builtins // outside // { import = read; filter = filter'; };
  } // outside;
  outside = fetchers // {
    getEnv = _: "";
    currentSystem = "x86_64-linux";
    currentTime = 0;
  };

  given = {
    inherit lib pkgs python stdenv;
    nixpkgs = "/nixpkgs";
    system = "x86_64-linux";
    pythonPackages = pythonPackages "pythonPackages";
  };
  call = f: more:
    let wanted = functionArgs f; in
    f (listToAttrs (map (name: { inherit name; value = more.${name} or (given.${name} or (standIn name)); })
      (filter (name: hasAttr name given || hasAttr name more || !wanted.${name}) (attrNames wanted))));
in
{ inherit call fix lib pkgs python read standIn; }
