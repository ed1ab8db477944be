"""Logs in by a certified provider of OpenID Connect, as a browser does: code flow, PKCE, consent.

Usage: oidc.py ASSAY FOLDER   where FOLDER is what install.sh printed. Each client of the provider
has another algorithm for its ID tokens and another way to show its secret.
"""

import html
import http.cookiejar
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from run import line, running

HERE = Path(__file__).parent
USER = "ada@example.org"
# Name, the line that shows the secret, the algorithm.
CLIENTS = [
    ("rs", 'client_secret = "a secret: +/%"', "RS256"),
    ("es", 'client_secret = "a secret: +/%"\nclient_authentication = "post"', "ES256"),
    ("ed", "", "EdDSA"),
]


class Browser(urllib.request.HTTPRedirectHandler):
    """Keeps cookies, follows redirects, and remembers where it was led."""

    def __init__(self):
        self.led, self.jar = [], http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        no_proxy = urllib.request.ProxyHandler({})
        self.opener = urllib.request.build_opener(no_proxy, cookies, self)

    def redirect_request(self, request, *rest):
        new = super().redirect_request(request, *rest)
        self.led.append(new.full_url)
        return new

    def visit(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self.opener.open(url, data, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, url, error.read().decode()

    def submit(self, url, page, **values):
        """Sends the form of a page."""
        action = html.unescape(re.search(r'<form[^>]* action="([^"]*)"', page)[1])
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)"', page))
        return self.visit(urllib.parse.urljoin(url, action), {**form, **values})


def main():
    assay, folder = sys.argv[1], Path(sys.argv[2])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        shutil.copy(HERE / "provider.mjs", work)
        (work / "node_modules").symlink_to(folder / "node_modules")
        with running([folder / "python/bin/node", work / "provider.mjs", home],
                     work / "provider.log") as provider:
            issuer = line(provider).strip()
            (work / "assay.toml").write_text(configuration(home, issuer))
            place = ["--data-dir", work / "data", "--config", work / "assay.toml"]
            subprocess.run([assay, "keys", "create", "--bootstrap", USER, *place],
                           check=True, capture_output=True)
            with running([assay, "serve", "--port", str(port), *place], work / "log") as server:
                if home not in line(server):
                    sys.exit(f"Assay did not start:\n{(work / 'log').read_text()}")
                for name, _, algorithm in CLIENTS:
                    log_in(home, name)
                    print(f"ok  {algorithm}")
                refuse(home)
                print("ok  refusals")


def configuration(home, issuer):
    # What this asks in a second is not what a browser does.
    text = ('[server.rates]\nclient_per_minute = 0\n'
            f'[auth]\nmode = "required"\npublic_url = "{home}"\n')
    for name, secret, algorithm in CLIENTS:
        text += (f'[[auth.oidc]]\nname = "{name}"\nissuer = "{issuer}"\n'
                 f'client_id = "assay-{name}"\n{secret}\nalgorithms = ["{algorithm}"]\n'
                 'user_claim = "email"\n')
    return text


def sign_in(home, name, user):
    """Goes through the provider's pages; the browser, and what it is shown at the end."""
    browser = Browser()
    status, url, page = browser.visit(f"{home}/v1/login/oidc/{name}?return_to=/docs")
    expect(status == 200 and "password" in page, (status, url, page))
    status, url, page = browser.submit(url, page, login=user, password="any")
    if status == 200 and "consent" in page:
        status, url, page = browser.submit(url, page)
    return browser, (status, url, page)


def log_in(home, name):
    browser, (status, url, page) = sign_in(home, name, "ada")
    expect(status == 200 and url == f"{home}/docs", (status, url, page))
    status, _, me = browser.visit(f"{home}/v1/me")
    expect(status == 200 and json.loads(me)["role"] == "owner", me)
    # The same answer of the provider is good for nothing a second time.
    [back] = [url for url in browser.led if "/callback?" in url]
    status, _, said = browser.visit(back)
    expect(status == 401, said)
    status, url, page = browser.visit(f"{home}/v1/login/oidc/{name}/logout")
    expect(status == 200 and "/session/end" in url, (status, url, page))


def refuse(home):
    for user, part in [("eve", "there is no user"), ("unverified", "has not verified")]:
        _, (status, _, said) = sign_in(home, "rs", user)
        expect(status == 403 and part in said, said)


def expect(holds, shown):
    if not holds:
        sys.exit(f"not as it should be: {shown}")


if __name__ == "__main__":
    main()
