# What an override file does to the packages `known`: for each package that it speaks of, what it is made
# (override, alias, null, new), and what becomes of each attribute (append, replace, filter, clear, set).
#
# It is given packages whose every attribute is marked, so that it shows in the result what is left of the old value.
# names  every word of the file: a stand-in for nixpkgs has each of them as an attribute
{ file, names, known }:
let
  inherit (builtins) attrNames filter isAttrs isFunction isList isString length listToAttrs mapAttrs stringLength substring;

  standIn = path:
    listToAttrs (map (name: { inherit name; value = standIn (path ++ [ name ]); }) names)
    // {
      __path = path;
      __toString = _: "<${builtins.concatStringsSep "." path}>";
      __functor = self: _: self;
    };

  lib = builtins // {
    hasSuffix = suffix: text:
      let
        over = stringLength text - stringLength suffix;
      in
      over >= 0 && substring over (stringLength suffix) text == suffix;
    filterAttrs = keep: set: listToAttrs (map (name: { inherit name; value = set.${name}; }) (filter (name: keep name set.${name}) (attrNames set)));
    genAttrs = keys: make: listToAttrs (map (name: { inherit name; value = make name; }) keys);
    overrideDerivation = target: changed;
    optional = condition: item: if condition then [ item ] else [ ];
    remove = item: filter (other: other != item);
  };
  pkgs = standIn [ ] // {
    inherit lib;
    stdenv = standIn [ "stdenv" ] // { inherit lib; };
  };
  python = standIn [ "python" ] // {
    overrideDerivation = _: changed;
    mkDerivation = attributes: { how = "new"; inherit attributes; };
  };

  marked = map (name: { __old = true; name = "python3.6-${name}-1.0"; }) known;
  mark = "<old>";
  old = {
    name = "${mark}-1.0";
    buildInputs = marked;
    nativeBuildInputs = marked;
    propagatedBuildInputs = marked;
    patchPhase = mark;
    postPatch = mark;
    preConfigure = mark;
  };
  changed = change: { how = "override"; attributes = if isFunction change then change old else change; };
  package = _: { override = changed; overrideAttrs = changed; overrideDerivation = changed; };
  super = listToAttrs (map (name: { inherit name; value = package name; }) known);
  self = standIn [ "self" ];

  read = (import file) { inherit pkgs python; };
  made = read self super;

  what = value:
    if isList value then
      let
        kept = length (filter (item: isAttrs item && item ? __old) value);
      in
      if kept == 0 then (if value == [ ] then "clear" else "replace")
      else if kept < length marked then "filter"
      else if length value > kept then "append"
      else "same"
    else if isString value then
      (if value == "" then "clear" else if builtins.match ".*${mark}.*" (builtins.replaceStrings [ "\n" ] [ " " ] value) != null then "append" else "set")
    else "set";
  tell = value:
    if value == null then { how = "null"; attributes = { }; }
    else if value ? __path then { how = "alias"; attributes = { }; }
    else { inherit (value) how; attributes = mapAttrs (_: what) value.attributes; };
in
mapAttrs (_: tell) made
