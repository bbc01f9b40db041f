"""scripts/lint must be able to fail: each rule is shown a tree with one violation, and one without."""
import subprocess
import sys

import pytest

CLEAN_HEADER = """/* Things. */
#ifndef HP_CLEAN_THING_H
#define HP_CLEAN_THING_H

/** Count the things in `n`; never fails. */
int hp_thing(int n);

#endif
"""
CLEAN_SOURCE = """#include "clean/thing.h"
#include "base/str.h"

/* A comment may say malloc(3), and a string "gets(x)". */
int hp_thing(int n) { return n > 0 ? n : -n; }
"""
LONG_BODY = "".join(f"    n += {i};\n" for i in range(125))


@pytest.fixture
def lint(repo, tmp_path):
    """Return a function that lints a small clean tree with `files` laid over it."""
    def run(files, rule=None):
        base = {"src/base/str.h": "/* Strings. */\n", "src/clean/thing.h": CLEAN_HEADER, "src/clean/thing.c": CLEAN_SOURCE,
                ".clang-format": (repo / ".clang-format").read_text()}
        for name, text in {**base, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        argv = [sys.executable, str(repo / "scripts/lint"), "--root", str(tmp_path)]
        return subprocess.run(argv + (["--rule", rule] if rule else []), capture_output=True, text=True, timeout=120)
    return run


def test_clean_tree_passes_every_rule(lint):
    result = lint({})
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("rule, name, text, line, words", [
    ("includes", "src/clean/bad.c", '#include "clean/thing.h"\n#include "resolve/keys.h"\n', 2, "clean may not include resolve/keys.h"),
    ("includes", "src/base/bad.c", '#include "table/table.h"\n', 1, "base may not include table/table.h"),
    ("includes", "src/refine/bad.c", '#include "cli/opt.h"\n', 1, "refine may not include cli/opt.h"),
    ("includes", "src/net/bad.c", '#include "profile/profile.h"\n', 1, "net may not include profile/profile.h"),
    ("includes", "src/ops/doctor/bad.c", '#include "ops/prefect/api.h"\n', 1, "may not include ops/prefect/api.h"),
    ("includes", "src/ops/doctor/bad.c", '#include "table/table.h"\n', 1, "may not include table/table.h"),
    ("includes", "src/clean/bad.c", '#include "thing.h"\n', 1, "folder/file.h"),
    ("includes", "src/attic/bad.c", "", 1, "folder 'attic' is not in the table"),
    ("banned", "src/base/bad.c", "\n\nint f(char *s) { return strtok(s, s) != 0; }\n", 3, "strtok() is banned"),
    ("banned", "src/clean/bad.c", "void *f(void) {\n    return malloc(1);\n}\n", 2, "malloc() is banned, not outside src/base"),
    ("banned", "src/clean/bad.c", "double f(char *s) { return strtod (s, 0); }\n", 1, "strtod() is banned"),
    ("banned", "src/clean/bad.c", "int f(int c) { return isalpha(c); }\n", 1, "isalpha() is banned"),
    ("banned", "src/write/bad.c", 'void f(void) { printf("x"); }\n', 1, "printf() is banned, not outside src/cli"),
    ("doc", "src/clean/bad.h", "/* File. */\n\nint f(int);\n", 3, "f has no doc comment"),
    ("doc", "src/clean/bad.h", "/* Hold one thing. */\nstruct a { int b; };\nstruct c { int d; };\n", 3, "c has no doc comment"),
    ("doc", "src/clean/bad.h", "typedef enum e { A, B } e;\n", 1, "e has no doc comment"),
    ("doc", "src/clean/bad.h", "static inline int f(void) { return 1; }\n", 1, "f has no doc comment"),
    ("doc", "include/hotpass/bad.h", "/* ----- */\nint f(int);\n", 2, "f has no doc comment"),
    ("doc", "src/clean/bad.h", "int a; /* Not about the next line. */\nint f(int);\n", 2, "f has no doc comment"),
    ("size", "src/clean/bad.c", "\nint f(int n) {\n" + LONG_BODY + "    return n;\n}\n", 2, "f has 128 lines"),
    ("size", "src/clean/bad.c", "/* x */\n" * 1201, 1201, "the file has 1201 lines"),
    ("format", "src/clean/bad.c", "int x;\nint  f( void );\n", 2, "clang-format"),
    ("cppcheck", "src/clean/bad.c", "int f(void);\nint f(void) {\n    int *p = 0;\n    return *p;\n}\n", 4, "nullPointer"),
    ("paths", "docs/bad.md", "one\nsee /wor" "k/main here\n", 2, "a path of one machine"),
])
def test_rule_names_the_violation(lint, rule, name, text, line, words):
    result = lint({name: text}, rule)
    assert result.returncode == 1
    found = [row for row in result.stdout.splitlines() if row.startswith(f"{name}:{line}: ")]
    assert len(found) == 1 and words in found[0] and found[0].endswith(f"[{rule}]"), result.stdout


@pytest.mark.parametrize("rule, name, text", [
    ("includes", "src/clean/good.c", '#include <string.h>\n#include "base/str.h"\n#include "profile/profile.h"\n'),
    ("includes", "src/refine/good.c", '#include "read/source.h"\n#include "write/xlsx.h"\n'),
    ("includes", "src/ops/incident/good.c", '#include "ops/evidence/bag.h"\n#include "table/issue.h"\n'),
    ("includes", "src/cli/good.c", '#include "ops/doctor/doctor.h"\n#include "hotpass/hotpass.h"\n'),
    ("banned", "src/base/good.c", "void *f(void) { return malloc(1); }\n"),
    ("banned", "src/cli/good.c", 'void f(void) { printf("x"); }\n'),
    ("banned", "src/clean/good.c", "void f(struct v *v) {\n    v->free(v);\n    hp_free(v);\n}\n// printf(\n"),
    ("banned", "src/clean/good.c", "void f(void *p) { free(p); } /* lint: allow banned: the library made it */\n"),
    ("doc", "src/clean/good.h", "typedef struct a a;\nstruct b;\n/* Hold one\n * thing. */\ntypedef struct c {\n    int d;\n} c;\n"),
    ("doc", "src/clean/good.h", "/** Count `n` of them. */\nint f(int n)\n    __attribute__((const));\n#define g(x) \\\n    f(x)\n"),
    ("doc", "src/clean/good.h", "// Count them all.\nint f(int);\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n/* Count more of them. */\nint g(int);\n"),
    ("size", "src/clean/good.c", "int f(int n) {\n" + LONG_BODY[:1000] + "    return n;\n}\n"),
    ("size", "src/clean/good.c", "static const int t[] = {\n" + "    1,\n" * 500 + "};\n"),
    ("paths", "docs/good.md", "../shared/wor" "k/x https://a.example/wor" "k/x\n"),
])
def test_rule_lets_good_code_pass(lint, rule, name, text):
    result = lint({name: text}, rule)
    assert (result.returncode, result.stdout) == (0, "")


def test_a_violation_fails_the_whole_lint(lint):
    result = lint({"src/clean/bad.c": "int hp_f(char *s) { return atoi(s); }\n"})
    assert result.returncode == 1 and "[banned]" in result.stdout


def test_a_missing_tool_is_a_failure(lint, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    result = lint({}, "cppcheck")
    assert result.returncode == 1 and "cppcheck is not installed: run scripts/setup check" in result.stdout
