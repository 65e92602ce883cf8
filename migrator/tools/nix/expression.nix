# What an expression of pypi2nix means, with stand-ins for all that comes from outside: one set for each package.
#
# main    the absolute path of the expression
# staged  the absolute paths of all files that are there, it and those that it may import
# names   every word of those files: a stand-in has each of them as an attribute, and knows its own path
#
# Overrides are left out: whatever would lay one over the generated set gives back that set.
{ main, staged, names }:
let
  inherit (builtins)
    attrNames elem filter functionArgs hasAttr isAttrs isBool isFloat isFunction isInt isList isPath isString
    listToAttrs mapAttrs stringLength substring;

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

  # overrides see the set through these; without them it is what was generated
  fix = f: let set = f (standIn "self" // named); named = mapAttrs (name: value: if isAttrs value && !(value ? __path) then value // { __entry = name; } else value) set; in named;
  generatedOf = _: generated: _: generated;
  lib = standInWith "lib" (fetchers // {
    inherit fix hasSuffix;
    fix' = fix;
    makeExtensible = fix;
    extends = _: generated: generated;
    composeExtensions = first: _: first;
    fold = generatedOf;
    foldr = generatedOf;
    foldl = generatedOf;
    "foldl'" = generatedOf;
    optional = condition: item: if condition then [ item ] else [ ];
    optionals = condition: items: if condition then items else [ ];
    optionalString = condition: text: if condition then text else "";
    optionalAttrs = condition: set: if condition then set else { };
    inNixShell = false;
    cleanSource = inside "cleanSource";
    cleanSourceWith = argument: inside "cleanSource" argument.src;
    sourceFilesBySuffices = path: _: inside "cleanSource" path;
    overrideDerivation = package: _: package;
    licenses = standIn "licenses";
  });

  stdenv = standInWith "pkgs.stdenv" { inherit lib; isLinux = true; isDarwin = false; };
  pythonPackages = path: standInWith path (fetchers // {
    buildPythonPackage = arguments: arguments;
    buildPythonApplication = arguments: arguments;
  });
  pythons = listToAttrs (map (name: { inherit name; value = standInWith "pkgs.${name}" { pkgs = pythonPackages "${name}.pkgs"; }; }) (filter (name: hasPrefix name && !hasSuffix "Packages" name) names))
    // listToAttrs (map (name: { inherit name; value = pythonPackages name; }) (filter (name: hasPrefix name && hasSuffix "Packages" name) names));
  hasPrefix = name: substring 0 6 name == "python" || substring 0 4 name == "pypy";
  pkgs = standInWith "pkgs" (pythons // fetchers // {
    inherit lib pkgs stdenv;
    path = "/nixpkgs";
    system = "x86_64-linux";
    callPackage = target: given: call (if isFunction target then target else read target) given;
  });
  python = standInWith "python" {
    mkDerivation = arguments: arguments;
    buildPythonPackage = arguments: arguments;
    overrideDerivation = package: _: package;
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
    builtins = builtins // outside // { import = read; };
  } // outside;
  outside = fetchers // {
    getEnv = _: "";
    currentSystem = "x86_64-linux";
    currentTime = 0;
  };

  given = { inherit lib pkgs python stdenv; nixpkgs = "/nixpkgs"; system = "x86_64-linux"; pythonPackages = pythonPackages "pythonPackages"; };
  call = f: more:
    let wanted = functionArgs f; in
    f (listToAttrs (map (name: { inherit name; value = more.${name} or (given.${name} or (standIn name)); })
      (filter (name: hasAttr name given || hasAttr name more || !wanted.${name}) (attrNames wanted))));
  # a function of arguments by name is a file; one of a plain argument is the generated set
  open = value:
    if isFunction value then (if functionArgs value != { } then open (call value { }) else open (fix value)) else value;
  whole = open (read main);
  all = whole.packages or (whole.pkgs or whole);

  isPackage = value: isAttrs value && value ? name && !(value ? __path);
  entries = listToAttrs (map (name: { inherit name; value = all.${name}; }) (filter (name: isPackage all.${name}) (attrNames all)));
  byName = listToAttrs (map (name: { inherit (entries.${name}) name; value = name; }) (filter (name: isString entries.${name}.name) (attrNames entries)));

  # JSON of nothing but strings: whatever else stands there is null
  text = value:
    if isString value then value
    else if isPath value || isInt value || isFloat value then toString value
    else null;
  item = value:
    if isString value || isPath value then { text = toString value; }
    else if !isAttrs value then { text = null; }
    else if value ? __path then { path = text value.__path; }
    else if value ? __entry then { entry = text value.__entry; }
    else if value ? name && isString value.name then { entry = byName.${value.name} or value.name; }
    else { text = null; };
  items = value: if isList value then map item value else [ { text = null; } ];
  source = value:
    if isPath value then { fetcher = "path"; arguments.path = toString value; }
    else if isString value then { fetcher = "path"; arguments.path = value; }
    else if isAttrs value && value ? __fetcher then { fetcher = text value.__fetcher; arguments = mapAttrs (_: text) value.__arguments; }
    else { fetcher = null; arguments = { }; };
in
mapAttrs (_: package: {
  name = text package.name;
  version = text (package.version or null);
  number = if isString package.name then (builtins.parseDrvName package.name).version else null;
  format = text (package.format or null);
  source = if package ? src then source package.src else null;
  needs = items (package.propagatedBuildInputs or [ ]);
  build_needs = items (package.buildInputs or [ ]);
}) entries
