# A stand-in for poetry2nix at the commit that default.nix pins: its interface, and of its behaviour what default.nix and
# shell.nix rely on or work around. tests/poetry2nix_behaviour.py asks this one and the real one the same questions:
#
# * overlays run in this order: the locked packages, then `overrides`, a function, a set with __functor or a list of them;
# * defaultPoetryOverrides.extend f runs f after poetry2nix's own overrides, which fail on a package that is null;
# * a locked package has .override { preferWheel = true; }, which on what overridePythonAttrs returned has no effect;
# * the tags of every wheel of a package are read, and one that cannot be read stops even a build from source;
# * of the files of a package only those count whose names hold its version, letter for letter;
# * the rest of an ABI tag is ignored: a wheel for cp313t passes for one of cp313;
# * poetry2nix's own override of bcrypt builds Rust, of wheels too, by a function that nixpkgs 25.05 dropped;
# * mkPoetryEnv installs what has `develop = true` as it stands, from where it stood, unless it is given as null; for
#   that, [tool.poetry] needs a description;
# * mkPoetryEnv takes no argument that it does not know; mkPoetryApplication takes any;
# * each member of lib.licenses is read as a licence.
{
  pkgs,
  lib ? pkgs.lib,
}:
let
  inherit (builtins)
    attrNames
    elemAt
    filter
    head
    isAttrs
    isList
    isString
    listToAttrs
    map
    mapAttrs
    match
    typeOf
    ;

  readLicences = map (name: lib.licenses.${name}.spdxId) (attrNames lib.licenses);

  compose =
    f: g: final: prev:
    let
      changed = f final prev;
    in
    changed // g final (prev // changed);

  hasSuffix = suffix: text: match ".*${suffix}" text != null;
  # whether this x86_64-linux runs it
  readPlatform =
    tag:
    let
      linux = match "(many|musl)linux_?[0-9]+(_[0-9]+)?_(.*)" tag;
      machine = elemAt linux 2;
    in
    if linux != null then
      {
        x86_64 = head linux == "many";
        aarch64 = false;
        armv7l = false;
        i686 = false;
        ppc64 = false;
        ppc64le = false;
        s390x = false;
      }
      .${machine}
    else if match "any|linux_.+|macosx_.+|win32|win_.+" tag == null then
      throw "Unknown platform tag: '${tag}'"
    else
      tag == "any";
  readWheel =
    version: file:
    let
      fields = match "[^-]+-[^-]+(-[0-9][^-]*)?-([^-]+)-([^-]+)-(.+)[.]whl" file;
      tags = field: filter isString (builtins.split "[.]" (elemAt fields field));
      abi = match "([a-z]+)([0-9]*)_?([a-z0-9]*)" (elemAt fields 2);
      readPython = tag: assert match "[a-z]+[0-9]*" tag != null; tag;
    in
    assert abi != null;
    (
      head abi == "none"
      || head abi == "abi"
      || (head abi == "cp" && elemAt abi 1 == version)
    )
    && builtins.all (tag: readPython tag == tag) (tags 1)
    && builtins.any readPlatform (tags 3);

  buildPythonPackage =
    arguments:
    arguments
    // {
      type = "derivation";
      name = arguments.pname;
      override = _: buildPythonPackage arguments;
      overridePythonAttrs =
        change:
        buildPythonPackage (arguments // (if builtins.isFunction change then change arguments else change));
    };
  lockedPackage =
    version: preferWheels: package:
    let
      named = map (file: file.file) package.files;
      # a file counts where its name holds the version as the lock writes it
      text = builtins.replaceStrings [ "." "+" ] [ "\\." "\\+" ] package.version;
      names = filter (name: match ".*${text}.*" name != null) named;
      wheels = filter (name: readWheel version name) (filter (hasSuffix "[.]whl") names);
      sources = filter (name: !(hasSuffix "[.]whl" name)) names;
      make =
        {
          preferWheel ? preferWheels,
        }:
        let
          found = if preferWheel then wheels ++ sources else sources ++ wheels;
          src = if found == [ ] then throw "Missing suitable source/wheel file entry for ${package.name}" else head found;
        in
        buildPythonPackage {
          pname = package.name;
          inherit (package) version;
          src = builtins.seq wheels src;
        }
        // {
          override = make;
        };
    in
    if package.python-versions == "<3" then null else make { };

  ownOverrides =
    final: prev:
    let
      more =
        name: buildInputs:
        prev.${name}.overridePythonAttrs (old: {
          buildInputs = old.buildInputs or [ ] ++ buildInputs;
          nativeBuildInputs = old.nativeBuildInputs or [ ] ++ [ pkgs.pkg-config ];
        });
    in
    {
      pillow = more "pillow" [
        pkgs.freetype
        pkgs.libjpeg
      ];
      pywin32 = more "pywin32" [ ];
      bcrypt = prev.bcrypt.overridePythonAttrs (_: {
        cargoDeps = throw "`rustPlatform.fetchCargoTarball` has been removed in 25.05";
      });
    };

  mkDefaultPoetryOverrides = defaults: {
    __functor = defaults;
    extend = overlay: mkDefaultPoetryOverrides (compose defaults overlay);
  };

  mkPoetryPackages =
    {
      pyproject,
      poetrylock,
      overrides,
      python,
      preferWheels,
      ...
    }:
    let
      lock = builtins.fromTOML (builtins.readFile poetrylock);
      version = builtins.replaceStrings [ "python" ] [ "" ] python.name;
      locked = listToAttrs (
        map (package: {
          inherit (package) name;
          value = lockedPackage version preferWheels package;
        }) lock.package
      );
      nixpkgs = listToAttrs (
        map (name: {
          inherit name;
          value = buildPythonPackage { pname = name; };
        }) [
          "cffi"
          "cython"
          "flit-core"
          "hatch-fancy-pypi-readme"
          "hatchling"
          "meson-python"
          "pkgconfig"
          "pybind11"
          "scikit-build-core"
          "setuptools"
          "setuptools-scm"
          "sip"
        ]
      );
      overlays = map (overlay: if typeOf overlay == "set" then overlay.__functor else overlay) (
        if isList overrides then overrides else [ overrides ]
      );
      overlay = builtins.foldl' compose (_: _: locked) overlays;
      packages = nixpkgs // overlay packages nixpkgs;
    in
    builtins.seq (builtins.fromTOML (builtins.readFile pyproject)).tool.poetry.name (
      python // { pkgs = packages; }
    );
in
{
  inherit mkDefaultPoetryOverrides;
  defaultPoetryOverrides = mkDefaultPoetryOverrides ownOverrides;

  mkPoetryEnv =
    {
      projectDir ? null,
      pyproject ? projectDir + "/pyproject.toml",
      poetrylock ? projectDir + "/poetry.lock",
      overrides ? mkDefaultPoetryOverrides ownOverrides,
      pwd ? projectDir,
      python ? pkgs.python3,
      preferWheels ? false,
      editablePackageSources ? { },
      extraPackages ? _: [ ],
      groups ? [
        "main"
        "dev"
      ],
      checkGroups ? [ "dev" ],
      extras ? [ "*" ],
    }:
    let
      poetry = (builtins.fromTOML (builtins.readFile pyproject)).tool.poetry;
      developed = lib.filterAttrs (_: source: isAttrs source && source.develop or false) (poetry.dependencies or { });
      sources =
        mapAttrs (_: source: projectDir + "/${source.path}") developed // editablePackageSources;
      wanted = lib.filterAttrs (_: source: source != null) sources;
      # the editable package needs one, be it empty
      editable = builtins.seq (if wanted == { } then null else poetry.description) (mapAttrs (_: toString) wanted);
    in
    {
      type = "derivation";
      name = "env";
      drvPath = builtins.seq editable "env.drv";
      python = mkPoetryPackages { inherit pyproject poetrylock overrides python preferWheels; };
      lock = builtins.readFile poetrylock;
      inherit groups checkGroups editable extras;
    };

  mkPoetryApplication =
    {
      projectDir ? null,
      pyproject ? projectDir + "/pyproject.toml",
      poetrylock ? projectDir + "/poetry.lock",
      overrides ? mkDefaultPoetryOverrides ownOverrides,
      python ? pkgs.python3,
      preferWheels ? false,
      groups ? [ "main" ],
      checkGroups ? [ "dev" ],
      extras ? [ "*" ],
      ...
    }:
    {
      type = "derivation";
      name = (builtins.fromTOML (builtins.readFile pyproject)).tool.poetry.name;
      python = mkPoetryPackages { inherit pyproject poetrylock overrides python preferWheels; };
      lock = builtins.readFile poetrylock;
      meta.license = readLicences;
      inherit groups checkGroups extras;
    };
}
