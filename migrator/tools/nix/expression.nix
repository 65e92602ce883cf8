# What an expression of pypi2nix means: one set for each package, without the overrides that are laid over it.
#
# main, staged, names  see stand-ins.nix
{ main, staged, names }:
let
  inherit (builtins)
    attrNames filter functionArgs isAttrs isFloat isFunction isInt isList isPath isString listToAttrs mapAttrs;
  inherit (import ./stand-ins.nix {
    inherit main staged names;
    make = arguments: arguments;
    change = package: _: package;
  }) call fix read;

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
