"""pip's own parser judges our reader: on a fixture for each feature, and on files that Hypothesis writes."""

from __future__ import annotations

from pathlib import Path

import pip
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from migrator.model.finding import Code
from tests.pip_oracle import judge
from tests.requirements_views import DIFFER, as_judged, read

KNOWS_CONFIG_SETTINGS = Version(pip.__version__) >= Version("23.1")
"""On the line of a requirement, that is; older pips may still come with a Python."""
DIGEST = "a" * 64
OTHER = "b" * 64
BESIDE = {
    "setup.cfg": "[metadata]\nname = shop\n",
    "setup.py": "from setuptools import setup\nsetup()\n",
    "libs/core/pyproject.toml": '[project]\nname = "shop-core"\n',
    "libs/core/setup.py": "",
    "base.txt": "flask==3.0.0\n",
    "constraints.txt": "urllib3<2\n-r deeper/more.txt\n",
    "deeper/more.txt": "-c ../caps.txt\nidna==3.6\n",
    "caps.txt": "certifi<2025\n",
}

FEATURES = {
    "a pin": "requests==2.31.0",
    "a name alone": "requests",
    "a range": "requests>=2.8.1,<3",
    "blanks everywhere": "requests [security , socks]  >= 2.8.1 , == 2.8.* ",
    "parentheses": "requests (>=2.8.1)",
    "every operator": "a~=1.4.2\nb!=1.5\nc<=2\nd<2\ne>2\nf===1.0\ng==1.4.*\nh!=1.4.*",
    "an epoch": "a==1!2.0",
    "a local version": "torch==2.1.0+cu118",
    "pre-, post- and development releases": "a==1.0a1\nb==1.0rc2\nc==1.0.post3\nd==1.0.dev4\ne==1.0-1\nf==v1.0",
    "versions that are written loosely": "a==01.0\nb==1.0.0-rc.1\nc==1.0_beta",
    "legacy versions": "pytz==2011n\npairtree==0.7.1-T\npairtree===0.7.1-T\npytz(>dev)\nhoncho==cfcc7ebb",
    "a wildcard with an order": "a>=1.*",
    "names of every case": "Foo.Bar_baz==1\nzope.interface\nruamel.yaml.clib>=0.2\nA\na1",
    "extras": "a[b]\na[B_c,d.e]==1\na[]",
    "markers": 'a; python_version < "3.8"\nb;sys_platform=="win32" and (python_version>"3" or os_name != "nt")',
    "a marker without blanks": "a==1.0;python_version<'3'",
    "old dotted markers": "a; os.name=='nt'\nb; sys.platform=='x'\nc; python_implementation=='P'",
    "an extra's marker": "a; extra == 'speed'",
    "an empty marker": "a ;",
    "a marker that says in": 'a; python_version in "2.6 2.7"\nb; platform_machine not in "arm64 aarch64"',
    "a dash in a marker": "a==1 ; platform_machine != 'x86-64'",
    "hashes": f"a==1.0 --hash=sha256:{DIGEST} --hash=sha512:{DIGEST}{OTHER}\nb>=1 --hash sha384:{DIGEST}",
    "hashes on lines of their own": f"a==1.0 \\\n    --hash=sha256:{DIGEST} \\\n    --hash=sha256:{OTHER}\nb==2",
    "hashes and a marker": f'a==1.0 ; python_version >= "3.8" \\\n  --hash=sha256:{DIGEST}\n    # via b',
    "a tab before a hash": f"a==1.0 \\\n\t--hash=sha256:{DIGEST}\nb==1",
    "a hash without a requirement": f"--hash=sha256:{DIGEST}\na==1",
    "continuations": "a==\\\n1.0\nb\\\n>=1,\\\n<2\nc \\\n\nd==1\\",
    "a comment in a continuation": "a==1.0 \\\n# comment\nb==2\nc==1 \\\n   # more \\\nd==1",
    "a backslash before a comment": "a==1.0 \\ # comment\nb==1",
    "backslashes at both ends": "\\a==1.0 \\\n\\b",
    "comments": "# one\n  # two\na==1 # three\nb==1#four\nc==1\t#five\nd#six\n#",
    "line ends": "a==1\r\nb==2\rc==3\x0cd==4\x0be==5\u2028f==6\x85g==7\n\n\n",
    "no line end at the end": "a==1\nb==2",
    "blanks around": "   a==1   \n\tb==2\t\n \n",
    "no-break spaces": "a==1\u00a0# c\n\u00a0b==2",
    "editable folders": "-e .\n-e .[dev]\n--editable ./libs/core\n-e=libs/core\n-e 'libs/core[a,b]'\n-e ./missing",
    "folders": ".\n./libs/core\nlibs/core\nlibs/core/\n./libs/core[x]\n./missing\n./deeper\n. ; python_version < '4'",
    "files": "./dist/shop-1.0.tar.gz\ndist/shop-1.0-py3-none-any.whl\nshop-1.0-py3-none-any.whl[x]\nshop.zip",
    "file addresses": (
        "file:///srv/shop\nfile:///srv/a%20b/shop-1.0-py3-none-any.whl\n-e file:///srv/shop#egg=shop\n"
        "shop @ file:///srv/shop"
    ),
    "repositories": (
        "git+https://github.com/pallets/flask.git@3.0.0#egg=flask\n"
        "git+https://github.com/pallets/flask.git#egg=flask&subdirectory=sub/dir\n"
        "git+https://github.com/pallets/flask@feature/x#subdirectory=src&egg=flask\n"
        "git+ssh://git@github.com/pallets/flask.git@abc#egg=flask\n"
        "git+ssh://git@github.com:pallets/flask.git#egg=flask\n"
        "git+git://github.com/pallets/flask#egg=flask\ngit+file:///srv/flask.git#egg=flask\n"
        "hg+https://host/flask@1.0#egg=flask\nhg+ssh://hg@host/flask#egg=flask\n"
        "svn+https://host/flask/trunk@42#egg=flask\nsvn+svn://host/flask#egg=flask\n"
        "bzr+lp:flask#egg=flask\nbzr+https://host/flask#egg=flask"
    ),
    "repositories without a name": "git+https://github.com/pallets/flask.git@3.0.0\n-e git+https://github.com/a/b",
    "editable repositories": (
        "-e git+https://github.com/pallets/flask.git@3.0.0#egg=flask\n-e git://github.com/pallets/flask#egg=flask\n"
        "-e svn://host/flask#egg=flask\n-e hg+https://host/flask#egg=django_eav-0.9.2-py2.6-dev\n-e https://host/x#egg=x"
    ),
    "more than a name after egg": (
        "git+https://github.com/a/b@v1#egg=b[x,Y_z]==1.2\n-e git+https://github.com/a/b#egg=b[x]\n"
        "b @ git+https://github.com/a/b#egg=b[x]\nhttps://host/b.zip#egg=b>=1\ngit+https://host/b#egg=b=="
    ),
    "addresses of files": (
        "https://host/flask-3.0.0.tar.gz\nhttps://host/flask-3.0.0.tar.gz#egg=flask\nhttps://host/archive/main.zip\n"
        "https://host/flask-3.0.0-py3-none-any.whl#sha256=" + DIGEST + "\n"
        "https://host/llama_cpp_python-0.3.1+cu128-cp311-cp311-linux_x86_64.whl ; python_version == '3.11'\n"
        "https://host/a-2011n-py2-none-any.whl\nhttps://host/a_b-1.0_x-py2-none-any.whl\nhttps://host/a-1.0.whl\n"
        "ftp://host/a-1.0.zip\nhttps://host/a%20b/c-1.0-1-py3-none-any.whl\nhttp://user:secret@host/a.zip#egg=a"
    ),
    "a marker behind an address": "https://host/a-1.0.zip; python_version < '3'\nhttps://host/a;b.zip#egg=a",
    "names with an address": (
        "flask @ https://host/flask-3.0.0.tar.gz\nflask@https://host/flask.zip\n"
        "flask[async] @ git+https://github.com/pallets/flask@main ; python_version > '3'\n"
        "flask @ git+https://github.com/pallets/flask#subdirectory=x\nflask @ ./libs/core\nflask @ file:libs/core\n"
        "flask @ https://host/a;b.zip"
    ),
    "names with an address after -e": "-e 'flask @ git+https://github.com/pallets/flask ; python_version > \"3\"'",
    "the scp form": "git@github.com:org/x.git==v1.0.0\ngit+git@github.com:org/x.git",
    "includes": "-r base.txt\n-rbase.txt\n--requirement=base.txt\n--requirement base.txt\n-r base.txt\nlast==1",
    "constraints": "-c constraints.txt\n--constraint=constraints.txt\nlast==1",
    "several includes on a line": "-r base.txt -r caps.txt\n-c caps.txt -r base.txt",
    "includes that are not there": "-r missing.txt\n-c missing.txt\n-r deeper\na==1",
    "options on a requirement's line": (
        "psycopg2==2.7.4 --no-binary psycopg2\na==1 --index-url https://host/simple\nb==1 -r base.txt\n"
        + ("c==1 --config-settings=x=y\n" if KNOWS_CONFIG_SETTINGS else "")
        + "d==1 --pre"
    ),
    "a requirement behind an option": "--only-binary=all nuimo==1.0\n-i https://host/simple a==1\n- a==1\nb==2",
    "options": (
        "-i https://host/simple\n--extra-index-url=https://other/simple\n-f ./wheels\n--pre\n--prefer-binary\n"
        "--no-binary :all:\n--only-binary=a,b\n--require-hashes\n--trusted-host host\na==1"
    ),
    "variables that are not set": (
        "git+https://${TOKEN_OF_NOBODY}@github.com/a/b#egg=b\n-i https://${USER_OF_NOBODY}:${X_OF_NOBODY}@host/simple\n"
        "a==${VERSION_OF_NOBODY}\nb @ https://host/${PATH_OF_NOBODY}.zip"
    ),
    "lines that are no requirements": (
        '<<<<<<< HEAD\na==1\n=======\na==2\n>>>>>>> branch\nb=1\nc = "==1"\n[tool]\n{{ x }}\n{% if %}\nd==1\',\n'
        "pip install e\nf^1.0\ng==\nh==1,\ni==1;\nj 1.0\nk==1.0 l==2.0\nm==1==2\n'n==1'\no==1/2\np==1 ; nonsense\n"
        "--what\nq[==1\n@\nr@s\nsubversion [platform:rpm]\n$(x)\nbrew install ./x.rb\nv==1.0.zip"
    ),
    "a trailing comma": "a>=1,\nb>=1,<2 ,\nc==1.0,",
}


def lay_out(folder: Path, text: str) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {"requirements.txt": text.encode(), **BESIDE}
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return files


def compare(folder: Path, text: str) -> None:
    """Every requirement that this pip reads is read the same; what only we read is told."""
    files = lay_out(folder, text)
    expected = judge(folder)
    reading = read(files)
    ours = [as_judged(dependency) for dependency in reading.project.declared]
    told = {(f.origin.path, f.origin.line) for f in reading.findings if f.origin is not None and f.code in DIFFER}
    known = {(one.path, one.line) for one in expected}
    assert [one for one in ours if (one.path, one.line) not in known | told] == []
    both = [one for one in ours if (one.path, one.line) in known]
    # pip leaves files without a name that tell it by their name or by the project in their folder
    nameless = {(one.path, one.line) for one in expected if one.name is None}
    both = [type(one)(**{**one.__dict__, "name": None}) if (one.path, one.line) in nameless else one for one in both]
    assert both == expected


@pytest.mark.parametrize("text", FEATURES.values(), ids=FEATURES.keys())
def test_every_feature_reads_as_in_pip(tmp_path: Path, text: str) -> None:
    compare(tmp_path, text)


names = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,6}[a-z0-9]", fullmatch=True)
versions = st.one_of(
    st.from_regex(
        r"(?:[1-3]!)?[0-9]{1,2}(?:\.[0-9]{1,3}){0,3}(?:(?:a|b|rc)[0-9])?(?:\.post[0-9])?(?:\.dev[0-9])?", fullmatch=True
    ),
    st.sampled_from(["1.0+local.1", "2011n", "0.7.1-T", "v1", "1.0-1", "1.0.*"]),
)
operators = st.sampled_from(["==", "===", ">=", "<=", "!=", "~=", "<", ">", "= ", "^"])
blanks = st.sampled_from(["", " ", "  ", "\t"])
clauses = st.builds("{}{}{}".format, operators, blanks, versions)
specifiers = st.one_of(
    st.just(""),
    clauses,
    st.builds("{},{}{}".format, clauses, blanks, clauses),
    st.builds("({})".format, clauses),
)
extras = st.one_of(st.just(""), st.builds("[{}]".format, st.lists(names, max_size=3).map(", ".join)))
markers = st.sampled_from(
    [
        "",
        ";python_version<'3.8'",
        ' ; python_version >= "3.8" and sys_platform == "linux"',
        "; (os_name=='nt' or os.name == 'posix')",
        ";",
        " ; nonsense",
        ' ; platform_machine != "x86-64"',
        " ;  extra == 'a'",
    ]
)
hashes = st.sampled_from(
    [
        "",
        f" --hash=sha256:{DIGEST}",
        f" \\\n    --hash=sha256:{DIGEST} \\\n    --hash=sha256:{OTHER}",
        f"\t--hash=sha256:{DIGEST}",
    ]
)
addresses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(
        ["git+https://", "hg+ssh://hg@", "https://", "git+ssh://git@", "git://", "svn+svn://", "http://u:p@"]
    ),
    st.sampled_from(["host/path", "host:8080/a/b.git", "host/a-1.0.zip", "host/a_b-1.0-py3-none-any.whl", "host"]),
    st.sampled_from(["", "@v1", "@feature/x"]),
    st.sampled_from(["", "#egg=name", "#egg=name[x]==1", "#subdirectory=a&egg=name", "#sha256=abc", "#egg=a b"]),
)
requirements = st.one_of(
    st.builds("{}{}{}{}{}{}".format, names, blanks, extras, specifiers, markers, hashes),
    st.builds("{}{}".format, addresses, markers.map(lambda marker: " " + marker if marker else "")),
    st.builds("-e {}".format, addresses),
    st.builds("{}{}@ {}{}".format, names, extras, addresses, markers.map(lambda marker: " " + marker)),
)
others = st.sampled_from(
    [
        "",
        "# comment",
        "   # via a",
        "-r base.txt",
        "-c constraints.txt",
        "--pre",
        "\\",
        "-e .[dev]",
        "./libs/core",
        "x \\",
    ]
)
endings = st.sampled_from(["", "", "  # comment", " # via b, c", "#no", " \\ # no"])
files = st.lists(st.one_of(st.builds("{}{}".format, requirements, endings), others), max_size=6).map("\n".join)


# the folder is written anew for every example, so sharing it does no harm
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=files)
def test_files_of_any_form_read_as_in_pip(tmp_path: Path, text: str) -> None:
    compare(tmp_path, text)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("a1=<>!~;,.[]()@#'\"\\-/: \t\n$+_*"), max_size=24))
def test_noise_reads_as_in_pip(tmp_path: Path, text: str) -> None:
    compare(tmp_path, text)


def test_a_variable_of_the_environment_stays_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip puts the value there; written files never hold it."""
    monkeypatch.setenv("SECRET_OF_TEST", "hunter2")
    files = lay_out(tmp_path, "a @ https://${SECRET_OF_TEST}@host/a.zip\n")
    assert [one.url for one in judge(tmp_path)] == ["https://hunter2@host/a.zip"]
    reading = read(files)
    assert [as_judged(one).url for one in reading.project.declared] == ["https://${SECRET_OF_TEST}@host/a.zip"]
    assert [finding.code for finding in reading.findings] == [Code.VARIABLE_KEPT]
