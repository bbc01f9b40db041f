"""make install, and libhotpass for programs of others."""
import os
import shutil
import subprocess

import pytest

import web

PROGRAM = r"""
#include <hotpass/hotpass.h>
#include <stdio.h>
int main(int argc, char **argv) {
    const char *dirs[] = {argv[1], NULL}, *outputs[] = {argv[3], NULL};
    hotpass_options o = {.profile = argc > 4 ? argv[4] : "aviation", .profile_dirs = dirs, .input_dir = argv[2], .outputs = outputs};
    hotpass_result r;
    int code = hotpass_refine(&o, &r);
    printf("%s %d %llu %llu %llu %llu %s\n", hotpass_version(), code, (unsigned long long)r.rows_in, (unsigned long long)r.rows_out,
           (unsigned long long)r.merged, (unsigned long long)r.quarantined, r.message);
    return code;
}
"""


@pytest.fixture(scope="module")
def installed(repo, tmp_path_factory):
    """The release build, installed and then moved elsewhere, so that nothing can be found in the build folder or under the prefix."""
    top = tmp_path_factory.mktemp("install")
    run = lambda *argv: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, cwd=repo)
    run("meson", "setup", top / "build", "--buildtype=release", "-Dtests=false", f"-Dprefix={top / 'prefix'}", "-Dlibdir=lib")
    run("ninja", "-C", top / "build")
    run("meson", "install", "-C", top / "build")
    shutil.rmtree(top / "build")
    (top / "prefix").rename(top / "moved")
    return top / "moved"


def test_what_is_installed_works_where_it_was_moved_to(installed, demo, tmp_path):
    argv = [installed / "bin/hotpass", "refine", "--profile-search-path", installed / "share/hotpass/profiles", "--profile", "aviation",
            "--input-dir", demo, "--output-path", tmp_path / "o.xlsx"]
    result = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "o.xlsx").stat().st_size > 10_000
    for part in ("share/man/man1/hotpass.1", "share/man/man1/hotpass-refine.1", "share/bash-completion/completions/hotpass.bash",
                 "share/hotpass/profiles/generic.yaml", "include/hotpass/hotpass.h", "lib/libhotpass.so", "lib/pkgconfig/hotpass.pc"):
        assert (installed / part).exists(), part


def test_a_missing_phone_module_is_an_error_not_a_list_of_invalid_phones(installed, demo, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(installed, copy, symlinks=True)
    shutil.rmtree(copy / "lib/hotpass")
    argv = [copy / "bin/hotpass", "refine", "--profile-search-path", copy / "share/hotpass/profiles", "--profile", "aviation",
            "--input-dir", demo, "--output-path", tmp_path / "o.xlsx"]
    result = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 78 and "libhotpass_phone.so" in result.stderr and "install" in result.stderr
    assert not (tmp_path / "o.xlsx").exists()


def test_no_command_waits_for_libraries_that_few_commands_need(installed):
    """libcurl, libxml2 and libphonenumber are loaded on first use: linked, they would treble the time of `hotpass version`."""
    linked = subprocess.run(["ldd", installed / "bin/hotpass"], capture_output=True, text=True, check=True).stdout
    assert "libc.so" in linked
    for name in ("libcurl", "libxml2", "libphonenumber", "libicu", "libprotobuf", "libgnutls", "libldap"):
        assert name not in linked, linked


@pytest.mark.parametrize("library, package, argv", [
    ("libcurl.so.4", "libcurl4", ["crawl", "http://127.0.0.1:9/", "--allow-network"]),
    ("libxml2.so.2", "libxml2", ["crawl", "PAGE", "--allow-network"]),
])
def test_a_library_that_cannot_be_loaded_is_an_error_that_names_the_package(installed, library, package, argv, tmp_path):
    server = web.Web()
    server.pages["/"] = web.Reply("<p>Call 011 555 0100</p>")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / library).write_text("not a library")
    (tmp_path / "p.yaml").write_text("name: p\nenrich:\n  allow_network: true\n  network:\n    allow_private_hosts: [127.0.0.1]\n")
    env = {**os.environ, "LD_LIBRARY_PATH": str(broken), "FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true"}
    argv = [f"http://127.0.0.1:{server.port}/" if word == "PAGE" else word for word in argv]
    result = subprocess.run([installed / "bin/hotpass", *argv, "--profile", "./p.yaml"], capture_output=True, text=True, cwd=tmp_path, env=env)
    server.stop()
    assert result.returncode == 78, (result.stdout, result.stderr)
    assert f"{library} cannot be loaded" in result.stderr and f"install the package {package}" in result.stderr
    still = subprocess.run([installed / "bin/hotpass", "version"], capture_output=True, text=True, env=env)
    assert still.returncode == 0, still.stderr


def test_a_program_of_others_links_the_library(installed, demo, tmp_path):
    (tmp_path / "mine.c").write_text(PROGRAM)
    lib = installed / "lib"
    subprocess.run(["cc", "-Wall", "-Werror", tmp_path / "mine.c", "-o", installed / "bin/mine", f"-I{installed / 'include'}", f"-L{lib}",
                    "-lhotpass", f"-Wl,-rpath,{lib}"], check=True)
    env = {**os.environ, "LC_ALL": "C"}
    argv = [installed / "bin/mine", installed / "share/hotpass/profiles", demo, tmp_path / "o.xlsx"]
    result = subprocess.run(argv, capture_output=True, text=True, env=env)
    assert result.returncode == 0, (result.stdout, result.stderr)
    _, code, rows_in, rows_out, merged, quarantined = result.stdout.split()
    assert code == "0" and int(rows_in) == int(rows_out) + int(merged) + int(quarantined) > 300
    result = subprocess.run([*argv, "no-such-profile"], capture_output=True, text=True, env=env)
    assert result.returncode == 78 and "no-such-profile" in result.stdout
    symbols = subprocess.run(["nm", "-D", "--defined-only", lib / "libhotpass.so"], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in symbols.splitlines()}
    assert names - {"_edata", "_end", "__bss_start"} == {"hotpass_refine", "hotpass_version"}
