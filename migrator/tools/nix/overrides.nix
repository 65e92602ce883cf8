# What a file of overrides does to the packages `known`: how each one that it speaks of is made (override, alias, null,
# new), and what becomes of each attribute (append, filter, replace, clear, set). Null where it is no such file.
#
# A package that is overridden has marks in all its attributes, so that it shows what is left of them.
#
# main, staged, names  see stand-ins.nix
{ main, staged, names, known }:
let
  inherit (builtins)
    attrNames elem filter functionArgs isAttrs isFunction isList isString length listToAttrs mapAttrs replaceStrings;
  inherit (import ./stand-ins.nix {
    inherit main staged names;
    make = attributes: { __how = "new"; inherit attributes; };
    change = _: changed;
  }) call read standIn;

  mark = "<what it was>";
  items = map (name: { __was = true; name = "python3-${name}-1.0"; pname = name; }) known;
  before = {
    name = "${mark}-1.0";
    version = mark;
    src = mark;
    meta = { };
  } // listToAttrs (map (name: { inherit name; value = items; }) [
    "buildInputs" "checkInputs" "nativeBuildInputs" "patches" "propagatedBuildInputs" "propagatedNativeBuildInputs"
  ]) // listToAttrs (map (name: { inherit name; value = mark; }) [
    "buildPhase" "checkPhase" "configurePhase" "installPhase" "patchPhase" "postBuild" "postConfigure" "postFixup"
    "postInstall" "postPatch" "postUnpack" "preBuild" "preCheck" "preConfigure" "preFixup" "preInstall" "prePatch"
    "preUnpack" "shellHook" "unpackPhase"
  ]);
  changed = change: { __how = "override"; attributes = if isFunction change then change before else change; };
  package = _: { override = changed; overrideAttrs = changed; overrideDerivation = changed; overridePythonAttrs = changed; };
  super = listToAttrs (map (name: { inherit name; value = package name; }) known);

  what = value:
    if isList value then
      let
        kept = length (filter (item: isAttrs item && item ? __was) value);
      in
      if builtins.any (item: isAttrs item && item ? __filtered) value then "filter"
      else if kept == 0 then (if value == [ ] then "clear" else "replace")
      else if kept < length items then "filter"
      else if length value > kept then "append"
      else null
    else if isString value && value == "" then "clear"
    else if isString value && value == mark then null
    else if isString value && replaceStrings [ mark ] [ "" ] value != value then "append"
    else "set";
  tell = value:
    if value == null then { how = "null"; attributes = { }; }
    else if isAttrs value && value ? __how && isAttrs value.attributes && !(value.attributes ? __path) then { how = value.__how; attributes = mapAttrs (_: what) value.attributes; }
    else if isAttrs value && value ? __path then { how = "alias"; attributes = { }; }
    # a function, or what a stand-in gives: nothing that could be told
    else { how = null; attributes = { }; };

  opened = let value = read main; in if isFunction value && functionArgs value != { } then call value { } else value;
  made = opened (standIn "self") super;
in
if !isFunction opened then null
else if !isAttrs made || made ? __path then throw "what it gives is made by nixpkgs, for which there is a stand-in"
else mapAttrs (_: tell) (listToAttrs (map (name: { inherit name; value = made.${name}; }) (filter (name: elem name known) (attrNames made))))
