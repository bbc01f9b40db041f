"""hotpass bucket against versitygw and directories, held against boto3."""
import contextlib
import datetime
import hashlib
import http.server
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.config import Config
from line import Line

OK, FINDINGS, USAGE, PARTIAL, DATA, NOINPUT, UNAVAILABLE, CANTCREAT, NOPERM, CONFIG = 0, 1, 2, 3, 65, 66, 69, 73, 77, 78
MIB = 1 << 20
ODD_KEYS = ["plain.txt", "a b+c.txt", "caf\u00e9/\u65e5\u672c.txt", "x~y%20z=&?#'.txt", "deep/er/and/deeper.bin", "semi;colon,@:!$()*.txt"]


def sha(content):
    return hashlib.sha256(content).hexdigest()


def noise(n, seed=1):
    return random.Random(seed).randbytes(n)


@pytest.fixture(scope="session")
def boto(s3_server):
    """boto3's client of the server."""
    return boto3.client("s3", endpoint_url=s3_server.endpoint, aws_access_key_id=s3_server.access_key,
                        aws_secret_access_key=s3_server.secret_key, region_name=s3_server.region,
                        config=Config(s3={"addressing_style": "path"}))


_made = iter(range(10000))


@pytest.fixture
def bucket(boto):
    """A new bucket."""
    name = f"evidence-{next(_made)}"
    boto.create_bucket(Bucket=name)
    return name


@pytest.fixture
def env(s3_server, tmp_path):
    return {**s3_server.client_env(), "HOME": tmp_path, "XDG_CONFIG_HOME": tmp_path / "config", "HOTPASS_CONFIG": None}


def answer(result, code=OK):
    assert result.returncode == code, result.stderr + result.stdout
    return json.loads(result.stdout)


def tree(folder, contents):
    for key, content in contents.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


# ---- both ways, against boto3 -------------------------------------------------------------------------------


def test_what_is_put_is_what_boto3_gets(hotpass, boto, bucket, env, tmp_path):
    contents = {key: noise(100 + i, i) for i, key in enumerate(ODD_KEYS)} | {"empty": b""}
    told = answer(hotpass("bucket", "put", tree(tmp_path / "in", contents), f"s3://{bucket}/run 1/", "--json", env=env))
    assert (told["good"], told["bad"]) == (len(contents), 0)
    assert {line["outcome"] for line in told["objects"]} == {"stored"} and all(line["verified"] for line in told["objects"])
    there = {o["Key"]: o for o in boto.list_objects_v2(Bucket=bucket)["Contents"]}
    assert set(there) == {f"run 1/{key}" for key in contents}
    for key, content in contents.items():
        got = boto.get_object(Bucket=bucket, Key=f"run 1/{key}", ChecksumMode="ENABLED")
        assert got["Body"].read() == content
        assert got["Metadata"] == {"sha256": sha(content)}
        assert got["ChecksumSHA256"]  # boto3 has compared it with the body


def test_what_boto3_puts_is_what_is_got(hotpass, boto, bucket, env, tmp_path):
    for i, key in enumerate(ODD_KEYS):
        boto.put_object(Bucket=bucket, Key=f"p/{key}", Body=noise(1000, i))
    boto.upload_file(str(tree(tmp_path / "big", {"b": noise(12 * MIB)}) / "b"), bucket, "p/in parts",
                     Config=boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
    told = answer(hotpass("bucket", "get", f"s3://{bucket}/p/", tmp_path / "out", "--json", env=env))
    assert told["good"] == len(ODD_KEYS) + 1
    for i, key in enumerate(ODD_KEYS):
        assert (tmp_path / "out" / key).read_bytes() == noise(1000, i)
    assert (tmp_path / "out/in parts").read_bytes() == noise(12 * MIB)
    again = answer(hotpass("bucket", "get", f"s3://{bucket}/p/", tmp_path / "out", "--json", env=env))
    assert {line["outcome"] for line in again["objects"]} == {"present"}


def test_ls_lists_what_boto3_lists_over_several_pages(hotpass, boto, bucket, env):
    keys = [f"k/{i:04} &<\u00e9>.txt" for i in range(1003)]
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: boto.put_object(Bucket=bucket, Key=key, Body=b"x"), keys))
    boto.put_object(Bucket=bucket, Key="other", Body=b"yy")
    told = answer(hotpass("bucket", "ls", f"s3://{bucket}/k/", "--json", env=env))
    assert [o["key"] for o in told["objects"]] == keys and told["count"] == 1003 and told["bytes"] == 1003
    everything = hotpass("bucket", "ls", f"s3://{bucket}", env=env)
    assert everything.stdout.splitlines()[-1] == "1,004 objects, 1.0 kB" and "other" in everything.stdout


def test_signatures_are_those_of_botocore(hotpass, bucket, env, tmp_path):
    """The server checks them; here another implementation signs what was sent, seen by a listener."""
    seen = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                data = b""
                while b"\r\n\r\n" not in data:
                    data += client.recv(65536)
                seen.append(data.split(b"\r\n\r\n")[0].decode())
                client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                client.close()

    threading.Thread(target=serve, daemon=True).start()
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    file = tree(tmp_path / "in", {"a b+\u00e9.txt": b"hello"}) / "a b+\u00e9.txt"
    for token in (None, "session/token+=="):
        for arguments in (["put", file, f"s3://{bucket}/x y/", "--retain-until", "2999-12-31"], ["ls", f"s3://{bucket}/p+q/"]):
            hotpass("bucket", *arguments, env={**env, "AWS_ENDPOINT_URL": endpoint, "AWS_SESSION_TOKEN": token})
    listener.close()
    assert {line.split()[0] for line in seen} >= {"HEAD", "PUT", "GET"}
    for request in seen:
        first, *lines = request.split("\r\n")
        method, target, _ = first.split()
        headers = dict(line.split(": ", 1) for line in lines)
        lower = {name.lower(): value for name, value in headers.items()}
        authorization = lower.pop("authorization")
        signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
        assert "UNSIGNED" not in lower["x-amz-content-sha256"]
        token = lower.pop("x-amz-security-token", None)
        wanted = {name: value for name, value in lower.items() if name in signed and name != "host"}
        again = botocore.awsrequest.AWSRequest(method, endpoint + target, headers=wanted)
        again.context["timestamp"] = lower["x-amz-date"]
        signer = botocore.auth.S3SigV4Auth(
            botocore.credentials.Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], token), "s3", env["AWS_REGION"])
        if token:
            again.headers["X-Amz-Security-Token"] = token
        text = signer.string_to_sign(again, signer.canonical_request(again))
        assert signer.signature(text, again) == authorization.split("Signature=")[1], request


# ---- what must not happen -----------------------------------------------------------------------------------


def test_evidence_is_not_overwritten_unasked(hotpass, boto, bucket, env, tmp_path):
    file = tree(tmp_path / "in", {"f": b"one"}) / "f"
    url = f"s3://{bucket}/f"
    assert answer(hotpass("bucket", "put", file, url, "--json", env=env))["objects"][0]["outcome"] == "stored"
    assert answer(hotpass("bucket", "put", file, url, "--json", env=env))["objects"][0]["outcome"] == "present"
    file.write_bytes(b"two")
    refused = hotpass("bucket", "put", file, url, env=env)
    assert refused.returncode == CANTCREAT and "--overwrite" in refused.stderr
    assert boto.get_object(Bucket=bucket, Key="f")["Body"].read() == b"one"
    told = answer(hotpass("bucket", "put", tmp_path / "in", f"s3://{bucket}/", "--json", env=env), PARTIAL)
    assert told["objects"][0]["outcome"] == "differs"
    assert answer(hotpass("bucket", "put", file, url, "--overwrite", "--json", env=env))["objects"][0]["outcome"] == "stored"
    assert boto.get_object(Bucket=bucket, Key="f")["Body"].read() == b"two"


def test_two_writers_at_once_leave_one_whole_object(hotpass, boto, bucket, env, tmp_path):
    files = [tree(tmp_path / str(i), {"f": noise(6 * MIB, i)}) / "f" for i in range(4)]
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda f: hotpass("bucket", "put", f, f"s3://{bucket}/f", "--part-size", "5M", env=env), files))
    won = [i for i, end in enumerate(ends) if end.returncode == OK]
    assert len(won) == 1 and {end.returncode for end in ends} == {OK, CANTCREAT}, [end.stderr for end in ends]
    assert boto.get_object(Bucket=bucket, Key="f")["Body"].read() == noise(6 * MIB, won[0])


def test_wrong_keys_are_told_in_words_without_the_secret(hotpass, bucket, env, tmp_path):
    file = tree(tmp_path / "in", {"f": b"one"}) / "f"
    for change, words in (({"AWS_SECRET_ACCESS_KEY": "Planted-Secret-Value"}, "secret access key does not belong"),
                          ({"AWS_ACCESS_KEY_ID": "nobody"}, "no such access key id")):
        for arguments in (["put", file, f"s3://{bucket}/f"], ["ls", f"s3://{bucket}/"]):
            refused = hotpass("bucket", *arguments, env={**env, **change})
            assert refused.returncode == NOPERM and words in refused.stderr, refused.stderr
            assert "AWS_ACCESS_KEY_ID" in refused.stderr and "Planted-Secret" not in refused.stderr + refused.stdout
    nobody = hotpass("bucket", "ls", "s3://no-such-bucket/", env=env)
    assert nobody.returncode == NOINPUT and "no such bucket" in nobody.stderr
    nothing = hotpass("bucket", "ls", f"s3://{bucket}/", env={**env, "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None})
    assert nothing.returncode == CONFIG and "AWS_PROFILE" in nothing.stderr
    none = hotpass("bucket", "get", f"s3://{bucket}/none", tmp_path / "o", env=env)
    assert none.returncode == NOINPUT and not (tmp_path / "o").exists()


def test_a_profile_file_has_keys_region_and_endpoint(hotpass, s3_server, bucket, env, tmp_path):
    tree(tmp_path / ".aws", {
        "credentials": f"[ops]\naws_access_key_id = {s3_server.access_key}\naws_secret_access_key = {s3_server.secret_key}\n".encode(),
        "config": f"[profile ops]\nregion = {s3_server.region}\nservices = here\n[services here]\ns3 =\n  endpoint_url = {s3_server.endpoint}\n"
        .encode()})
    quiet = {name: None for name in s3_server.client_env()}
    file = tree(tmp_path / "in", {"f": b"one"}) / "f"
    told = answer(hotpass("bucket", "put", file, f"s3://{bucket}/", "--json", env={**env, **quiet, "AWS_PROFILE": "ops"}))
    assert told["objects"][0]["outcome"] == "stored"
    wrong = hotpass("bucket", "put", file, f"s3://{bucket}/", env={**env, **quiet, "AWS_PROFILE": "nobody"})
    assert wrong.returncode == CONFIG and "nobody" in wrong.stderr


def test_keys_kept_by_hotpass_and_the_bucket_of_the_configuration(hotpass, s3_server, boto, bucket, env, tmp_path):
    mine = {**env, "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_ENDPOINT_URL": None}
    for name, value in (("aws.access_key_id", s3_server.access_key), ("aws.secret_access_key", s3_server.secret_key)):
        assert hotpass("credentials", "set", name, input=value, env=mine).returncode == OK
    (tmp_path / "hotpass.yaml").write_text(
        f"evidence:\n  bucket: s3://{bucket}/from-config\nstorage:\n  s3_endpoint: {s3_server.endpoint}\n")
    tree(tmp_path / "in", {"f": b"one"})
    told = answer(hotpass("bucket", "put", "in", "--json", cwd=tmp_path, env=mine))
    assert told["objects"][0]["url"] == f"s3://{bucket}/from-config/f"
    assert boto.get_object(Bucket=bucket, Key="from-config/f")["Body"].read() == b"one"


def test_keys_that_would_leave_the_directory_are_refused(hotpass, env, tmp_path):
    """versitygw has no such keys; a server that means harm has."""
    page = b"<ListBucketResult><Contents><Key>p/%s</Key><Size>1</Size></Contents></ListBucketResult>"

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = page % self.server.key if "list-type" in self.path else b"x"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mine = {**env, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}"}
        for server.key in (b"../../evil", b"/etc/evil", b"a/../../evil", b"."):
            refused = hotpass("bucket", "get", "s3://bucket/p/", tmp_path / "a/b/out", env=mine)
            assert refused.returncode == DATA and "no path of a file" in refused.stderr, refused.stderr
        server.key = b"<!DOCTYPE x [<!ENTITY a 'b'>]>"
        refused = hotpass("bucket", "get", "s3://bucket/p/", tmp_path / "a/b/out", env=mine)
        assert refused.returncode == DATA
        server.shutdown()
    assert not list(tmp_path.rglob("*evil*"))


# ---- retention, verifying -----------------------------------------------------------------------------------


def test_object_lock_keeps_what_is_stored(hotpass, boto, env, tmp_path):
    boto.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    tree(tmp_path / "in", {"small": b"one", "large": noise(11 * MIB)})
    until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)).date()
    told = answer(hotpass("bucket", "put", tmp_path / "in", "s3://locked/", "--retain-until", until, "--retain-mode", "compliance",
                          "--part-size", "5M", "--json", env=env))
    assert told["good"] == 2
    for key in ("small", "large"):
        kept = boto.get_object_retention(Bucket="locked", Key=key)["Retention"]
        assert kept["Mode"] == "COMPLIANCE"
        assert kept["RetainUntilDate"] == datetime.datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=datetime.timezone.utc)
        version = boto.head_object(Bucket="locked", Key=key)["VersionId"]
        with pytest.raises(boto.exceptions.ClientError):
            boto.delete_object(Bucket="locked", Key=key, VersionId=version)
    past = hotpass("bucket", "put", tmp_path / "in", "s3://locked/", "--retain-until", "2001-01-01", env=env)
    assert past.returncode == USAGE


def test_what_is_there_already_is_locked_too(hotpass, boto, bucket, env, tmp_path):
    boto.create_bucket(Bucket="locked-later", ObjectLockEnabledForBucket=True)
    file = tree(tmp_path / "in", {"f": b"one"}) / "f"
    today = datetime.datetime.now(datetime.timezone.utc).date()
    near, far = today + datetime.timedelta(days=2), today + datetime.timedelta(days=4)

    def put(*lock, url="s3://locked-later/f"):
        return hotpass("bucket", "put", file, url, *lock, "--json", env=env)

    answer(put())
    for mode, until, kept in (("governance", near, near), ("governance", far, far), ("governance", near, far)):  # locked; longer; no shorter
        assert answer(put("--retain-until", until, "--retain-mode", mode))["objects"][0]["outcome"] == "present"
        there = boto.get_object_retention(Bucket="locked-later", Key="f")["Retention"]
        assert there == {"Mode": mode.upper(), "RetainUntilDate": end_of(kept)}
    stricter = put("--retain-until", far, "--retain-mode", "compliance")  # this server does not change a mode: no success then
    assert stricter.returncode == NOPERM and "retention" in stricter.stderr
    answer(put(url=f"s3://{bucket}/f"))
    refused = hotpass("bucket", "put", file, f"s3://{bucket}/f", "--retain-until", far, env=env)
    assert refused.returncode == CONFIG and "object lock" in refused.stderr


def test_keys_that_nobody_could_get_are_not_put(hotpass, boto, bucket, env, tmp_path):
    file = tree(tmp_path / "in", {"f": b"one"}) / "f"
    nowhere = {**env, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    for key in ("a/../f", "./f", "../", "a//f", "/f"):
        for what in (file, tmp_path / "in"):
            refused = hotpass("bucket", "put", what, f"s3://{bucket}/{key}", env=nowhere)
            assert refused.returncode == USAGE and "no path of a file" in refused.stderr, (key, refused.stderr)


def test_one_bad_object_does_not_keep_the_others_back(hotpass, s3_server, bucket, env, tmp_path):
    folder, out = tree(tmp_path / "in", {"a": b"a", "b": b"before", "c": b"c", "d": b"d"}), tmp_path / "out"
    answer(hotpass("bucket", "put", folder, f"s3://{bucket}/e/", "--json", env=env))
    (s3_server.data / bucket / "e/b").write_bytes(b"behind")
    tree(out, {"c": b"of somebody else"})
    told = answer(hotpass("bucket", "get", f"s3://{bucket}/e/", out, "--json", env=env), PARTIAL)
    assert [line["outcome"] for line in told["objects"]] == ["fetched", "skipped", "skipped", "fetched"]
    assert "something else" in told["objects"][1]["why"] and "--overwrite" in told["objects"][2]["why"]
    assert sorted(p.name for p in out.iterdir()) == ["a", "c", "d"] and (out / "c").read_bytes() == b"of somebody else"


def test_nothing_is_got_through_a_link_below_the_target(hotpass, env, tmp_path):
    store, out, outside = tree(tmp_path / "store", {"sub/deep/f": b"f", "g": b"g"}), tmp_path / "out", tmp_path / "outside"
    outside.mkdir()
    out.mkdir()
    (out / "sub").symlink_to(outside)
    (tmp_path / "to").symlink_to(out)  # the target itself may be one: the user named it
    told = answer(hotpass("bucket", "get", f"file://{store}", tmp_path / "to", "--json", env=env), PARTIAL)
    assert [line["outcome"] for line in told["objects"]] == ["fetched", "skipped"] and "link" in told["objects"][1]["why"]
    assert not list(outside.iterdir()) and (out / "g").read_bytes() == b"g"
    inside = hotpass("bucket", "get", f"file://{store}", cwd=out, env=env)
    assert inside.returncode == PARTIAL and not list(outside.iterdir())


def test_a_directory_that_is_not_there_is_no_bucket(hotpass, env, tmp_path):
    missing = hotpass("bucket", "ls", f"file://{tmp_path}/none", env=env)
    assert missing.returncode == NOINPUT and "no such directory" in missing.stderr


def test_retention_needs_a_bucket_with_object_lock(hotpass, bucket, env, tmp_path):
    refused = hotpass("bucket", "put", tree(tmp_path / "in", {"f": b"x"}), f"s3://{bucket}/", "--retain-until", "2999-12-31", env=env)
    assert refused.returncode == CONFIG and "object lock" in refused.stderr


def test_verify_reads_back_and_finds_what_changed(hotpass, s3_server, boto, bucket, env, tmp_path):
    folder = tree(tmp_path / "in", {"same": b"same", "changed": b"before", "missing": b"m", "large": noise(11 * MIB)})
    assert hotpass("bucket", "put", folder, f"s3://{bucket}/e/", "--part-size", "5M", env=env).returncode == OK
    assert answer(hotpass("bucket", "verify", folder, f"s3://{bucket}/e/", "--json", env=env))["good"] == 4
    assert answer(hotpass("bucket", "verify", f"s3://{bucket}/e/", "--json", env=env))["good"] == 4
    (s3_server.data / bucket / "e/changed").write_bytes(b"behind")  # behind the back of the server
    with open(s3_server.data / bucket / "e/large", "r+b") as large:
        large.seek(7 * MIB)
        large.write(b"\0" * 10)
    boto.delete_object(Bucket=bucket, Key="e/missing")
    told = answer(hotpass("bucket", "verify", folder, f"s3://{bucket}/e/", "--json", env=env), FINDINGS)
    assert {line["url"].rsplit("/", 1)[1]: line["outcome"] for line in told["objects"]} == {
        "same": "same", "changed": "changed", "missing": "missing", "large": "changed"}
    told = answer(hotpass("bucket", "verify", f"s3://{bucket}/e/", "--json", env=env), FINDINGS)
    assert {line["url"].rsplit("/", 1)[1]: line["outcome"] for line in told["objects"]} == {
        "same": "same", "changed": "changed", "large": "changed"}
    fetched = hotpass("bucket", "get", f"s3://{bucket}/e/changed", tmp_path / "out", env=env)
    assert fetched.returncode != OK and not (tmp_path / "out").exists()


def test_a_dry_run_stores_nothing(hotpass, boto, bucket, env, tmp_path):
    folder = tree(tmp_path / "in", {"f": b"x"})
    told = answer(hotpass("bucket", "put", folder, f"s3://{bucket}/", "--dry-run", "--json", env=env))
    assert told["objects"][0]["outcome"] == "would-store" and "Contents" not in boto.list_objects_v2(Bucket=bucket)


# ---- large files, broken lines ------------------------------------------------------------------------------


def start(hotpass, *arguments, env):
    merged = {key: str(value) for key, value in {**os.environ, **env}.items() if value is not None}
    return subprocess.Popen([str(hotpass), *map(str, arguments)], env=merged, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def parts_there(boto, bucket):
    uploads = boto.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return [len(boto.list_parts(Bucket=bucket, Key=u["Key"], UploadId=u["UploadId"]).get("Parts", [])) for u in uploads]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_upload_that_was_cut_goes_on(hotpass, boto, bucket, env, tmp_path, s3_server, how):
    content = noise(40 * MIB)
    file = tree(tmp_path / "in", {"large": content}) / "large"
    with Still(s3_server.port, 22 * MIB) as proxy:
        arguments = ["bucket", "put", file, f"s3://{bucket}/", "--part-size", "5M"]
        child = start(hotpass, *arguments, env={**env, "AWS_ENDPOINT_URL": proxy.endpoint})
        end = time.monotonic() + 90
        while parts_there(boto, bucket) != [4]:
            assert child.poll() is None and time.monotonic() < end, child.communicate()
            time.sleep(0.05)
        child.send_signal(how)
        assert child.wait(10) == (130 if how == signal.SIGINT else -9)
        child.communicate()
        proxy.released.set()
    told = answer(hotpass(*arguments, "--json", env=env))["objects"][0]
    assert (told["outcome"], told["parts"], told["verified"]) == ("stored", 8, True)
    assert told["parts_reused"] in (4, 5)  # the fifth was on the line, and may have arrived whole
    assert boto.get_object(Bucket=bucket, Key="large")["Body"].read() == content
    assert parts_there(boto, bucket) == []


class Still(Line):
    """Stands still after so many bytes of clients: the program is caught in the middle for certain."""

    def __init__(self, port, after):
        self.sent, self.after, self.released = 0, after, threading.Event()
        super().__init__(port)

    def passed(self, count):
        self.sent += count
        if self.sent > self.after:
            self.released.wait(60)


def cut_after_two_parts(hotpass, boto, bucket, s3_server, arguments, env, how=signal.SIGKILL):
    """Has an upload in parts of 5M killed on its way; returns what the program said."""
    with Still(s3_server.port, 12 * MIB) as proxy:
        child = start(hotpass, *arguments, "--part-size", "5M", env={**env, "AWS_ENDPOINT_URL": proxy.endpoint})
        end = time.monotonic() + 90
        while parts_there(boto, bucket) != [2]:
            assert child.poll() is None and time.monotonic() < end, child.communicate()
            time.sleep(0.05)
        child.send_signal(how)
        child.wait(10)
        said = child.communicate()[1].decode()
        proxy.released.set()
    return said


def test_an_upload_of_what_the_file_was_before_is_not_gone_on_with(hotpass, boto, bucket, env, tmp_path, s3_server):
    """All parts that arrived are the same: only the note tells that the digest said at the beginning is another one."""
    before, now = noise(21 * MIB), noise(21 * MIB)[:-1] + b"!"
    file = tree(tmp_path / "in", {"t": before}) / "t"
    arguments = ["bucket", "put", file, f"s3://{bucket}/t"]
    cut_after_two_parts(hotpass, boto, bucket, s3_server, arguments, env)
    file.write_bytes(now)
    told = answer(hotpass(*arguments, "--part-size", "5M", "--json", env=env))["objects"][0]
    assert (told["outcome"], told["parts_reused"], told["verified"]) == ("stored", 0, True)
    assert boto.head_object(Bucket=bucket, Key="t")["Metadata"] == {"sha256": sha(now)}
    assert parts_there(boto, bucket) == []  # the old one is cleared away
    answer(hotpass("bucket", "verify", file, f"s3://{bucket}/t", "--json", env=env))
    answer(hotpass("bucket", "get", f"s3://{bucket}/t", tmp_path / "out", "--json", env=env))
    assert (tmp_path / "out").read_bytes() == now


def end_of(day):
    return datetime.datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=datetime.timezone.utc)


def test_an_upload_that_goes_on_is_locked_as_asked_now(hotpass, boto, env, tmp_path, s3_server):
    boto.create_bucket(Bucket="cut-locked", ObjectLockEnabledForBucket=True)
    file = tree(tmp_path / "in", {"t": noise(21 * MIB)}) / "t"
    today = datetime.datetime.now(datetime.timezone.utc).date()
    near, far = today + datetime.timedelta(days=2), today + datetime.timedelta(days=4)
    cases = (([], far, True), (["--retain-until", near], far, True), (["--retain-until", far], near, False))
    for key, (lock, then, reused) in enumerate(cases):
        arguments = ["bucket", "put", file, f"s3://cut-locked/{key}"]
        cut_after_two_parts(hotpass, boto, "cut-locked", s3_server, [*arguments, *lock], env)
        told = answer(hotpass(*arguments, "--retain-until", then, "--part-size", "5M", "--json", env=env))["objects"][0]
        assert (told["outcome"], told["parts_reused"] > 0) == ("stored", reused)
        kept = boto.get_object_retention(Bucket="cut-locked", Key=str(key))["Retention"]
        assert kept["RetainUntilDate"] == end_of(then)  # neither less nor more than was asked for


def test_ctrl_c_says_how_to_go_on(hotpass, boto, bucket, env, tmp_path, s3_server):
    file = tree(tmp_path / "in", {"t": noise(21 * MIB)}) / "t"
    said = cut_after_two_parts(hotpass, boto, bucket, s3_server, ["bucket", "put", file, f"s3://{bucket}/t"], env, signal.SIGINT)
    assert said == "hotpass: interrupted; the same command goes on where it was\n"


def test_parts_of_another_content_are_not_used(hotpass, boto, bucket, env, tmp_path):
    upload = boto.create_multipart_upload(Bucket=bucket, Key="large", ChecksumAlgorithm="SHA256")["UploadId"]
    boto.upload_part(Bucket=bucket, Key="large", UploadId=upload, PartNumber=1, Body=noise(5 * MIB, 7), ChecksumAlgorithm="SHA256")
    file = tree(tmp_path / "in", {"large": noise(11 * MIB, 8)}) / "large"
    told = answer(hotpass("bucket", "put", file, f"s3://{bucket}/", "--part-size", "5M", "--json", env=env))["objects"][0]
    assert told["parts_reused"] == 0 and boto.get_object(Bucket=bucket, Key="large")["Body"].read() == noise(11 * MIB, 8)


def test_everything_arrives_over_a_line_that_breaks(hotpass, boto, bucket, env, tmp_path, s3_server):
    contents = {f"f{i:02}": noise(60_000, i) for i in range(40)} | {"large": noise(30 * MIB)}
    folder = tree(tmp_path / "in", contents)
    dice = random.Random(4)
    # One connection carries many requests, so every one is broken at some time; small and large breaks mixed.
    cut = lambda n: int(dice.choice([700, 40_000, 250_000, 9 * MIB, 14 * MIB])) if n % 2 else 15 * MIB  # noqa: E731
    with Line(s3_server.port, cut) as proxy:
        mine = {**env, "AWS_ENDPOINT_URL": proxy.endpoint}
        told = answer(hotpass("bucket", "put", folder, f"s3://{bucket}/", "--part-size", "5M", "--json", env=mine, timeout=300))
        assert told["good"] == len(contents) and {line["outcome"] for line in told["objects"]} == {"stored"}
        assert proxy.broken >= 3
        before = proxy.broken
        answer(hotpass("bucket", "get", f"s3://{bucket}/", tmp_path / "out", "--json", env=mine, timeout=300))
        assert proxy.broken > before
    for key, content in contents.items():
        assert (tmp_path / "out" / key).read_bytes() == content
        assert boto.get_object(Bucket=bucket, Key=key)["Body"].read() == content


def test_an_object_is_got_over_many_connections(hotpass, boto, bucket, env, tmp_path, s3_server):
    """More of them than a request has attempts: each brings it further."""
    boto.put_object(Bucket=bucket, Key="large", Body=noise(40 * MIB))
    with Line(s3_server.port, lambda n: 4 * MIB) as line:
        got = hotpass("bucket", "get", f"s3://{bucket}/large", tmp_path / "got", env={**env, "AWS_ENDPOINT_URL": line.endpoint})
    assert (got.returncode, got.stderr) == (OK, "") and line.broken >= 9
    assert (tmp_path / "got").read_bytes() == noise(40 * MIB)


def test_a_server_that_is_away_ends_in_an_error_that_says_how_to_go_on(hotpass, env, tmp_path):
    refused = hotpass("bucket", "put", tree(tmp_path / "in", {"f": b"x"}), "s3://bucket/",
                      env={**env, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, timeout=90)
    assert refused.returncode == UNAVAILABLE and "no connection" in refused.stderr


# ---- directories --------------------------------------------------------------------------------------------


def test_a_directory_is_a_bucket_too(hotpass, env, tmp_path):
    contents = {key: noise(100 + i, i) for i, key in enumerate(ODD_KEYS)} | {"back\\slash": b"b", "new\nline": b"n"}
    folder, store = tree(tmp_path / "in", contents), tmp_path / "evidence"
    (folder / "link").symlink_to("plain.txt")
    told = answer(hotpass("bucket", "put", folder, f"file://{store}", "--json", env=env), PARTIAL)
    assert (told["good"], told["bad"]) == (len(contents), 1)
    for key, content in contents.items():
        assert (store / key).read_bytes() == content
    # coreutils are the judge of what was recorded
    checked = subprocess.run("find .sha256 -type f -exec cat {} + | sha256sum --strict -c", shell=True, cwd=store, capture_output=True)
    assert checked.returncode == 0 and len(checked.stdout.splitlines()) == len(contents), checked
    assert answer(hotpass("bucket", "verify", folder, f"file://{store}", "--json", env=env))["good"] == len(contents)
    assert answer(hotpass("bucket", "ls", f"file://{store}", "--json", env=env))["count"] == len(contents)
    answer(hotpass("bucket", "get", f"file://{store}", tmp_path / "out", "--json", env=env))
    for key, content in contents.items():
        assert (tmp_path / "out" / key).read_bytes() == content
    (folder / "link").unlink()
    again = answer(hotpass("bucket", "put", folder, f"file://{store}", "--json", env=env))
    assert {line["outcome"] for line in again["objects"]} == {"present"}
    (store / "plain.txt").write_bytes(b"tampered with")
    assert answer(hotpass("bucket", "verify", f"file://{store}", "--json", env=env), FINDINGS)["bad"] == 1
    refused = hotpass("bucket", "put", folder / "plain.txt", f"file://{store}", env=env)
    assert refused.returncode == CANTCREAT and (store / "plain.txt").read_bytes() == b"tampered with"


def test_a_retention_holds_in_a_directory_as_far_as_it_can(hotpass, env, tmp_path):
    file, store = tree(tmp_path / "in", {"f": b"one"}) / "f", f"file://{tmp_path}/evidence"
    assert hotpass("bucket", "put", file, store, "--retain-until", "2999-12-31", env=env).returncode == OK
    assert (tmp_path / "evidence/f").stat().st_mode & 0o777 == 0o444
    weaker = hotpass("bucket", "put", file, store, "--retain-until", "2998-12-31", "--retain-mode", "compliance", env=env)
    assert weaker.returncode == NOPERM and "weaken" in weaker.stderr
    file.write_bytes(b"two")
    refused = hotpass("bucket", "put", file, store, "--overwrite", env=env)
    assert refused.returncode == NOPERM and "2999-12-31T23:59:59Z" in refused.stderr
    later = tree(tmp_path / "in", {"g": b"g"}) / "g"
    assert hotpass("bucket", "put", later, store, env=env).returncode == OK
    assert hotpass("bucket", "put", later, store, "--retain-until", "2999-12-31", env=env).returncode == OK
    assert (tmp_path / "evidence/g").stat().st_mode & 0o777 == 0o444
    later.write_bytes(b"two")
    assert hotpass("bucket", "put", later, store, "--overwrite", env=env).returncode == NOPERM
    assert (tmp_path / "evidence/f").read_bytes() == b"one"


def test_without_a_configuration_evidence_goes_below_dist(hotpass, env, tmp_path):
    tree(tmp_path / "in", {"f": b"one"})
    told = answer(hotpass("bucket", "put", "in/f", "--json", cwd=tmp_path, env=env))
    assert told["objects"][0]["url"] == "file://dist/evidence/f" and (tmp_path / "dist/evidence/f").read_bytes() == b"one"
    wrong = hotpass("bucket", "ls", "ftp://host/x", env=env)
    assert wrong.returncode == USAGE and "s3://" in wrong.stderr
