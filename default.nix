# Written by migrator; a later run overwrites this file.
{
  pkgs ? import <nixpkgs> { },
  python ? pkgs.python314 or pkgs.python313 or pkgs.python312 or pkgs.python311,
  # the dependency groups to install
  groups ? [ "main" ],
  # the extras to install; * is all of them
  extras ? [ "*" ],
  # the last commit of poetry2nix
  poetry2nixSource ? fetchTarball {
    url = "https://github.com/nix-community/poetry2nix/archive/ce2369db77f45688172384bbeb962bc6c2ea6f94.tar.gz";
    sha256 = "0xq52gq2920xnv7n8rchy3myxbijfpap8z0sd572ifla9dnpqzvi";
  },
  poetry2nix ? import poetry2nixSource {
    inherit pkgs;
    # poetry2nix reads each of these as a licence, and nixpkgs has functions among them
    lib = pkgs.lib // {
      licenses = pkgs.lib.filterAttrs (_: builtins.isAttrs) pkgs.lib.licenses;
    };
  },
}:
let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system;

  # What poetry2nix lacks, by package; null: for no platform. Of some packages their markers name the
  # only systems or Pythons, which poetry2nix does not look at.
  table = {
    # its source says what builds it
    annotated-doc = {
      buildSystems = [ "pdm-backend" ];
    };
    # written in Rust: its wheel was made by maturin
    ast-serialize = {
      preferWheel = true;
    };
    # its source says what builds it
    backports-tarfile = {
      buildSystems = [
        "setuptools"
        "setuptools-scm"
      ];
    };
    # its source says what builds it
    backports-zstd = {
      buildSystems = [ "setuptools" ];
    };
    # nixpkgs may lack what builds it: uv-build
    cachecontrol = {
      preferWheel = true;
    };
    # a binding of OpenSSL, with Rust
    cryptography = {
      preferWheel = true;
    };
    # parts of it are in Rust since 0.22
    dulwich = {
      preferWheel = true;
    };
    # its source says what builds it
    findpython = {
      buildSystems = [ "pdm-backend" ];
    };
    # written in Rust: it is built with maturin
    grimp = {
      preferWheel = true;
    };
    # nixpkgs may lack what builds it: uv-dynamic-versioning
    httpcore2 = {
      preferWheel = true;
    };
    # nixpkgs may lack what builds it: uv-dynamic-versioning
    httpx2 = {
      preferWheel = true;
    };
    # written in Rust: it is built with maturin
    hypothesis = {
      preferWheel = true;
    };
    # its source says what builds it
    import-linter = {
      buildSystems = [ "hatchling" ];
    };
    # its source says what builds it
    lazy-importer = {
      buildSystems = [ "flit-core" ];
    };
    # its source says what builds it
    librt = {
      buildSystems = [ "setuptools" ];
    };
    # its source says what builds it
    mypy-extensions = {
      buildSystems = [ "flit-core" ];
    };
    # its source says what builds it
    pbs-installer = {
      buildSystems = [ "pdm-backend" ];
    };
    # its source names no build system
    pipfile = {
      buildSystems = [ "setuptools" ];
    };
    # poetry2nix puts poetry-core in its place
    poetry = {
      preferWheel = true;
    };
    # its source says what builds it
    python-discovery = {
      buildSystems = [
        "hatch-fancy-pypi-readme"
        "hatch-vcs"
        "hatchling"
      ];
    };
    # its wheel was made by scikit-build-core
    rapidfuzz = {
      nativeBuildInputs = [
        pkgs.cmake
        pkgs.ninja
      ];
      buildSystems = [ "scikit-build-core" ];
    };
    # written in Rust
    rpds-py = {
      preferWheel = true;
    };
    # written in Rust
    ruff = {
      preferWheel = true;
    };
    # its source says what builds it
    tree-sitter-nix = {
      buildSystems = [ "setuptools" ];
    };
  };

  # poetry2nix stops at a wheel tag that it does not know, even where it builds from source, and
  # takes free-threaded wheels for ordinary ones: it gets the lock without the lines of such wheels.
  platform = "any|(many|musl)linux[0-9_]+_(x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)|linux_[a-z0-9_]+|macosx_[0-9]+_[0-9]+_[a-z0-9_]+|win32|win_[a-z0-9]+";
  wheel = "[[:space:]]*[{]file = \"[^\"]*[.]whl\".*";
  readableWheel = ".*-[a-z]+[0-9]+([.][a-z]+[0-9]+)*-(none|abi3|cp[0-9]+m?u?|pypy[0-9]+_pp[0-9]+)-(${platform})([.](${platform}))*[.]whl\".*";
  isReadable = line: builtins.match wheel line == null || builtins.match readableWheel line != null;
  poetrylock = builtins.toFile "poetry.lock" (
    lib.concatStringsSep "\n" (
      builtins.filter isReadable (lib.splitString "\n" (builtins.readFile ./poetry.lock))
    )
  );

  # A wheel is chosen before poetry2nix's own overrides, because it cannot be after them, and stays
  # without them: some of them build Rust in a way that nixpkgs no longer has.
  asWheel = package: if package == null then null else package.override { preferWheel = true; };
  wheels = _: prev: { tableWheels = lib.mapAttrs (name: _: asWheel prev.${name}) table; };
  isWanted =
    row:
    row != null
    && builtins.elem system row.systems or [ system ]
    && builtins.elem python.pythonVersion row.pythons or [ python.pythonVersion ];
  override =
    final: prev: name: row:
    let
      package = if row.preferWheel or false then prev.tableWheels.${name} else prev.${name};
    in
    if !isWanted row || package == null then
      null
    else
      package.overridePythonAttrs (old: {
        buildInputs = old.buildInputs or [ ] ++ row.buildInputs or [ ];
        nativeBuildInputs =
          old.nativeBuildInputs or [ ]
          ++ row.nativeBuildInputs or [ ]
          ++ map (builder: final.${builder}) row.buildSystems or [ ];
        # CMake, Meson and Ninja are for the package's own build; their hooks would take its place
        dontUseCmakeConfigure = true;
        dontUseMesonConfigure = true;
        dontUseNinjaBuild = true;
        dontUseNinjaCheck = true;
        dontUseNinjaInstall = true;
      });
  overrides = [
    wheels
    (poetry2nix.defaultPoetryOverrides.extend (final: prev: lib.mapAttrs (override final prev) table))
  ];
  arguments = {
    inherit
      python
      overrides
      poetrylock
      groups
      extras
      ;
    projectDir = ./.;
    checkGroups = [ ];
  };
in
poetry2nix.mkPoetryApplication arguments // { inherit poetry2nix arguments; }
