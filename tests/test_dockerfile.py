"""What Dockerfiles install, read as a hint at native libraries."""

from __future__ import annotations

import pytest

from migrator.readers.surroundings.dockerfile import read_system_packages

from .trees import DictTree

NOTHING = {
    "an empty file": "",
    "no RUN": "FROM debian\nCOPY apt-get install x /\n",
    "other commands": "RUN apt-get update && pip install lxml && make install libxml2-dev\n",
    "another verb": "RUN apt-get remove libxml2-dev; apk del x; yum clean all\n",
    "options only": "RUN apt-get install -y\n",
    "a comment": "RUN true # apt-get install libxml2-dev\n",
    "a commented instruction": "# RUN apt-get install libxml2-dev\n",
    "an open continuation": "RUN apt-get \\",
    "an argument that is no command": "RUN echo apt-get install libxml2-dev\n",
    "an open here-document": "RUN <<EOF\ntrue",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_what_installs_nothing_says_nothing(text: str) -> None:
    assert read(text) == []


INSTALLING = {
    "apt-get": ("RUN apt-get update && apt-get install -y libxml2-dev gcc", ["libxml2-dev:1", "gcc:1"]),
    "apt": ("run apt install libpq-dev", ["libpq-dev:1"]),
    "with a path and sudo": ("RUN sudo /usr/bin/apt-get -q install libpq-dev", ["libpq-dev:1"]),
    "with variables before it": ("RUN DEBIAN_FRONTEND=noninteractive apt-get install libpq-dev", ["libpq-dev:1"]),
    "options with values": ("RUN apt-get -o Dpkg::Use-Pty=0 install -t bookworm -y a", ["a:1"]),
    "versions and architectures": ("RUN apt-get install a=1.2-3 b:amd64 libstdc++6", ["a:1", "b:1", "libstdc++6:1"]),
    "apk": (
        "RUN apk add --no-cache --virtual .build postgresql-dev 'musl-dev~=1.2'",
        ["postgresql-dev:1", "musl-dev:1"],
    ),
    "yum": ("RUN yum -y install libxml2-devel", ["libxml2-devel:1"]),
    "dnf and microdnf": ("RUN dnf install -y a && microdnf install b", ["a:1", "b:1"]),
    "over lines": (
        "FROM x\nRUN apt-get update \\\n  && apt-get install -y \\\n    a \\\n\n    # why\n    b \\\n  && ls\nRUN ls",
        ["a:4", "b:7"],
    ),
    "with another escape": ("# escape=`\nRUN apt-get install `\n a", ["a:3"]),
    "the options of RUN": ("RUN --mount=type=cache,target=/x apt-get install a", ["a:1"]),
    "the exec form": ('RUN ["apt-get", "install", "-y", "a"]', ["a:1"]),
    "a here-document": (
        "RUN <<EOF\nset -e\napt-get install a \\\n  b\nEOF\nRUN apt-get install c",
        ["a:3", "b:4", "c:6"],
    ),
    "in a condition": ("RUN if true; then apt-get install a; fi || (apk add b)", ["a:1", "b:1"]),
    "a name twice": ("RUN apt-get install a b\nRUN apt-get install b c", ["a:1", "b:1", "c:2"]),
    "a variable": ("RUN apt-get install ${PACKAGES} a", ["${PACKAGES}:1", "a:1"]),
    "a variable of the file": (
        'ARG DEPS="  \\\n  a \\\n  b=1"\nENV MORE="c d" E=f\nRUN apt-get install $DEPS ${MORE} $E $OTHER',
        ["a:2", "b:3", "c:4", "d:4", "f:4", "$OTHER:5"],
    ),
    "a variable in the old form": ("ENV DEPS a b\nRUN apk add $DEPS", ["a:1", "b:1"]),
    "an open quote": ("RUN apt-get install a && echo 'x \\\n y'", ["a:1"]),
    "one continuation too many": ("RUN apt-get install a \\", ["a:1"]),
}


@pytest.mark.parametrize(("text", "found"), INSTALLING.values(), ids=INSTALLING)
def test_every_way_to_install_is_read(text: str, found: list[str]) -> None:
    assert read(text) == found


def test_the_dockerfiles_of_a_project_are_those_with_the_usual_names() -> None:
    run = b"RUN apt-get install a\n"
    names = ("Dockerfile", "Dockerfile.dev", "web.Dockerfile", "docker/Dockerfile", "Containerfile")
    others = ("Dockerfile.dockerignore", "docs/Dockerfile.md.txt", "dockerfiles.py", "src/Dockerfile", "notes")
    tree = DictTree(dict.fromkeys((*names, *others), run))
    assert sorted({p.origin.path for p in read_system_packages(tree)}) == sorted(names)


def read(text: str) -> list[str]:
    packages = read_system_packages(DictTree({"Dockerfile": text.encode()}))
    return [f"{package.name}:{package.origin.line}" for package in packages]
