"""The server of the comparison: Debian's nginx with one worker, its own certificate authority, on loopback only."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ANSWER_SIZE = 2157
CLUSTER = "0a8ab1c5-7d4e-4c39-b1a0-5e2f6c9d8e71"

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    server_tokens off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_protocols TLSv1.3;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    keepalive_timeout 1h;
    keepalive_time 24h;
    map $connection_requests $is_first {{ 1 1; default 0; }}
    log_format resumption "$ssl_session_reused";
    server {{
        listen 127.0.0.1:{steady} ssl backlog=4096;
        keepalive_requests 1000000000;
        {location}
    }}
    server {{
        listen 127.0.0.1:{brief} ssl backlog=4096;
        keepalive_requests 10;
        access_log {folder}/resumption.log resumption if=$is_first;
        {location}
    }}
}}
"""

LOCATION = """
        location ~ ^/v2/kubernetes/clusters/(?<id>[0-9a-f-]+)/kubeconfig$ {{
            default_type application/yaml;
            add_header ratelimit-limit 5000;
            add_header ratelimit-remaining 4987;
            add_header ratelimit-reset {reset};
            add_header x-request-id $request_id;
            return 200 '{body}';
        }}
"""

KUBECONFIG = """apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: {filler}
    server: https://{id}.k8s.ondigitalocean.com
  name: do-fra1-bench
contexts:
- context:
    cluster: do-fra1-bench
    user: do-fra1-bench-admin
  name: do-fra1-bench
current-context: do-fra1-bench
preferences: {{}}
users:
- name: do-fra1-bench-admin
  user:
    token: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"""


def kubeconfig_for_any():
    """The body with nginx's variable for the id; as long as it must be once a UUID stands there."""
    room = ANSWER_SIZE - len(KUBECONFIG.format(filler="", id="x" * 36))
    return KUBECONFIG.format(filler=("QUJD" * room)[:room], id="$id")


def make_certificates(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench authority")
    openssl("req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=bench")
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "server.ext", "-out", "server.pem")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Runs for as long as the `with` block; `steady` keeps its connections, `brief` closes them after ten requests."""

    def __init__(self, folder, core):
        self.folder = pathlib.Path(folder)
        self.core = core
        self.steady, self.brief = free_port(), free_port()
        self.ca = self.folder / "ca.pem"
        self.path = f"/v2/kubernetes/clusters/{CLUSTER}/kubeconfig?type=token"

    def __enter__(self):
        make_certificates(self.folder)
        location = LOCATION.format(reset=int(time.time()) + 600, body=kubeconfig_for_any())
        conf = self.folder / "nginx.conf"
        conf.write_text(CONFIGURATION.format(folder=self.folder, steady=self.steady, brief=self.brief, location=location))
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None:
            raise SystemExit("nginx is not installed")
        pinned = ["taskset", "-c", str(self.core)] if self.core is not None else []
        self.process = subprocess.Popen([*pinned, program, "-c", str(conf), "-p", str(self.folder)], start_new_session=True,
                                        stdin=subprocess.DEVNULL, stderr=open(self.folder / "stderr.log", "wb"))
        self.wait_until_ready()
        return self

    def wait_until_ready(self):
        for _ in range(100):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.brief), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise SystemExit("nginx did not start: " + (self.folder / "stderr.log").read_text())

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def sessions(self):
        """Of the connections to `brief` so far, in their order: whether each resumed a session."""
        log = self.folder / "resumption.log"
        return [line == "r" for line in log.read_text().split("\n")[:-1]] if log.exists() else []
