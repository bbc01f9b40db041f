"""hotpass aws whoami, by itself and through the real aws program (PyPI's awscli), against a receiver of its requests on loopback that answers as the Security
Token Service and EKS do, and looks at their signatures with botocore. The real services cannot be had here."""
import http.server
import json
import os
import subprocess
import threading

import pytest

from services import ROOT

OK, USAGE, NOINPUT, UNAVAILABLE, NOPERM = 0, 2, 66, 69, 77
AWS = ROOT / "build/aws/bin"
ID, SECRET = "AKIDEXAMPLE", "canary-aws-4b1d"
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/ops/invented</Arn><UserId>AROAEXAMPLE:invented</UserId><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></GetCallerIdentityResponse>"""
REFUSED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{}</Code>
<Message>no</Message></Error><RequestId>0</RequestId></ErrorResponse>"""
CLUSTER = {"cluster": {"name": "blue", "status": "ACTIVE", "endpoint": "https://eks.example", "arn": "arn:aws:eks:eu-west-1:123456789012:cluster/blue",
                       "certificateAuthority": {"data": "eA=="}}}
# Signs again what came, and prints whether the signature is the same.
AGAIN = """
import json, sys
from awscli.botocore.auth import SigV4Auth
from awscli.botocore.awsrequest import AWSRequest
from awscli.botocore.credentials import Credentials
seen = json.load(sys.stdin)
auth = seen["headers"]["authorization"]
scope = auth.split("Credential=")[1].split(",")[0].split("/")
signed = auth.split("SignedHeaders=")[1].split(",")[0].split(";")
request = AWSRequest(seen["method"], seen["url"], {k: v for k, v in seen["headers"].items() if k in signed}, seen["body"].encode())
request.context["timestamp"] = seen["headers"]["x-amz-date"]
signer = SigV4Auth(Credentials(scope[0], sys.argv[1]), scope[3], scope[2])
ours = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
print(ours == auth.split("Signature=")[1])
"""


class Cloud:
    """Answers what STS and EKS are asked; `seen` has the requests."""

    def __init__(self):
        self.seen, self.refuse = [], None
        cloud = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                headers = {k.lower(): v for k, v in self.headers.items()}
                cloud.seen.append({"method": self.command, "url": f"http://{headers['host']}{self.path}", "headers": headers, "body": body})
                status, text, kind = 200, IDENTITY, "text/xml"
                if self.path.startswith("/clusters/"):
                    text, kind = json.dumps(CLUSTER), "application/json"
                elif cloud.refuse:
                    status, text = 403, REFUSED.format(cloud.refuse)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def cloud():
    made = Cloud()
    yield made
    made.close()


@pytest.fixture
def run(hotpass, tmp_path, cloud):
    if not os.access(AWS / "aws", os.X_OK):
        pytest.fail("build/aws is missing: run scripts/setup check", pytrace=False)
    (tmp_path / "credentials").write_text(f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n[other]\n"
                                          f"aws_access_key_id = AKIDOTHER\naws_secret_access_key = {SECRET}\n")
    quiet = {name: None for name in os.environ if name.startswith(("HOTPASS_", "AWS_", "LOCALSTACK_")) and name != "HOTPASS_BIN"}
    env = {**quiet, "PATH": f"{AWS}:/usr/bin:/bin", "HOME": tmp_path, "AWS_SHARED_CREDENTIALS_FILE": tmp_path / "credentials", "AWS_ENDPOINT_URL": cloud.endpoint + "/",
           "AWS_DEFAULT_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "1", "XDG_CONFIG_HOME": tmp_path / "home"}

    def call(*args, code=OK, **more):
        result = hotpass("aws", "whoami", *args, cwd=tmp_path, env={**env, **more})
        assert result.returncode == code, result.stdout + result.stderr
        assert SECRET not in result.stdout + result.stderr
        assert all(SECRET not in p.read_text() for p in (tmp_path / ".hotpass").rglob("*"))
        return result
    return call


def test_whoami(run, cloud, tmp_path):
    result = json.loads(run("--json").stdout)
    assert result["schema"] == "hotpass.aws-whoami/1" and result["region"] == "eu-west-1" and result["profile"] is None
    assert result["identity"] == {"account": "123456789012", "arn": "arn:aws:sts::123456789012:assumed-role/ops/invented",
                                  "user_id": "AROAEXAMPLE:invented", "source": "hotpass"}
    assert json.loads((tmp_path / ".hotpass/aws.json").read_text())["identity"] == result["identity"]
    (seen,) = cloud.seen
    assert "Action=GetCallerIdentity" in seen["body"] and f"Credential={ID}/" in seen["headers"]["authorization"]
    again = subprocess.run([AWS / "python", "-c", AGAIN, SECRET], input=json.dumps(seen), capture_output=True, text=True)
    assert again.stdout == "True\n", again.stderr
    # A profile is the business of the aws program.
    said = run("--aws-profile", "other").stdout
    assert "account\t123456789012" in said and "source\taws-cli" in said
    assert "Credential=AKIDOTHER/" in cloud.seen[-1]["headers"]["authorization"]


def test_keys_that_hotpass_keeps(run, hotpass, cloud, tmp_path):
    """Without the aws program; a session token is sent, and signed."""
    env = {"XDG_CONFIG_HOME": tmp_path / "home"}
    for name, value in ("access_key_id", "AKIDKEPT"), ("secret_access_key", SECRET), ("session_token", "canary-token"):
        assert hotpass("credentials", "set", f"aws.{name}", cwd=tmp_path, env=env, input=value).returncode == OK
    run(AWS_SHARED_CREDENTIALS_FILE=None, PATH="/nowhere")
    (seen,) = cloud.seen
    assert "Credential=AKIDKEPT/" in seen["headers"]["authorization"] and seen["headers"]["x-amz-security-token"] == "canary-token"
    assert "x-amz-security-token" in seen["headers"]["authorization"]
    again = subprocess.run([AWS / "python", "-c", AGAIN, SECRET], input=json.dumps(seen), capture_output=True, text=True)
    assert again.stdout == "True\n", again.stderr


def test_a_cluster(run, cloud, tmp_path):
    result = json.loads(run("--eks-cluster", "blue", "--verify-kubeconfig", "--kube-context", "b", "--kubeconfig", tmp_path / "kube", "--json").stdout)
    assert result["cluster"] == {"name": "blue", "status": "ACTIVE", "endpoint": "https://eks.example"}
    assert "server: https://eks.example" in (tmp_path / "kube").read_text() and "name: b" in (tmp_path / "kube").read_text()
    run("--verify-kubeconfig", code=USAGE)


def test_refusals_and_absences(run, cloud, tmp_path):
    for code in ("InvalidClientTokenId", "ExpiredToken", "AccessDenied"):
        cloud.refuse = code
        assert code in run(code=NOPERM).stderr
    assert "AccessDenied" in run("--aws-profile", "default", code=NOPERM).stderr
    (tmp_path / "empty").touch()
    assert "credentials" in run(code=NOPERM, AWS_SHARED_CREDENTIALS_FILE=tmp_path / "empty", AWS_EC2_METADATA_DISABLED="true").stderr
    run(code=NOPERM, AWS_PROFILE="absent")
    run(code=UNAVAILABLE, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    run("--aws-profile", "default", code=UNAVAILABLE, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "aws is not on PATH" in run("--aws-profile", "default", code=NOINPUT, PATH="/nowhere").stderr
    assert not (tmp_path / ".hotpass/aws.json").exists()


def test_a_dry_run(run, cloud, tmp_path):
    said = run("--dry-run", "--aws-profile", "ops", "--eks-cluster", "blue").stdout.splitlines()
    assert said == [f"aws --profile ops --region eu-west-1 --endpoint-url {cloud.endpoint} sts get-caller-identity --output json",
                    f"aws --profile ops --region eu-west-1 --endpoint-url {cloud.endpoint} eks describe-cluster --name blue --output json"]
    assert cloud.seen == [] and not (tmp_path / ".hotpass").exists()
    run("--aws-profile=-x", code=USAGE)
